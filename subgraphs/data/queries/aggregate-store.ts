// Computes figures about documents in the database: one row for each group.
import { Prisma } from '../../../generated/prisma/client.ts';
import type { TimeBucket } from '../../../generated/resolvers/data.ts';
import type { SlowReads } from '../../../platform/database/query-gate.ts';
import type { Json } from '../json/plain-json.ts';
import type { Grouping, Measure } from './aggregate-input.ts';
import { documentColumns } from './document-columns.ts';
import type { SelectedDocuments } from './list-store.ts';
import { selectedSql } from './list-store.ts';
import { fieldSql, jsonAt, typedValue } from './typed-value-sql.ts';

type Sql = Prisma.Sql;

export interface Aggregation extends SelectedDocuments {
  readonly groupings: readonly Grouping[];
  readonly measures: readonly Measure[];
  readonly most: number;
}

export interface AggregateGroup {
  readonly keys: Json[];
  readonly count: number;
  readonly values: Json[];
}

/** Groups in the order of their keys, what has none last. */
export function aggregateRows(reads: SlowReads, aggregation: Aggregation): Promise<AggregateGroup[]> {
  const { groupings, measures, most } = aggregation;
  const keys = groupings.map((_, index) => Prisma.raw(`g.k${index}`));
  const figures = measures.map((_, index) => Prisma.raw(`g.m${index}`));
  const grouped = groupings.map((_, index) => Prisma.raw(`k${index}`));
  const order = grouped.length === 0 ? Prisma.empty : Prisma.sql`ORDER BY ${Prisma.join(grouped)}`;
  return reads.$queryRaw<AggregateGroup[]>(Prisma.sql`
    SELECT ${list(groupings.map((grouping, index) => shownKey(grouping, keys[index] as Sql)))} AS keys, g.count,
      ${list(figures)} AS values
    FROM (
      SELECT ${Prisma.join([...grouped, Prisma.sql`count(*)::int AS count`, ...measures.map(figureSql)])}
      FROM (${documentsSql(aggregation)}) AS r
      ${grouped.length === 0 ? Prisma.empty : Prisma.sql`GROUP BY ${Prisma.join(grouped)}`}
      ${order} LIMIT ${most}
    ) AS g ${order}`);
}

/** A row for each document, or for each of its values where it is put together by a list. */
function documentsSql({ groupings, measures, ...selection }: Aggregation): Sql {
  const columns = [
    Prisma.sql`d.id`,
    ...groupings.map((grouping, index) => Prisma.sql`${keySql(grouping, index)} AS ${Prisma.raw(`k${index}`)}`),
    ...measures.map((measure, index) => Prisma.sql`${measuredSql(measure)} AS ${Prisma.raw(`v${index}`)}`),
  ];
  const expansions = groupings.map((grouping, index) => expansionSql(grouping, index));
  return Prisma.sql`SELECT ${Prisma.join(columns)} FROM data.documents d ${Prisma.join(expansions.length === 0 ? [Prisma.empty] : expansions, ' ')}
    WHERE ${selectedSql(selection)}`;
}

/** The different values of a list; one row without a value for an empty one. */
function expansionSql({ field }: Grouping, index: number): Sql {
  const items = Prisma.raw(`i${index}(item)`);
  if (field.kind === 'ids') {
    const column = Prisma.raw(documentColumns[field.column]);
    return Prisma.sql`LEFT JOIN LATERAL (SELECT DISTINCT unnest(${column}) AS item) AS ${items} ON TRUE`;
  }
  if (field.kind !== 'items') return Prisma.empty;
  const value = jsonAt(field.path);
  const item = typedValue(Prisma.raw('e.item'), field.type);
  return Prisma.sql`LEFT JOIN LATERAL (
    SELECT DISTINCT ${item} AS item FROM jsonb_array_elements(
      CASE jsonb_typeof(${value}) WHEN 'array' THEN ${value} ELSE '[]'::jsonb END) AS e(item)
    WHERE ${item} IS NOT NULL) AS ${items} ON TRUE`;
}

function keySql({ field, isMoment, bucket, timeZone }: Grouping, index: number): Sql {
  if (field.kind === 'nothing') return Prisma.sql`NULL::text`;
  if (field.kind !== 'single') return Prisma.raw(`i${index}.item`);
  const value = fieldSql(field.field);
  if (!isMoment) return value;
  const moment = field.field.kind === 'column' ? value : momentOf(value);
  return bucket === undefined ? moment : Prisma.sql`date_trunc(${units[bucket]}::text, ${moment}, ${timeZone}::text)`;
}

const units: Readonly<Record<TimeBucket, string>> = { HOUR: 'hour', DAY: 'day', WEEK: 'week', MONTH: 'month' };

function shownKey({ isMoment }: Grouping, key: Sql): Sql {
  return isMoment ? momentText(key) : key;
}

function measuredSql(measure: Measure): Sql {
  switch (measure.kind) {
    case 'nothing':
      return Prisma.sql`NULL::numeric`;
    case 'json':
      return jsonAt(measure.path);
    case 'typed':
      return typedValue(jsonAt(measure.path), measure.type);
    case 'number':
      return typedValue(jsonAt(measure.path), 'number');
    case 'moment':
      return momentOf(typedValue(jsonAt(measure.path), 'string'));
    case 'column':
      return Prisma.raw(documentColumns[measure.column]);
  }
}

function figureSql({ function: name, kind }: Measure, index: number): Sql {
  const value = Prisma.raw(`r.v${index}`);
  const figure = Prisma.sql`${Prisma.raw(name.toLowerCase())}(${value})`;
  const shown =
    kind === 'moment' || kind === 'column' ? momentText(figure) : kind === 'number' ? numberSql(figure) : figure;
  return Prisma.sql`${shown} AS ${Prisma.raw(`m${index}`)}`;
}

/** As JSON: what no double holds comes as text, because clients would read it as infinite. */
function numberSql(figure: Sql): Sql {
  return Prisma.sql`CASE WHEN abs(${figure}) > 1.7976931348623157e308 THEN to_jsonb((${figure})::text)
    ELSE to_jsonb(${figure}) END`;
}

const momentShape = '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])T([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d\\.\\d{3}Z$';

/**
 * The moment that text in its stored form says; NULL for other text, which a field may hold that was declared otherwise
 * before. A cast would fail on the 31st of February; added up, nothing fails.
 */
function momentOf(text: Sql): Sql {
  const part = (from: number, length: number) => Prisma.raw(`, ${from}, ${length})::int`);
  const piece = (from: number, length: number) => Prisma.sql`substr(${text}${part(from, length)}`;
  return Prisma.sql`(CASE WHEN ${text} ~ ${momentShape}::text THEN (timestamp '2000-01-01' + make_interval(
    years => ${piece(1, 4)} - 2000, months => ${piece(6, 2)} - 1, days => ${piece(9, 2)} - 1,
    hours => ${piece(12, 2)}, mins => ${piece(15, 2)}, secs => ${piece(18, 2)} + ${piece(21, 3)} / 1000.0))
    AT TIME ZONE 'UTC' END)`;
}

function momentText(moment: Sql): Sql {
  return Prisma.sql`to_char(${moment} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

function list(values: readonly Sql[]): Sql {
  return values.length === 0 ? Prisma.sql`'[]'::jsonb` : Prisma.sql`jsonb_build_array(${Prisma.join(values)})`;
}
