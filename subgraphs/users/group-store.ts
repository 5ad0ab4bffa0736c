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

/** How many are enlisted in each group, as staff or as patients. */
export async function findMemberCounts(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await db.group.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, _count: { select: { staffEnlistments: true, patientEnlistments: true } } },
  });
  return new Map(
    rows.map(({ id, _count: { staffEnlistments, patientEnlistments } }) => [id, staffEnlistments + patientEnlistments]),
  );
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
