// Lists: pages, orders, filters, and what is refused.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newId } from '../../platform/ids.ts';
import { encodeCursor } from '../../platform/paging/page.ts';
import { type People, peopleIn } from '../../tests/support/people.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../tests/support/subgraphs.ts';
import { users } from './index.ts';

let graph: TestSubgraphs;
let people: People;
/** In order of creation. */
const created: { id: string; email: string; lastName: string }[] = [];

beforeAll(async () => {
  graph = await startTestSubgraphs([users]);
  people = peopleIn(graph);
  const names = ['Müller', 'Doe', 'doe', '100%_x', 'Ågren', 'Doe', 'O\\Neil', 'Zoë', 'Doe'];
  for (const [each, lastName] of names.entries()) {
    const email = `${(each * 7) % 9}@example.org`;
    created.push({ id: await people.user({ lastName, email }), email, lastName });
  }
});
afterAll(() => graph.close());

const viewer = { userId: newId(), permissions: ['VIEW_USER', 'VIEW_GROUP', 'VIEW_ROLE'] };

const usersQuery = `query ($filter: UserFilter, $orderBy: UserOrder, $first: Int, $after: String, $last: Int, $before: String) {
  users(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    totalCount
    nodes { id lastName }
    edges { cursor }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;
const listUsers = async (variables: Record<string, unknown>) => {
  const { data, errors } = await graph.execute('users', { query: usersQuery, variables, identity: viewer });
  return { list: data?.users, refusal: errors?.[0]?.extensions };
};
const idsOf = (list: { nodes: { id: string }[] }) => list.nodes.map(({ id }) => id);

describe('a list', () => {
  test('needs a signed-in user', async () => {
    const { errors } = await graph.execute('users', { query: '{ users { totalCount } }' });
    expect(errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED', details: { code: 104 } });
  });

  const byName = { field: 'LAST_NAME', direction: 'ASC' };
  test.each([
    ['first', { first: -1 }],
    ['last', { first: 1, last: 1 }],
    ['after', { after: 'no cursor' }],
    ['after', { after: encodeCursor('id asc', { key: null, id: newId() }) }],
    ['after', { after: encodeCursor('id desc', { key: null, id: 'no id' }) }],
    ['before', { orderBy: byName, before: encodeCursor('lastName asc', { key: 5, id: newId() }) }],
    ['before', { orderBy: byName, before: encodeCursor('lastName asc', { key: 'a\0', id: newId() }) }],
    ['filter.id.eq', { filter: { id: { eq: 'no id' } } }],
    ['filter.and.0.not.id.in', { filter: { and: [{ not: { id: { in: [''] } } }] } }],
    ['filter.email.eq', { filter: { email: { eq: 'a\0' } } }],
    ['filter.email.like', { filter: { email: { like: '\0' } } }],
    ['filter.lastName.in', { filter: { lastName: { in: Array.from({ length: 101 }, () => 'x') } } }],
  ])('refuses a bad %s', async (field, variables) => {
    expect((await listUsers(variables)).refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { field } });
  });

  test('is newest first, at most 100 at a time', async () => {
    const { list } = await listUsers({ first: 1_000 });
    expect(idsOf(list)).toEqual(created.map(({ id }) => id).reverse());
    expect(list.totalCount).toBe(created.length);
    expect(list.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
  });

  test('sorts by e-mail address downwards', async () => {
    const { list } = await listUsers({ orderBy: { field: 'EMAIL', direction: 'DESC' } });
    const expected = [...created].sort((a, b) => (a.email < b.email ? 1 : -1));
    expect(idsOf(list)).toEqual(expected.map(({ id }) => id));
  });

  test('has every item once on its pages, forwards and backwards, in any order and with any size', async () => {
    const anyWalk = fc.record({
      size: fc.integer({ min: 1, max: 5 }),
      backwards: fc.boolean(),
      field: fc.constantFrom('CREATED_AT', 'EMAIL', 'LAST_NAME'),
      direction: fc.constantFrom('ASC', 'DESC'),
    });
    await fc.assert(
      fc.asyncProperty(anyWalk, async ({ size, backwards, field, direction }) => {
        const orderBy = { field, direction };
        const whole = idsOf((await listUsers({ orderBy, first: 100 })).list);
        const walked: string[] = [];
        let cursor: string | undefined;
        for (let more = true; more; ) {
          const page = backwards ? { last: size, before: cursor } : { first: size, after: cursor };
          const { list } = await listUsers({ orderBy, ...page });
          if (backwards) walked.unshift(...idsOf(list));
          else walked.push(...idsOf(list));
          cursor = backwards ? list.pageInfo.startCursor : list.pageInfo.endCursor;
          more = backwards ? list.pageInfo.hasPreviousPage : list.pageInfo.hasNextPage;
        }
        expect(walked).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  test.each([
    [{ lastName: { eq: 'Doe' } }, ['Doe', 'Doe', 'Doe']],
    [{ lastName: { like: 'doe' } }, ['Doe', 'Doe', 'doe', 'Doe']],
    [{ lastName: { like: '%_' } }, ['100%_x']],
    [{ lastName: { like: '\\' } }, ['O\\Neil']],
    [{ lastName: { out: ['Doe', 'doe', 'Müller'] } }, ['Zoë', 'O\\Neil', 'Ågren', '100%_x']],
    [{ or: [{ lastName: { eq: 'Zoë' } }, { lastName: { eq: 'Ågren' } }] }, ['Zoë', 'Ågren']],
    [{ or: [] }, []],
    [{ not: { lastName: { ne: 'doe' } } }, ['doe']],
    [{ and: [{ lastName: { eq: 'Doe' } }, { email: { like: '5@' } }] }, []],
    [{ createdAt: { gt: '2999-01-01T00:00:00.000Z' } }, []],
  ])('filters by %j', async (filter, lastNames) => {
    const { list } = await listUsers({ filter });
    expect(list.nodes.map(({ lastName }: { lastName: string }) => lastName)).toEqual(lastNames);
    expect(list.totalCount).toBe(lastNames.length);
  });
});

describe('groups and roles', () => {
  test('are listed by name and filtered by group', async () => {
    const [b, a] = [await people.group('B ward'), await people.group('A ward')];
    const [inA, global] = [await people.role({ name: 'nurse', groupId: a }), await people.role({ name: 'clerk' })];
    const query = `query ($groupId: ID!) {
      groups(orderBy: { field: NAME }) { totalCount nodes { id } }
      inA: roles(filter: { groupId: { eq: $groupId } }) { nodes { id group { id } } }
      global: roles(filter: { global: true }, orderBy: { field: NAME }) { nodes { id group { id } } }
      ofGroups: roles(filter: { global: false }) { nodes { id } }
      notInA: roles(filter: { groupId: { ne: $groupId } }) { nodes { id } }
      neitherInA: roles(filter: { not: { groupId: { in: [$groupId] } } }) { nodes { id } }
    }`;
    const { data } = await graph.execute('users', { query, variables: { groupId: a }, identity: viewer });
    expect(data.groups).toEqual({ totalCount: 2, nodes: [{ id: a }, { id: b }] });
    expect(data.inA.nodes).toEqual([{ id: inA, group: { id: a } }]);
    expect(data.global.nodes).toEqual([{ id: global, group: null }]);
    expect(data.ofGroups.nodes).toEqual([{ id: inA }]);
    expect([data.notInA.nodes, data.neitherInA.nodes]).toEqual([[{ id: global }], [{ id: global }]]);
  });

  test('show their members in pages', async () => {
    const groupId = await people.group();
    const staff = [await people.user(), await people.user(), await people.user()];
    for (const userId of staff) await people.staff(userId, groupId);
    const query = `query ($groupId: ID!, $after: String) {
      group(id: $groupId) { staff(first: 2, after: $after) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }
    }`;
    const page = async (after?: string) =>
      (await graph.execute('users', { query, variables: { groupId, after }, identity: viewer })).data.group.staff;
    const first = await page();
    expect(first).toMatchObject({
      totalCount: 3,
      nodes: [{ id: staff[2] }, { id: staff[1] }],
      pageInfo: { hasNextPage: true },
    });
    expect(await page(first.pageInfo.endCursor)).toMatchObject({
      nodes: [{ id: staff[0] }],
      pageInfo: { hasNextPage: false },
    });
  });
});

describe('a read by id', () => {
  test.each(['user', 'group', 'role'])(
    'refuses what is no %s id, and answers null to an unknown one',
    async (field) => {
      const query = `query ($id: ID!) { ${field}(id: $id) { id } }`;
      const read = (id: string) => graph.execute('users', { query, variables: { id }, identity: viewer });
      expect((await read('no id')).errors?.[0]?.extensions).toMatchObject({
        code: 'BAD_USER_INPUT',
        details: { field: 'id' },
      });
      expect(await read(newId())).toEqual({ data: { [field]: null } });
    },
  );

  test('shows nobody to somebody who is not signed in, who is nobody to `me` either', async () => {
    expect(await graph.execute('users', { query: '{ me { id } }' })).toEqual({ data: { me: null } });
    const query = 'query ($given: [_Any!]!) { _entities(representations: $given) { ... on User { id } } }';
    const given = [{ __typename: 'User', id: created[0]?.id }];
    const reference = await graph.execute('users', { query, variables: { given } });
    expect(reference).toEqual({ data: { _entities: [null] } });
  });

  test('shows oneself to `me`', async () => {
    const userId = await people.user();
    const { data } = await graph.execute('users', { query: '{ me { id email roles { id } } }', identity: { userId } });
    expect(data.me).toMatchObject({ id: userId, roles: [] });
  });
});
