import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { TestDatabase } from '../../tests/support/database.ts';
import { startTestDatabase } from '../../tests/support/database.ts';
import { anyFilter, idOperators, meets, textOperators } from '../../tests/support/row-filters.ts';
import type { AppError } from '../errors.ts';
import { newId } from '../ids.ts';
import type { Combined, IdFilter, StringFilter } from './prisma-filters.ts';
import { booleanWhere, idWhere, optionalWhere, stringListWhere, stringWhere } from './prisma-filters.ts';

interface RoleFilter extends Combined<RoleFilter> {
  readonly name?: StringFilter;
  readonly groupId?: IdFilter;
}

const where = (filter: RoleFilter) =>
  booleanWhere(filter, 'filter', ({ name, groupId }, path) => [
    ...stringWhere('name', name, `${path}.name`),
    ...optionalWhere(groupId, { groupId: null }, (given) => idWhere('groupId', given, `${path}.groupId`)),
  ]);

const names = ['a', 'B', 'ab', 'a%', 'a_b', 'a\\b', '100%', 'Ünï', ''];
const groups = [newId(), newId()];
/** Every third belongs to no group. */
const roles = names.map((name, index) => ({ name, groupId: groups[index % 3] ?? null }));

describe('a filter', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await startTestDatabase();
    const data = roles.map((role) => ({ ...role, id: newId(), description: '', permissions: [role.name] }));
    await database.forService<'role' | 'group'>('users').write(async ({ db }) => {
      await db.group.createMany({ data: groups.map((id) => ({ id, name: 'A ward', description: '' })) });
      await db.role.createMany({ data });
    });
  });
  afterAll(() => database?.close());
  const found = async (condition: object) => {
    const rows = await database.forService<'role'>('users').db.role.findMany({ where: condition });
    return rows.map(({ name }) => name).sort();
  };

  test('with too many values or with what is no id is refused, naming the operator', () => {
    const refusal = (run: () => unknown) => {
      try {
        run();
        return undefined;
      } catch (error) {
        return (error as AppError).details?.field;
      }
    };
    const many = Array.from({ length: 101 }, () => newId());
    expect(refusal(() => where({ or: [{ name: { in: many } }] }))).toBe('filter.or.0.name.in');
    expect(refusal(() => idWhere('id', { eq: '1' }, 'filter.id'))).toBe('filter.id.eq');
    expect(refusal(() => idWhere('id', { out: [newId(), 'x'] }, 'filter.id'))).toBe('filter.id.out');
  });

  test('of too many filters, or nested too deep, is refused', () => {
    const refused = expect.objectContaining({ code: 'BAD_USER_INPUT' });
    const refusal = (filter: RoleFilter) => {
      try {
        return where(filter);
      } catch (error) {
        return error;
      }
    };
    const nested = (depth: number): RoleFilter => (depth === 1 ? { name: { eq: 'a' } } : { not: nested(depth - 1) });
    const many = (count: number): RoleFilter => ({
      or: Array.from({ length: count - 1 }, () => ({ name: { eq: 'a' } })),
    });
    expect(refusal(nested(11))).toEqual(refused);
    expect(refusal(many(101))).toEqual(refused);
    expect([refusal(nested(10)), refusal(many(100))]).not.toContainEqual(refused);
  });

  test('finds what it says, however it is put together, also where parts of it are empty', async () => {
    const filter = anyFilter({
      name: textOperators(...names, 'missing'),
      groupId: idOperators(...groups, newId()),
    });
    await fc.assert(
      fc.asyncProperty(filter, async (given) => {
        const expected = roles.filter((role) => meets(given, role)).map(({ name }) => name);
        expect(await found({ AND: [{}, where(given as RoleFilter)] })).toEqual(expected.sort());
      }),
      { numRuns: 100 },
    );
  });

  test('on a list asks whether it has an element', async () => {
    expect(await found({ AND: stringListWhere('permissions', { contains: 'a%' }) })).toEqual(['a%']);
    expect(await found({ AND: stringListWhere('permissions', { excludes: 'a%' }) })).toHaveLength(names.length - 1);
  });
});
