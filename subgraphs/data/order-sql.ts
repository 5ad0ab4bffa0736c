// An order of documents as SQL on documents `d`. A sort key becomes columns that are never null and sort in one
// direction, so a cursor is one comparison of rows, and reading from the back is the mirror of reading from the front.
import { Prisma } from '../../generated/prisma/client.ts';
import type { CursorKey, PageRequest } from '../../platform/paging/page.ts';
import { documentColumns } from './document-columns.ts';
import type { DocumentOrder } from './document-order.ts';

type Sql = Prisma.Sql;
type Key = CursorKey['key'];

interface KeyColumn {
  readonly expression: Sql;
  /** The same of a cursor's key. */
  readonly of: (key: Key) => Sql;
}

/** What keeps a list between its cursors; TRUE without any. */
export function betweenCursors({ after, before }: PageRequest, order: DocumentOrder): Sql {
  const [later, earlier] = order.ascending ? (['>', '<'] as const) : (['<', '>'] as const);
  const parts = [
    ...(after === undefined ? [] : [beyond(after, later, order)]),
    ...(before === undefined ? [] : [beyond(before, earlier, order)]),
  ];
  return parts.length === 0 ? Prisma.sql`TRUE` : Prisma.join(parts, ' AND ');
}

/** The list after ORDER BY, in the direction that the page is read in. */
export function readingOrder({ backward }: PageRequest, order: DocumentOrder): Sql {
  const direction = Prisma.raw(order.ascending === backward ? 'DESC' : 'ASC');
  return Prisma.join(
    [...keyColumns(order).map(({ expression }) => expression), Prisma.raw(documentColumns.id)].map(
      (expression) => Prisma.sql`${expression} ${direction}`,
    ),
  );
}

function beyond({ key, id }: CursorKey, operator: '<' | '>', order: DocumentOrder): Sql {
  const columns = keyColumns(order);
  const row = Prisma.join([...columns.map(({ expression }) => expression), Prisma.raw(documentColumns.id)]);
  const place = Prisma.join([...columns.map(({ of }) => of(key)), Prisma.sql`${id}::uuid`]);
  return Prisma.sql`(${row}) ${Prisma.raw(operator)} (${place})`;
}

function keyColumns({ by, ascending }: DocumentOrder): KeyColumn[] {
  if (by.kind === 'id') return [];
  if (by.kind === 'data') return dataColumns(Prisma.sql`(d.data #> ${by.path}::text[])`, ascending);
  const column = Prisma.raw(documentColumns[by.column]);
  if (by.kind === 'moment') return [{ expression: column, of: (key) => Prisma.sql`${key}::text::timestamptz` }];
  return [{ expression: Prisma.sql`${column} COLLATE "C"`, of: (key) => Prisma.sql`${key}::text` }];
}

/** Numbers, then text by code points, then false and true; what has no such value is last in both directions. */
const ranks = { number: 1, string: 2, boolean: 3 } as const;

function dataColumns(value: Sql, ascending: boolean): KeyColumn[] {
  const last = ascending ? 4 : 0;
  const rankOf = (key: Key) => (key === null ? last : ranks[typeof key as keyof typeof ranks]);
  const numberOf = (key: Key) => (typeof key === 'number' ? String(key) : key === true ? '1' : '0');
  return [
    {
      expression: Prisma.sql`CASE jsonb_typeof(${value})
        WHEN 'number' THEN ${Prisma.raw(`${ranks.number}`)} WHEN 'string' THEN ${Prisma.raw(`${ranks.string}`)}
        WHEN 'boolean' THEN ${Prisma.raw(`${ranks.boolean}`)} ELSE ${Prisma.raw(`${last}`)} END`,
      of: (key) => Prisma.raw(`${rankOf(key)}`),
    },
    {
      expression: Prisma.sql`CASE jsonb_typeof(${value})
        WHEN 'number' THEN (${value} #>> '{}')::numeric
        WHEN 'boolean' THEN CASE WHEN ${value} = 'true'::jsonb THEN 1 ELSE 0 END ELSE 0 END`,
      of: (key) => Prisma.sql`${numberOf(key)}::text::numeric`,
    },
    {
      expression: Prisma.sql`(CASE jsonb_typeof(${value}) WHEN 'string' THEN ${value} #>> '{}' ELSE '' END) COLLATE "C"`,
      of: (key) => Prisma.sql`${typeof key === 'string' ? key : ''}::text`,
    },
  ];
}
