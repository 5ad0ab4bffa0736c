// What figures are asked for: reads the groupings and measures of a client against what a schema declares.
import type { DocumentGroupBy, DocumentMeasure, TimeBucket } from '../../../generated/resolvers/data.ts';
import { invalidInput } from '../../../platform/errors.ts';
import { requireText } from '../../../platform/text.ts';
import type { DataPath } from '../json/data-path.ts';
import { splitPath } from '../json/data-path.ts';
import type { Properties, TypeConfiguration } from '../schemas/type-configuration.ts';
import { findQueryable } from './queryable-field.ts';
import type { MomentColumn, SingleField, SingleType } from './typed-value-sql.ts';
import { findSingleField, isMomentColumn, singleType } from './typed-value-sql.ts';

/** What documents have in common that are put together. `nothing`: a path that is not declared, so all are alike. */
export type GroupingField =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'single'; readonly field: SingleField }
  | { readonly kind: 'ids'; readonly column: 'userIds' | 'groupIds' }
  | { readonly kind: 'items'; readonly path: DataPath; readonly type: SingleType };

export interface Grouping {
  readonly field: GroupingField;
  /** The field holds moments. */
  readonly isMoment: boolean;
  readonly bucket: TimeBucket | undefined;
  readonly timeZone: string;
}

export type Measure =
  | { readonly function: DocumentMeasure['function']; readonly kind: 'nothing' }
  | { readonly function: 'COUNT'; readonly kind: 'json'; readonly path: DataPath }
  | { readonly function: 'COUNT'; readonly kind: 'typed'; readonly path: DataPath; readonly type: SingleType }
  | { readonly function: 'MIN' | 'MAX' | 'AVG' | 'SUM'; readonly kind: 'number'; readonly path: DataPath }
  | { readonly function: 'MIN' | 'MAX'; readonly kind: 'moment'; readonly path: DataPath }
  | { readonly function: 'MIN' | 'MAX'; readonly kind: 'column'; readonly column: MomentColumn };

const mostGroupings = 3;
const mostMeasures = 10;
const longestField = 500;
const columns = ['status', 'creatorId', 'userIds', 'groupIds', 'createdAt', 'updatedAt', 'statusChangedAt'];

export function readGroupings(given: readonly DocumentGroupBy[], properties: Properties): Grouping[] {
  if (given.length > mostGroupings) throw invalidInput('groupBy', `at most ${mostGroupings} are allowed.`);
  requireDifferentFields(given);
  const groupings = given.map(({ field: name, bucket, timeZone }, index) => {
    const path = `groupBy.${index}`;
    const found = findField(name, properties, `${path}.field`);
    const isMoment = isMomentColumn(name) || isMomentConfiguration(found);
    if (bucket && !isMoment && found !== undefined) throw invalidInput(`${path}.bucket`, 'is for moments.');
    requireTimeZone(timeZone, `${path}.timeZone`);
    const field = groupingField(name, { properties, found, path: `${path}.field` });
    return { field, isMoment, bucket: bucket ?? undefined, timeZone };
  });
  requireOneList(groupings);
  return groupings;
}

interface FoundField {
  readonly properties: Properties;
  readonly found: TypeConfiguration | 'column' | undefined;
  /** Names the field in a refusal. */
  readonly path: string;
}

function groupingField(name: string, { properties, found, path }: FoundField): GroupingField {
  if (name === 'userIds' || name === 'groupIds') return { kind: 'ids', column: name };
  const field = findSingleField(name, properties);
  if (field !== undefined) return { kind: 'single', field };
  if (found === undefined || found === 'column') return { kind: 'nothing' };
  const type = found.type === 'array' ? singleType(found.items) : undefined;
  if (type !== undefined) return { kind: 'items', path: dataPath(name), type };
  throw invalidInput(path, 'holds objects.');
}

function requireDifferentFields(given: readonly DocumentGroupBy[]): void {
  const fields = given.map(({ field }) => field);
  const again = fields.findIndex((field, index) => fields.indexOf(field) < index);
  if (again >= 0) throw invalidInput(`groupBy.${again}.field`, 'is there already.');
}

/** A document counts for each item of a list: for several lists its rows would be the product of their lengths. */
function requireOneList(groupings: readonly Grouping[]): void {
  const isList = ({ field }: Grouping) => field.kind === 'items' || field.kind === 'ids';
  const first = groupings.findIndex(isList);
  const second = groupings.findIndex((grouping, index) => index > first && isList(grouping));
  if (second >= 0) throw invalidInput(`groupBy.${second}.field`, 'is the second list; at most one is allowed.');
}

export function readMeasures(given: readonly DocumentMeasure[], properties: Properties): Measure[] {
  if (given.length > mostMeasures) throw invalidInput('measures', `at most ${mostMeasures} are allowed.`);
  return given.map((measure, index) => readMeasure(measure, properties, `measures.${index}.field`));
}

function readMeasure({ function: name, field }: DocumentMeasure, properties: Properties, path: string): Measure {
  const found = findField(field, properties, path);
  if (found === undefined) return { function: name, kind: 'nothing' };
  if (found === 'column') {
    if (isMomentColumn(field) && (name === 'MIN' || name === 'MAX'))
      return { function: name, kind: 'column', column: field };
    throw invalidInput(path, 'must be a path that begins with data., or for MIN and MAX a moment.');
  }
  const at = { path: dataPath(field) };
  if (name === 'COUNT') {
    const type = singleType(found);
    return type === undefined
      ? { function: name, kind: 'json', ...at }
      : { function: name, kind: 'typed', type, ...at };
  }
  if (found.type === 'number') return { function: name, kind: 'number', ...at };
  if (isMomentConfiguration(found) && (name === 'MIN' || name === 'MAX'))
    return { function: name, kind: 'moment', ...at };
  throw invalidInput(path, 'must be a number, or for MIN and MAX a moment.');
}

/** Undefined for a path that is not declared. */
function findField(name: string, properties: Properties, path: string): TypeConfiguration | 'column' | undefined {
  requireText(name, path, { most: longestField });
  if (!name.startsWith('data.')) {
    if (columns.includes(name)) return 'column';
    throw invalidInput(path, `must be one of ${columns.join(', ')}, or a path that begins with data.`);
  }
  return findQueryable({ type: 'object', properties }, dataPath(name), path);
}

function dataPath(name: string): DataPath {
  return splitPath(name).slice(1);
}

function isMomentConfiguration(found: TypeConfiguration | 'column' | undefined): boolean {
  return typeof found === 'object' && found.type === 'string' && found.format === 'date-time';
}

/** A name of the IANA database; offsets would mean the opposite to PostgreSQL. */
function requireTimeZone(name: string, path: string): void {
  const refusal = invalidInput(path, 'must be a name of the IANA time zone database, for example Europe/Brussels.');
  if (!/^[A-Za-z][\w+-]*(\/[\w+-]+){0,2}$/.test(name)) throw refusal;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
  } catch {
    throw refusal;
  }
}
