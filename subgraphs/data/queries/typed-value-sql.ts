// The value of a document's field as SQL of its declared type: the one place that knows how it is spelled. Queries
// spell it with bound parameters, indexes with literals; PostgreSQL takes both for the same expression, which is what
// makes it use the index. Another type than declared (schemas change, documents stay) is NULL, as what is absent.
import { Prisma } from '../../../generated/prisma/client.ts';
import type { DataPath } from '../json/data-path.ts';
import { isListIndex, splitPath } from '../json/data-path.ts';
import type { Properties, TypeConfiguration } from '../schemas/type-configuration.ts';
import { findConfiguration } from '../schemas/type-configuration.ts';
import { documentColumns } from './document-columns.ts';

type Sql = Prisma.Sql;

/** What a path is declared as when it is declared as one value. */
export type SingleType = 'string' | 'number' | 'boolean';

const momentColumns = ['createdAt', 'updatedAt', 'statusChangedAt'] as const;
export type MomentColumn = (typeof momentColumns)[number];
export type SingleColumn = 'id' | 'status' | 'creatorId' | MomentColumn;
const singleColumns: readonly string[] = ['id', 'status', 'creatorId', ...momentColumns];

/** A field of documents that holds one value: what lists are sorted by, and btree indexes are made of. */
export type SingleField =
  | { readonly kind: 'column'; readonly column: SingleColumn }
  | { readonly kind: 'data'; readonly path: DataPath; readonly type: SingleType };

export function singleType({ type }: TypeConfiguration): SingleType | undefined {
  return type === 'string' || type === 'number' || type === 'boolean' ? type : undefined;
}

/** The field of this name (`status`, `data.takenAt`), or undefined when it is unknown or does not hold one value. */
export function findSingleField(name: string, properties: Properties): SingleField | undefined {
  if (isSingleColumn(name)) return { kind: 'column', column: name };
  if (!name.startsWith('data.')) return undefined;
  const path = splitPath(name).slice(1);
  const found = findConfiguration({ type: 'object', properties }, path);
  const type = found && singleType(found.configuration);
  return type && { kind: 'data', path, type };
}

/** For queries on documents `d`. */
export function fieldSql(field: SingleField): Sql {
  if (field.kind === 'data') return typedValue(jsonAt(field.path), field.type);
  const column = Prisma.raw(documentColumns[field.column]);
  return field.column === 'status' ? collated(column) : column;
}

/** The same for CREATE INDEX on `data.documents`. */
export function fieldLiteral(field: SingleField): string {
  return literal(fieldSql(field));
}

export interface IndexKey {
  readonly field: SingleField;
  readonly descending: boolean;
}

/**
 * What stands between the parentheses of `CREATE INDEX … USING btree (…)`. The id at the end breaks ties as lists do.
 * Where NULL stands is left to PostgreSQL's defaults: lists read what is present and what is absent each for itself,
 * in that default order, so that an index serves them in either direction.
 */
export function indexColumns(keys: readonly IndexKey[]): string {
  const last = keys.at(-1)?.descending ? ' DESC' : '';
  const columns = keys.map(({ field, descending }) => `(${fieldLiteral(field)})${descending ? ' DESC' : ''}`);
  return [...columns, `id${last}`].join(', ');
}

/** The JSON at a path, for queries; NULL when nothing is there. Lists are indexed by it (GIN, `jsonb_path_ops`). */
export function jsonAt(path: DataPath, json: Sql = Prisma.raw(documentColumns.data)): Sql {
  const odd = path.findIndex((segment) => oddPlace.test(segment) && !isListIndex(segment));
  if (odd === -1) return path.length === 0 ? json : Prisma.sql`(${json} #> ${path}::text[])`;
  // `->` with text finds keys of objects, and nothing in lists.
  const key = Prisma.sql`(${jsonAt(path.slice(0, odd), json)} -> (${path.slice(odd, odd + 1)}::text[])[1])`;
  return jsonAt(path.slice(odd + 1), key);
}

/** What `#>` takes for a place in a list: `-1` is its last, `01` the one after the first. To `readAt` they are keys only. */
const oddPlace = /^\s*[+-]?\d+$/;

/** The same for CREATE INDEX. */
export function jsonLiteral(path: DataPath): string {
  return literal(jsonAt(path));
}

/** The JSON value as SQL of the type; NULL when it is of another. */
export function typedValue(json: Sql, type: SingleType): Sql {
  switch (type) {
    case 'string':
      return collated(textOf(json));
    case 'number':
      return Prisma.sql`(CASE WHEN jsonb_typeof(${json}) = 'number' THEN (${json} #>> '{}'::text[])::numeric END)`;
    case 'boolean':
      return Prisma.sql`(CASE WHEN jsonb_typeof(${json}) = 'boolean' THEN (${json} #>> '{}'::text[])::boolean END)`;
  }
}

const sqlTypes: Readonly<Record<SingleType, string>> = { string: 'text', number: 'numeric', boolean: 'boolean' };

/** A value to compare with one of the type, as a parameter. */
export function boundValue(value: string | number | boolean, type: SingleType): Sql {
  return Prisma.sql`${textForm(value)}::text::${Prisma.raw(sqlTypes[type])}`;
}

/** Several. */
export function boundValues(values: readonly (string | number | boolean)[], type: SingleType): Sql {
  return Prisma.sql`${values.map(textForm)}::text[]::${Prisma.raw(sqlTypes[type])}[]`;
}

function textForm(value: string | number | boolean): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Text in lower case, by a collation that every PostgreSQL has: its own may know the case of a to z only. */
export function foldedText(json: Sql): Sql {
  return folded(textOf(json));
}

/** The same for CREATE INDEX (GIN, `gin_trgm_ops`), of a path or of `status`. */
export function foldedTextLiteral(field: SingleField): string {
  return literal(field.kind === 'data' ? foldedText(jsonAt(field.path)) : folded(fieldSql(field)));
}

export function folded(text: Sql): Sql {
  return Prisma.sql`lower(${text} COLLATE "und-x-icu")`;
}

function textOf(json: Sql): Sql {
  return Prisma.sql`(CASE WHEN jsonb_typeof(${json}) = 'string' THEN ${json} #>> '{}'::text[] END)`;
}

/** Text sorts and compares by code points, everywhere alike. */
function collated(text: Sql): Sql {
  return Prisma.sql`(${text} COLLATE "C")`;
}

/** The same SQL with the paths that it binds written out, and without the table's alias, which CREATE INDEX has not. */
function literal({ strings, values }: Sql): string {
  const text = strings.map((string, index) =>
    index < values.length ? `${string}${arrayLiteral(values[index] as DataPath)}` : string,
  );
  return text.join('').replaceAll(/\bd\.(?=\w)/g, '');
}

function arrayLiteral(path: DataPath): string {
  const segments = path.map((segment) => `"${segment.replaceAll(/[\\"]/g, '\\$&')}"`);
  return `'{${segments.join(',').replaceAll("'", "''")}}'`;
}

export function isMomentColumn(name: string): name is MomentColumn {
  return momentColumns.some((column) => column === name);
}

function isSingleColumn(name: string): name is SingleColumn {
  return singleColumns.includes(name);
}
