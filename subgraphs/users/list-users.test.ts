// The lists of patients and of staff, and what users can be filtered by.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../platform/ids.ts';
import { type People, peopleIn } from '../../tests/support/people.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../tests/support/subgraphs.ts';
import { users } from './index.ts';

let graph: TestSubgraphs;
let people: People;
let now = Date.parse('2026-11-21T12:00:00Z');
beforeAll(async () => {
  graph = await startTestSubgraphs([users], { now: () => now });
  people = peopleIn(graph);
});
afterAll(() => graph.close());

type Field = 'patients' | 'staff';
const query = (
  field: Field,
) => `query ($groupId: ID, $filter: UserFilter, $orderBy: UserOrder, $first: Int, $after: String) {
  ${field}(groupId: $groupId, filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    totalCount nodes { id } pageInfo { hasNextPage endCursor }
  }
}`;
const ask = (field: Field, identity: object, variables: object = {}) =>
  graph.execute('users', { query: query(field), variables: { ...variables }, identity });
/** The ids, oldest first; counted the same. */
async function list(field: Field, identity: object, variables: object = {}): Promise<string[]> {
  const { data, errors } = await ask(field, identity, { first: 100, ...variables });
  expect(errors).toBeUndefined();
  expect(data[field].totalCount).toBe(data[field].nodes.length);
  return data[field].nodes.map(({ id }: { id: string }) => id).reverse();
}
const refusal = async (...call: Parameters<typeof ask>) => (await ask(...call)).errors?.[0]?.extensions;

const lists: readonly [Field, string, string][] = [
  ['patients', 'VIEW_PATIENTS', 'VIEW_STAFF'],
  ['staff', 'VIEW_STAFF', 'VIEW_PATIENTS'],
];

describe.each(lists)('%s', (field, permission, other) => {
  const enlist = (userId: string, groupId: string) =>
    field === 'patients' ? people.patient(userId, groupId) : people.staff(userId, groupId);

  test('is for signed-in users', async () => {
    expect(await refusal(field, {})).toEqual({ code: 'UNAUTHENTICATED', details: { code: 104 } });
  });

  test('is forbidden to who is staff nowhere and lacks the permission, patients too', async () => {
    const [patient, groupId] = [await people.user(), await people.group()];
    await people.patient(patient, groupId);
    const forbidden = { code: 'FORBIDDEN', details: { code: 10, permission } };
    expect(await refusal(field, await people.identityOf(patient))).toEqual(forbidden);
    expect(await refusal(field, await people.identityOf(await people.userWith(other, 'VIEW_GROUP')))).toEqual(
      forbidden,
    );
    expect(await refusal(field, await people.identityOf(patient), { groupId })).toEqual(forbidden);
  });

  test.each([
    ['groupId', { groupId: 'x' }],
    ['first', { first: -1 }],
    ['filter.id.eq', { filter: { id: { eq: 'x' } } }],
    ['after', { after: 'x' }],
  ])('refuses a bad %s', async (path, variables) => {
    const identity = { userId: newId(), permissions: [permission] };
    expect(await refusal(field, identity, variables)).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: path },
    });
  });

  test('shows staff those of their own groups, and nobody whom they see by other ways', async () => {
    const [own, second, elsewhere] = [await people.group(), await people.group(), await people.group()];
    const [viewer, a, b, stranger] = [
      await people.user(),
      await people.user(),
      await people.user(),
      await people.user(),
    ];
    await people.staff(viewer, own);
    await people.staff(viewer, second);
    // To be there oneself as a patient shows staff in `users`, and oneself; here neither.
    await people.patient(viewer, elsewhere);
    await people.staff(stranger, elsewhere);
    await enlist(a, own);
    await enlist(a, second);
    await enlist(b, second);
    await enlist(b, elsewhere);
    const identity = await people.identityOf(viewer);
    const self = field === 'staff' ? [viewer] : [];
    expect(await list(field, identity)).toEqual([...self, a, b]);
    expect(await list(field, identity, { groupId: own })).toEqual([...self, a]);
    expect(await list(field, identity, { groupId: second.toUpperCase() })).toEqual([...self, a, b]);
    expect(await list(field, identity, { groupId: elsewhere })).toEqual([]);
    expect(await list(field, identity, { groupId: newId() })).toEqual([]);
    expect(await list(field, identity, { filter: { id: { in: [a, stranger] } } })).toEqual([a]);
  });

  test('shows all with the permission held everywhere, or VIEW_USER', async () => {
    const [one, two] = [await people.group(), await people.group()];
    const [a, b, none] = [await people.user(), await people.user(), await people.user()];
    await enlist(a, one);
    await enlist(b, two);
    const filter = { id: { in: [a, b, none] } };
    for (const held of [permission, 'VIEW_USER']) {
      const identity = { userId: newId(), permissions: [held] };
      expect(await list(field, identity, { filter })).toEqual([a, b]);
      expect(await list(field, identity, { groupId: two })).toEqual([b]);
    }
    // Staff with the permission of a role of the group: for that group only.
    const member = { userId: newId(), staff: [{ groupId: one, permissions: [permission, 'VIEW_USER'] }] };
    expect(await list(field, member, { filter })).toEqual([a]);
  });

  test('comes in pages and in the order asked for', async () => {
    const groupId = await people.group();
    const members: string[] = [];
    for (const lastName of ['B', 'C', 'A']) {
      members.push(await people.user({ lastName }));
      await enlist(members.at(-1) as string, groupId);
    }
    const identity = { userId: newId(), permissions: [permission] };
    const seen: string[] = [];
    for (let after: string | undefined, more = true; more; ) {
      const page = { groupId, first: 2, after, orderBy: { field: 'LAST_NAME' } };
      const { data } = await ask(field, identity, page);
      seen.push(...data[field].nodes.map(({ id }: { id: string }) => id));
      expect(data[field].totalCount).toBe(3);
      ({ hasNextPage: more, endCursor: after } = data[field].pageInfo);
    }
    expect(seen).toEqual([members[2], members[0], members[1]]);
  });
});

describe('an enlistment that has expired', () => {
  test('gives no sight of the staff, while the staff go on seeing the patient', async () => {
    const [groupId, patient, doctor] = [await people.group(), await people.user(), await people.user()];
    await people.staff(doctor, groupId);
    await people.patient(patient, groupId, new Date(now + 60_000));
    const usersQuery = '{ users { nodes { id } } }';
    const seenBy = async (userId: string) => {
      const identity = await people.identityOf(userId);
      const { data } = await graph.execute('users', { query: usersQuery, identity });
      return data.users.nodes.map(({ id }: { id: string }) => id);
    };
    expect(await seenBy(patient)).toEqual([doctor, patient]);
    now += 60_000;
    expect(await seenBy(patient)).toEqual([patient]);
    expect(await seenBy(doctor)).toEqual([doctor, patient]);
    expect(await list('patients', await people.identityOf(doctor))).toEqual([patient]);
  });
});

describe('users', () => {
  test('are filtered by telephone number, language and activation', async () => {
    const names = new Map<string, string>();
    const add = async (name: string, columns: Parameters<People['user']>[0]) =>
      names.set(await people.user({ ...columns, firstName: 'filtered' }), name);
    await add('none', { language: 'NL' });
    await add('one', { phoneNumber: '+32 1', language: 'FR', activation: true });
    await add('two', { phoneNumber: '+32 2', language: 'NL', activation: true });
    const identity = { userId: newId(), permissions: ['VIEW_USER'] };
    const found = async (filter: object) => {
      const variables = { filter: { and: [{ firstName: { eq: 'filtered' } }, filter] } };
      const text = 'query ($filter: UserFilter) { users(filter: $filter) { totalCount nodes { id } } }';
      const { data, errors } = await graph.execute('users', { query: text, variables, identity });
      expect(errors).toBeUndefined();
      expect(data.users.totalCount).toBe(data.users.nodes.length);
      return data.users.nodes.map(({ id }: { id: string }) => names.get(id)).sort();
    };
    expect(await found({ phoneNumber: { eq: '+32 1' } })).toEqual(['one']);
    expect(await found({ phoneNumber: { like: '+32' } })).toEqual(['one', 'two']);
    expect(await found({ phoneNumber: { in: ['+32 2', '5'] } })).toEqual(['two']);
    expect(await found({ phoneNumber: { ne: '+32 1' } })).toEqual(['none', 'two']);
    expect(await found({ phoneNumber: { out: ['+32 1'], like: '32' } })).toEqual(['two']);
    expect(await found({ not: { phoneNumber: { eq: '+32 1' } } })).toEqual(['none', 'two']);
    expect(await found({ not: { phoneNumber: { ne: '+32 1' } } })).toEqual(['one']);
    expect(await found({ not: { phoneNumber: { like: '32' } } })).toEqual(['none']);
    expect(await found({ language: { eq: 'NL' } })).toEqual(['none', 'two']);
    expect(await found({ activation: true })).toEqual(['one', 'two']);
    expect(await found({ activation: false })).toEqual(['none']);
    expect(await found({ not: { activation: true }, language: { ne: 'FR' } })).toEqual(['none']);
  });
});
