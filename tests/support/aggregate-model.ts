// What figures about documents mean, computed plainly from the documents: what the SQL of aggregates is compared with.
// Follows schema/data.graphql (documentAggregate); knows of one schema, `filterProperties`.
import { order, read } from './filter-model.ts';

export interface ModelGrouping {
  readonly field: string;
  readonly bucket?: 'HOUR' | 'DAY' | 'WEEK' | 'MONTH';
  readonly timeZone?: string;
}

export interface ModelMeasure {
  readonly function: 'COUNT' | 'MIN' | 'MAX' | 'AVG' | 'SUM';
  readonly field: string;
}

export interface AggregatedDocument {
  readonly columns: Readonly<Record<string, unknown>>;
  readonly data: unknown;
}

export interface ModelGroup {
  readonly keys: readonly Value[];
  readonly count: number;
  readonly values: readonly Value[];
}

type Value = string | number | boolean | null;

const types: Readonly<Record<string, string>> = { n: 'number', nums: 'number', b: 'boolean' };
const lists = ['tags', 'nums', 'userIds', 'groupIds'];
const moments = ['data.at', 'createdAt', 'statusChangedAt'];

/** All groups, in the order of their keys. */
export function modelAggregate(
  documents: readonly AggregatedDocument[],
  groupings: readonly ModelGrouping[],
  measures: readonly ModelMeasure[],
): ModelGroup[] {
  const groups = new Map<string, { readonly keys: Value[]; readonly members: AggregatedDocument[] }>();
  if (groupings.length === 0) groups.set('[]', { keys: [], members: [] });
  for (const document of documents) {
    for (const keys of combinations(groupings.map((grouping) => keysOf(document, grouping)))) {
      const name = JSON.stringify(keys);
      const group = groups.get(name) ?? { keys, members: [] };
      group.members.push(document);
      groups.set(name, group);
    }
  }
  return [...groups.values()]
    .sort((one, other) => compareLists(one.keys, other.keys))
    .map(({ keys, members }) => ({
      keys,
      count: members.length,
      values: measures.map((measure) => measured(members, measure)),
    }));
}

/** The different values that a document is put together by; none is a value, too. */
function keysOf({ columns, data }: AggregatedDocument, { field, bucket, timeZone = 'UTC' }: ModelGrouping): Value[] {
  const name = field.replace(/^data\./, '');
  const value = name === field ? columns[field] : read(data, name.split('.'));
  if (lists.includes(name)) {
    const items = Array.isArray(value) ? value.filter((item) => typeof item === (types[name] ?? 'string')) : [];
    return items.length === 0 ? [null] : [...new Set(items as Value[])];
  }
  if (moments.includes(field)) {
    const moment = momentOf(value);
    return [moment === null ? null : bucket === undefined ? moment : beginOf(moment, bucket, timeZone)];
  }
  return [typeof value === (types[name] ?? 'string') ? (value as Value) : null];
}

function momentOf(value: unknown): string | null {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(value) ? value : null;
}

const hour = 3_600_000;

/** Where the stretch of time begins: by the clock on a wall of the time zone, shifted back until it says so. */
function beginOf(moment: string, bucket: string, timeZone: string): string {
  const at = Date.parse(moment);
  const wall = wallClock(at, timeZone);
  if (bucket === 'HOUR') return new Date(at - (wall % hour)).toISOString();
  const day = new Date(Math.floor(wall / (24 * hour)) * 24 * hour);
  if (bucket === 'WEEK') day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7));
  if (bucket === 'MONTH') day.setUTCDate(1);
  // Offsets are quarters of an hour from -12 to +14 hours; of two that fit, neither occurs at midnight in these zones.
  for (let offset = -14 * hour; offset <= 12 * hour; offset += hour / 4) {
    const begin = day.getTime() + offset;
    if (wallClock(begin, timeZone) === day.getTime()) return new Date(begin).toISOString();
  }
  throw new Error(`no such day in ${timeZone}`);
}

/** What clocks in the time zone show, as if it were UTC. */
function wallClock(at: number, timeZone: string): number {
  const parts = formatOf(timeZone).formatToParts(at);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
  const seconds = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return seconds + (((at % 1_000) + 1_000) % 1_000);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const numeric = 'numeric' as const;
  const fields = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric };
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en', { timeZone, hourCycle: 'h23', ...fields });
  formats.set(timeZone, format);
  return format;
}

function measured(members: readonly AggregatedDocument[], { function: name, field }: ModelMeasure): Value {
  const key = field.replace(/^data\./, '');
  const all = members.map(({ columns, data }) => (key === field ? columns[field] : read(data, key.split('.'))));
  if (name === 'COUNT') {
    const isThere = (value: unknown) =>
      lists.includes(key) ? value !== undefined : typeof value === (types[key] ?? 'string');
    return all.filter(isThere).length;
  }
  if (moments.includes(field)) {
    const known = all.flatMap((value) => momentOf(value) ?? []).sort();
    return known.at(name === 'MIN' ? 0 : -1) ?? null;
  }
  const numbers = all.filter((value): value is number => typeof value === 'number');
  if (numbers.length === 0) return null;
  const sum = numbers.reduce((total, value) => total + value, 0);
  return { MIN: Math.min(...numbers), MAX: Math.max(...numbers), SUM: sum, AVG: sum / numbers.length }[name];
}

/** One value of each list, in every way. */
function combinations(all: readonly (readonly Value[])[]): Value[][] {
  return all.reduce<Value[][]>(
    (found, values) => found.flatMap((keys) => values.map((value) => [...keys, value])),
    [[]],
  );
}

function compareLists(one: readonly Value[], other: readonly Value[]): number {
  for (const [index, key] of one.entries()) {
    const sign = compare(key, other[index] ?? null);
    if (sign !== 0) return sign;
  }
  return 0;
}

/** What has no value comes last. */
function compare(one: Value, other: Value): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  if (typeof one === 'boolean' || typeof other === 'boolean') return Number(one) - Number(other);
  return order(one, other);
}
