// Groups: reads rows and writes them, and decides nothing.
import type { Prisma } from '../../generated/prisma/client.ts';
import type { GroupModel } from './models.ts';
import type { Db, Rows } from './store.ts';
import { idsOf } from './store.ts';

export const groupRows: Rows<GroupModel> = {
  find: (db, selection) => db.group.findMany(selection as Prisma.GroupFindManyArgs),
  count: (db, where) => db.group.count({ where: where as Prisma.GroupWhereInput }),
};

/** Those of the groups that exist. */
export async function findGroupIds(db: Db, ids: readonly string[]): Promise<Set<string>> {
  return idsOf(await db.group.findMany({ where: { id: { in: [...ids] } }, select: { id: true } }));
}

/** Keeps the groups from vanishing until the transaction ends; those that exist. */
export async function lockGroups(db: Db, ids: readonly string[]): Promise<Set<string>> {
  return idsOf(
    await db.$queryRaw<{ id: string }[]>`
      SELECT id::text FROM users.groups WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR KEY SHARE`,
  );
}

export function insertGroup(db: Db, group: Pick<GroupModel, 'id' | 'name' | 'description'>): Promise<GroupModel> {
  return db.group.create({ data: group });
}
