// A page of files by size. Files without bytes have no size and come last in either direction, so the list is two, one
// after the other: those with a size, and those without, by creation. Each is read by an index.
import { nothing, type Where } from '../../platform/access/condition-where.ts';
import { type CursorKey, foreignCursor, type PageRequest } from '../../platform/paging/page.ts';
import type { Sort } from '../../platform/paging/prisma-page.ts';
import type { FileModel } from './models.ts';
import type { FileStore } from './store.ts';

export interface FilePage {
  readonly request: PageRequest;
  readonly sort: Sort;
  /** What limits the list otherwise: visibility and filter. */
  readonly where: Where;
}

/** One more than the page holds, if there are more, in the direction of reading. */
export async function readBySize(page: FilePage, store: Pick<FileStore, 'list'>): Promise<FileModel[]> {
  const take = page.request.limit + 1;
  const [first, second] = page.request.backward
    ? [withoutSize(page), withSize(page)]
    : [withSize(page), withoutSize(page)];
  const files = await store.list({ ...first, take });
  if (files.length === take) return files;
  return [...files, ...(await store.list({ ...second, take: take - files.length }))];
}

type Operator = 'gt' | 'lt';
type Part = Omit<Parameters<FileStore['list']>[0], 'take'>;

function withSize(page: FilePage): Part {
  const reading = readingDirection(page);
  // All of them are in front of those without.
  const afterwards = (cursor: SizeCursor, operator: Operator) =>
    cursor.size === null ? nothing : beyond(cursor.size, cursor.id, operator);
  const earlier = (cursor: SizeCursor, operator: Operator) =>
    cursor.size === null ? {} : beyond(cursor.size, cursor.id, operator);
  const where = { AND: [page.where, { size: { not: null } }, ...bounds(page, afterwards, earlier)] };
  return { where, orderBy: [{ size: reading }, { id: reading }] };
}

function withoutSize(page: FilePage): Part {
  // All of them are behind those with one.
  const afterwards = ({ size, id }: SizeCursor, operator: Operator) =>
    size === null ? { id: { [operator]: id } } : {};
  const earlier = ({ size, id }: SizeCursor, operator: Operator) =>
    size === null ? { id: { [operator]: id } } : nothing;
  const where = { AND: [page.where, { size: null }, ...bounds(page, afterwards, earlier)] };
  return { where, orderBy: [{ id: readingDirection(page) }] };
}

function readingDirection({ request, sort }: FilePage): 'asc' | 'desc' {
  return request.backward === (sort.direction === 'asc') ? 'desc' : 'asc';
}

const beyond = (size: bigint, id: string, operator: Operator): Where => ({
  OR: [{ size: { [operator]: size } }, { size, id: { [operator]: id } }],
});

interface SizeCursor {
  readonly size: bigint | null;
  readonly id: string;
}

type Bound = (cursor: SizeCursor, operator: Operator) => Where;

function bounds({ request, sort }: FilePage, afterwards: Bound, earlier: Bound): Where[] {
  const [after, before] = sort.direction === 'asc' ? (['gt', 'lt'] as const) : (['lt', 'gt'] as const);
  return [
    ...(request.after === undefined ? [] : [afterwards(sizeCursor(request.after, 'after'), after)]),
    ...(request.before === undefined ? [] : [earlier(sizeCursor(request.before, 'before'), before)]),
  ];
}

function sizeCursor({ key, id }: CursorKey, field: string): SizeCursor {
  if (key === null) return { size: null, id };
  if (typeof key !== 'number' || !Number.isSafeInteger(key)) throw foreignCursor(field);
  return { size: BigInt(key), id };
}
