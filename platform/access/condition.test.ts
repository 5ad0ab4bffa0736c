// A condition means the same to all who read it: Prisma, SQL, and the predicate over a loaded row.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Prisma } from '../../generated/prisma/client.ts';
import { startTestDatabase, type TestDatabase } from '../../tests/support/database.ts';
import { newId } from '../ids.ts';
import { absent, all, always, any, type Condition, equals, isIn, never, overlaps, related, some } from './condition.ts';
import { matches, type Row } from './condition-matches.ts';
import { toSql } from './condition-sql.ts';
import { toWhere } from './condition-where.ts';

const ids = Array.from({ length: 4 }, newId);
const [a, b, c, d] = ids as [string, string, string, string];
const someIds = fc.uniqueArray(fc.constantFrom(...ids), { maxLength: 3 });

/** Conditions built from these leaves, some levels deep. */
function conditions(leaves: fc.Arbitrary<Condition>): fc.Arbitrary<Condition> {
  const { tree } = fc.letrec<{ tree: Condition }>((tie) => {
    const parts = fc.array(tie('tree'), { maxLength: 3 });
    return {
      tree: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        { weight: 4, arbitrary: leaves },
        { weight: 1, arbitrary: fc.constantFrom(always, never) },
        { weight: 3, arbitrary: parts.map((of) => all(...of)) },
        { weight: 3, arbitrary: parts.map((of) => any(...of)) },
        // As nobody writes them, and a rule may still put them together.
        { weight: 1, arbitrary: parts.map((of) => ({ kind: 'all', of }) as const) },
        { weight: 1, arbitrary: parts.map((of) => ({ kind: 'any', of }) as const) },
      ),
    };
  });
  return tree;
}

describe('the readers of a condition agree', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await startTestDatabase();
  });
  afterAll(() => database.close());

  test('on columns: Prisma, SQL and the predicate', async () => {
    const { db } = database.forService<'document' | 'documentSchema'>('data');
    const schemaId = newId();
    await db.documentSchema.create({ data: { id: schemaId, name: 'bp', description: '', definition: {} } });
    const rows = fc.sample(fc.record({ creatorId: fc.constantFrom(...ids), userIds: someIds, groupIds: someIds }), 40);
    await db.document.createMany({
      data: rows.map((row) => ({
        ...row,
        id: newId(),
        schemaId,
        status: 'new',
        statusChangedAt: new Date(),
        data: {},
      })),
    });
    const documents = await db.document.findMany({ orderBy: { id: 'asc' } });
    const columns = { creatorId: 'd.creator_id', userIds: 'd.user_ids', groupIds: 'd.group_ids' };
    const leaves = fc.oneof(
      fc.constantFrom(...ids, undefined).map((id) => equals('creatorId', id)),
      someIds.map((values) => isIn('creatorId', values)),
      someIds.map((values) => ({ kind: 'in', column: 'creatorId', values }) as const),
      fc.tuple(fc.constantFrom('userIds', 'groupIds'), someIds).map(([column, values]) => overlaps(column, values)),
    );
    await fc.assert(
      fc.asyncProperty(conditions(leaves), async (condition) => {
        const expected = documents.filter((row) => matches(condition, row)).map(({ id }) => id);
        const found = await db.document.findMany({
          where: toWhere(condition),
          orderBy: { id: 'asc' },
          select: { id: true },
        });
        const selected = await db.$queryRaw<{ id: string }[]>(
          Prisma.sql`SELECT d.id FROM data.documents AS d WHERE ${toSql(condition, columns)} ORDER BY d.id`,
        );
        expect(found.map(({ id }) => id)).toEqual(expected);
        expect(selected.map(({ id }) => id)).toEqual(expected);
        // As lists and single reads use it: beside other conditions.
        const beside = await db.document.count({ where: { AND: [{ schemaId }, toWhere(condition)] } });
        const otherwise = await db.document.count({ where: { AND: [{ NOT: { schemaId } }, toWhere(condition)] } });
        expect([beside, otherwise]).toEqual([expected.length, 0]);
      }),
      { numRuns: 150 },
    );
  });

  test('on relations and missing values: Prisma and the predicate', async () => {
    const { db } = database.forService<'role' | 'group' | 'user' | 'userRole'>('users');
    await db.group.createMany({ data: [a, b].map((id) => ({ id, name: id, description: '' })) });
    const person = { firstName: '', lastName: '', language: 'EN', passwordHash: '' };
    await db.user.createMany({ data: [c, d].map((id) => ({ ...person, id, email: id })) });
    for (const groupId of [a, b, null]) {
      for (const holders of [[], [c], [c, d]]) {
        const users = { create: holders.map((userId) => ({ userId })) };
        await db.role.create({ data: { id: newId(), name: '', description: '', groupId, users } });
      }
    }
    const roles: Row[] = await db.role.findMany({ include: { group: true, users: true }, orderBy: { id: 'asc' } });
    const leaves = fc.oneof(
      fc.constant(absent('groupId')),
      someIds.map((values) => isIn('groupId', values)),
      someIds.map((values) => some('users', isIn('userId', values))),
      fc.constantFrom(some('users', always), related('group', always), some('users', never), related('group', never)),
      someIds.map((values) => related('group', isIn('id', values))),
    );
    await fc.assert(
      fc.asyncProperty(conditions(leaves), async (condition) => {
        const found = await db.role.findMany({ where: toWhere(condition), orderBy: { id: 'asc' } });
        expect(found.map(({ id }) => id)).toEqual(roles.filter((row) => matches(condition, row)).map(({ id }) => id));
      }),
      { numRuns: 150 },
    );
  });
});

describe('a condition', () => {
  test('that reads what was not loaded, or has no column, throws instead of deciding', () => {
    expect(() => matches(equals('creatorId', a), { id: b })).toThrow('was not loaded');
    expect(() => toSql(equals('creatorId', a), {})).toThrow('no SQL column');
    expect(() => toSql(some('users', always), {})).toThrow('no SQL form');
  });

  test('is never for nobody and for no values', () => {
    expect(equals('creatorId', undefined)).toEqual(never);
    expect(isIn('creatorId', [])).toEqual(never);
    expect(overlaps('groupIds', new Set<string>())).toEqual(never);
    expect(some('users', never)).toEqual(never);
    expect(related('group', never)).toEqual(never);
  });

  test('of no parts holds when all are asked for, and does not when any is', () => {
    expect(all()).toEqual(always);
    expect(any()).toEqual(never);
    expect(all(never, equals('creatorId', a))).toEqual(never);
    expect(any(always, equals('creatorId', a))).toEqual(always);
  });
});
