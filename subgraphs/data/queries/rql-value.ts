// Values in RQL: what text stands for, as it is or by its caster. Each is decoded once.
import { findMoment } from '../json/moment.ts';
import { RqlFault, shortened } from './rql-terms.ts';

/** A moment is its own type here: it equals no text, unless the schema says that the text is a moment. */
export type RqlValue = string | number | boolean | null | Date;

const caster = /^(string|number|boolean|date|isodate|epoch|re|RE|glob):/;

export function rqlValue(text: string): RqlValue {
  const [prefix = '', name] = caster.exec(text) ?? [];
  const value = decoded(text.slice(prefix.length));
  switch (name) {
    case undefined:
      return guessed(value);
    case 'string':
      return value;
    case 'number':
      return number(value);
    case 'boolean':
      if (value !== 'true' && value !== 'false') throw unfit(value, 'true or false');
      return value === 'true';
    case 'date':
    case 'isodate':
      return moment(value);
    case 'epoch':
      return epoch(number(value), value);
    default:
      throw new RqlFault(`the caster \`${name}\` is not supported.`);
  }
}

/** The text that `like` looks for, whatever else it might stand for. */
export function rqlText(text: string): string {
  return decoded(text.replace(/^string:/, ''));
}

function guessed(value: string): RqlValue {
  if (value === 'true' || value === 'false') return value === 'true';
  if (value === 'null') return null;
  const asNumber = Number(value);
  if (Number.isFinite(asNumber) && String(asNumber) === value) return asNumber;
  const asMoment = /^\d{4}-\d{2}-\d{2}/.test(value) ? findMoment(value) : undefined;
  return asMoment === undefined ? value : new Date(asMoment);
}

function number(value: string): number {
  const found = value.trim() === '' ? Number.NaN : Number(value);
  if (!Number.isFinite(found)) throw unfit(value, 'a number');
  return found;
}

function moment(value: string): Date {
  const found = findMoment(value);
  if (found === undefined) throw unfit(value, 'a moment in ISO 8601');
  return new Date(found);
}

/** Milliseconds since 1970. */
function epoch(milliseconds: number, value: string): Date {
  const found = new Date(milliseconds);
  // Beyond four-digit years the order of text is not that of time.
  if (Number.isNaN(found.getTime()) || !/^\d{4}-/.test(found.toISOString())) throw unfit(value, 'a moment');
  return found;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RqlFault(`\`${shortened(text)}\` is not percent-encoded as it should be.`);
  }
}

function unfit(value: string, wanted: string): RqlFault {
  return new RqlFault(`\`${shortened(value)}\` is not ${wanted}.`);
}
