// A page request as the arguments of Prisma's findMany. The sort column must not be null.
import type { Where } from '../access/condition-where.ts';
import type { CursorKey, PageRequest } from './page.ts';
import { foreignCursor } from './page.ts';

export interface Sort {
  /** A text field of the model that is never null; `id` sorts by creation. */
  readonly field: string;
  readonly direction: 'asc' | 'desc';
}

/** Newest first. */
export const byCreation: Sort = { field: 'id', direction: 'desc' };

/** Names the order in cursors. */
export function sortName(sort: Sort): string {
  return `${sort.field} ${sort.direction}`;
}

export interface PrismaPage {
  where: Where;
  orderBy: Record<string, 'asc' | 'desc'>[];
  take: number;
}

/** `where` holds what limits the list otherwise: visibility and filter. */
export function prismaPage(request: PageRequest, sort: Sort, where: Where): PrismaPage {
  const reading = request.backward === (sort.direction === 'asc') ? 'desc' : 'asc';
  const beyond = (cursor: CursorKey | undefined, operator: 'gt' | 'lt'): Where[] => {
    if (cursor === undefined) return [];
    if (sort.field === 'id') return [{ id: { [operator]: cursor.id } }];
    if (typeof cursor.key !== 'string') throw foreignCursor(cursor === request.after ? 'after' : 'before');
    return [
      {
        OR: [{ [sort.field]: { [operator]: cursor.key } }, { [sort.field]: cursor.key, id: { [operator]: cursor.id } }],
      },
    ];
  };
  const [afterwards, earlier] = sort.direction === 'asc' ? (['gt', 'lt'] as const) : (['lt', 'gt'] as const);
  return {
    where: { AND: [where, ...beyond(request.after, afterwards), ...beyond(request.before, earlier)] },
    orderBy: sort.field === 'id' ? [{ id: reading }] : [{ [sort.field]: reading }, { id: reading }],
    take: request.limit + 1,
  };
}
