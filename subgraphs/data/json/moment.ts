// Moments as text: any ISO 8601 form in, partial ones too; one form out, so that text order is time order.

const isoShape =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|z|[+-]\d{2}(?::?\d{2})?)?)?)?)?$/;

/**
 * The moment in UTC with milliseconds (`2012` is `2012-01-01T00:00:00.000Z`), or undefined when the text is not
 * ISO 8601 or the year is 0. Text without a zone is UTC.
 */
export function findMoment(text: string): string | undefined {
  const parts = isoShape.exec(text);
  if (parts === null) return undefined;
  const [, year, month = '01', day = '01', hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] =
    parts;
  if (Number(day) > daysIn(Number(year), Number(month)) || Number(hour) > 23) return undefined;
  const milliseconds = fraction.slice(0, 3).padEnd(3, '0');
  const offset = /^z$/i.test(zone)
    ? 'Z'
    : zone.replace(/^([+-]\d{2}):?(\d{2})?$/, (_, hours, rest) => `${hours}:${rest ?? '00'}`);
  const moment = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}${offset}`);
  // A zone may carry the first or last hours of four-digit years beyond them, where text order ends; and PostgreSQL has
  // no year 0.
  if (Number.isNaN(moment.getTime()) || !/^(?!0000)\d{4}-/.test(moment.toISOString())) return undefined;
  return moment.toISOString();
}

/** 0 for a month that there is not, so that no day fits. */
function daysIn(year: number, month: number): number {
  return month < 1 || month > 12 ? 0 : new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}
