// A list read through Prisma: what limits it and how it is sorted goes in, a keyset page comes out.
import type { Where } from '../access/condition-where.ts';
import type { Connection, PageArguments } from './page.ts';
import { connection, pageRequest } from './page.ts';
import type { PrismaPage, Sort } from './prisma-page.ts';
import { byCreation, prismaPage, sortName } from './prisma-page.ts';

/** What of an entity's rows is read: at least which. */
export type RowSelection = Pick<PrismaPage, 'where'> &
  Partial<PrismaPage> & {
    /** Relations to read along. */
    readonly include?: Readonly<Record<string, unknown>>;
  };

/** How the rows of an entity are read. A `where` fits the entity's model: who builds it knows which. */
export interface RowReader<Db, Row> {
  find(db: Db, selection: RowSelection): Promise<Row[]>;
  count(db: Db, where: Where): Promise<number>;
}

export interface Listing {
  readonly args: PageArguments;
  /** Newest first unless told. */
  readonly sort?: Sort;
  /** What limits the list: visibility and filter. */
  readonly where: Where;
}

export async function listRows<Db, Row extends { readonly id: string }>(
  db: Db,
  rows: RowReader<Db, Row>,
  { args, sort = byCreation, where }: Listing,
): Promise<Connection<Row>> {
  const request = pageRequest(args, sortName(sort));
  const found = await rows.find(db, prismaPage(request, sort, where));
  // `id` needs no key beside itself.
  const key = (row: Row) => (sort.field === 'id' ? null : (row[sort.field as keyof Row] as string));
  return connection(
    request,
    found,
    (row) => ({ key: key(row), id: row.id }),
    () => rows.count(db, where),
  );
}
