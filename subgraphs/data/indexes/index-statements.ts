// The statements that make and remove PostgreSQL's own index for an index of a schema. CREATE INDEX takes no
// parameters: what stands in them are ids, names that the definition's shape lets through, and typed-value-sql.ts's literals.
import { splitPath } from '../json/data-path.ts';
import { companions } from '../queries/access-scans-sql.ts';
import { documentColumns } from '../queries/document-columns.ts';
import type { SingleColumn, SingleField, SingleType } from '../queries/typed-value-sql.ts';
import { fieldLiteral, foldedTextLiteral, indexColumns, jsonLiteral } from '../queries/typed-value-sql.ts';
import { mostIndexFields } from '../schemas/index-shape.ts';
import type { StoredIndex, StoredIndexField } from './store.ts';

/** What the names of all these indexes begin with. */
export const indexPrefix = 'documents_x_';

export function indexName(id: string): string {
  return `${indexPrefix}${id.replaceAll('-', '')}`;
}

/** The id of the index that has this name in PostgreSQL. */
export function indexIdOf(name: string): string {
  const hex = name.slice(indexPrefix.length).slice(0, 32);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export interface BuildOptions {
  /** Where the extension pg_trgm is; texts are indexed with its help. */
  readonly trigramSchema: string;
}

/** What is left of an attempt that was cut off goes first: PostgreSQL keeps it as an index that is not valid. */
export function buildStatements(index: StoredIndex, options: BuildOptions): readonly string[] {
  const unique = index.unique ? 'UNIQUE ' : '';
  return [
    ...dropStatements(index.id),
    `CREATE ${unique}INDEX CONCURRENTLY "${indexName(index.id)}" ON data.documents ` +
      `USING ${columnsOf(index, options)} WHERE ${rowsOf(index)}`,
    ...(isSorted(index) ? companions.map((companion) => companionStatement(index, companion)) : []),
    ...statisticsStatements(index),
  ];
}

/**
 * PostgreSQL learns nothing from a partial index about the values in it, and without knowing them it would seldom use
 * it for a range; so they are gathered beside it.
 */
function statisticsStatements({ id, fields }: StoredIndex): readonly string[] {
  const expressions = fields.filter((field) => field.as !== 'column' && !isIdList(field)).map(expressionOf);
  if (expressions.length === 0) return [];
  const create = expressions.map(
    (expression, place) =>
      `CREATE STATISTICS data."${statisticsName(id, place)}" ON (${expression}) FROM data.documents`,
  );
  return [...create, 'ANALYZE data.documents'];
}

function expressionOf(field: StoredIndexField): string {
  if (field.as === 'list') return jsonLiteral(pathOf(field));
  return field.type === 'text' ? foldedTextLiteral(singleField(field)) : fieldLiteral(singleField(field));
}

function statisticsName(id: string, place: number): string {
  return `${indexName(id)}_s${place}`;
}

export function dropStatements(id: string): readonly string[] {
  const names = [indexName(id), ...companions.map(({ suffix }) => `${indexName(id)}_${suffix}`)];
  const statistics = Array.from({ length: mostIndexFields }, (_, place) => statisticsName(id, place));
  return [
    ...names.map((name) => `DROP INDEX CONCURRENTLY IF EXISTS data."${name}"`),
    ...statistics.map((name) => `DROP STATISTICS IF EXISTS data."${name}"`),
  ];
}

/** The same index for those who see the documents of some groups only. */
function companionStatement(
  index: StoredIndex,
  { suffix, column: inFront, where }: (typeof companions)[number],
): string {
  const columns = [...(inFront === undefined ? [] : [inFront]), sortedColumns(index)].join(', ');
  return (
    `CREATE INDEX CONCURRENTLY "${indexName(index.id)}_${suffix}" ON data.documents ` +
    `USING btree (${columns}) WHERE ${rowsOf(index)} AND ${where}`
  );
}

function isSorted({ fields: [first] }: StoredIndex): boolean {
  return first !== undefined && first.type !== 'text' && first.as !== 'list' && !isIdList(first);
}

function sortedColumns({ fields }: StoredIndex): string {
  return indexColumns(fields.map((field) => ({ field: singleField(field), descending: field.type === 'desc' })));
}

function columnsOf(index: StoredIndex, { trigramSchema }: BuildOptions): string {
  const { fields, unique } = index;
  const [first] = fields;
  if (first?.type === 'text') {
    const operators = `"${trigramSchema.replaceAll('"', '""')}".gin_trgm_ops`;
    return `gin (${fields.map((field) => `(${foldedTextLiteral(singleField(field))}) ${operators}`).join(', ')})`;
  }
  if (first?.as === 'list') return `gin ((${jsonLiteral(pathOf(first))}) jsonb_path_ops)`;
  if (first !== undefined && isIdList(first)) return `gin (${column(first.name)})`;
  // Lists break ties by the id, but ids make every entry different.
  if (unique) return `btree (${fields.map((field) => `(${fieldLiteral(singleField(field))})`).join(', ')})`;
  return `btree (${sortedColumns(index)})`;
}

function rowsOf({ schemaId, sparse, fields: [first] }: StoredIndex): string {
  const ofSchema = `schema_id = '${schemaId}'::uuid`;
  if (!sparse || first === undefined || first.as === 'column') return ofSchema;
  const value = first.as === 'list' ? jsonLiteral(pathOf(first)) : fieldLiteral(singleField(first));
  return `${ofSchema} AND (${value}) IS NOT NULL`;
}

function singleField({ name, as }: StoredIndexField): SingleField {
  if (as === 'column') return { kind: 'column', column: name as SingleColumn };
  return { kind: 'data', path: pathOf({ name }), type: as as SingleType };
}

function pathOf({ name }: { readonly name: string }): readonly string[] {
  return splitPath(name).slice(1);
}

function isIdList({ name }: StoredIndexField): boolean {
  return name === 'userIds' || name === 'groupIds';
}

/** Without the alias that queries give the table. */
function column(name: string): string {
  return documentColumns[name as keyof typeof documentColumns].replace('d.', '');
}
