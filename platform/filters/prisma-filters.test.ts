import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { TestDatabase } from '../../tests/support/database.ts';
import { startTestDatabase } from '../../tests/support/database.ts';
import type { AppError } from '../errors.ts';
import { newId } from '../ids.ts';
import type { StringFilter } from './prisma-filters.ts';
import { booleanWhere, idWhere, stringListWhere, stringWhere } from './prisma-filters.ts';

interface RoleFilter {
  readonly name?: StringFilter;
  readonly and?: readonly RoleFilter[];
  readonly or?: readonly RoleFilter[];
  readonly not?: RoleFilter;
}

const where = (filter: RoleFilter) =>
  booleanWhere(filter, 'filter', ({ name }, path) => stringWhere('name', name, `${path}.name`));

/** What the filter means, written down plainly. */
function means({ name, and, or, not }: RoleFilter, value: string): boolean {
  return (
    (name?.eq === undefined || value === name.eq) &&
    (name?.ne === undefined || value !== name.ne) &&
    (name?.in == null || name.in.includes(value)) &&
    (name?.out == null || !name.out.includes(value)) &&
    (name?.like == null || value.toLowerCase().includes(name.like.toLowerCase())) &&
    (and ?? []).every((part) => means(part, value)) &&
    (or === undefined || or.some((part) => means(part, value))) &&
    (not === undefined || !means(not, value))
  );
}

const names = ['a', 'B', 'ab', 'a%', 'a_b', 'a\\b', '100%', 'Ünï', ''];

describe('a filter', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await startTestDatabase();
    const data = names.map((name) => ({ id: newId(), name, description: '', permissions: [name] }));
    await database.forService<'role'>('users').write(async ({ db }) => db.role.createMany({ data }));
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
    const name = fc.constantFrom(...names, 'missing');
    const stringFilter: fc.Arbitrary<StringFilter> = fc.record(
      { eq: name, ne: name, in: fc.array(name, { maxLength: 3 }), out: fc.array(name, { maxLength: 3 }), like: name },
      { requiredKeys: [] },
    );
    const around = (inner: fc.Arbitrary<RoleFilter>): fc.Arbitrary<RoleFilter> =>
      fc.record(
        {
          name: stringFilter,
          and: fc.array(inner, { maxLength: 2 }),
          or: fc.array(inner, { maxLength: 2 }),
          not: inner,
        },
        { requiredKeys: [] },
      );
    const filter = around(around(fc.record({ name: stringFilter }, { requiredKeys: [] })));
    await fc.assert(
      fc.asyncProperty(filter, async (given) => {
        expect(await found({ AND: [{}, where(given)] })).toEqual(names.filter((value) => means(given, value)).sort());
      }),
      { numRuns: 100 },
    );
  });

  test('on a list asks whether it has an element', async () => {
    expect(await found({ AND: stringListWhere('permissions', { contains: 'a%' }) })).toEqual(['a%']);
    expect(await found({ AND: stringListWhere('permissions', { excludes: 'a%' }) })).toHaveLength(names.length - 1);
  });
});
