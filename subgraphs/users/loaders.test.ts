// How much a request asks of the database, however many users it is about.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../platform/ids.ts';
import { type People, peopleIn } from '../../tests/support/people.ts';
import { countByTable, recordStatements } from '../../tests/support/recorded-statements.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../tests/support/subgraphs.ts';
import { users } from './index.ts';

let graph: TestSubgraphs;
let people: People;
let viewer: string;
const members: string[] = [];

beforeAll(async () => {
  graph = await startTestSubgraphs([users]);
  people = peopleIn(graph);
  viewer = await people.user();
  const globalRole = await people.role({ name: 'clerk' });
  const wards: { groupId: string; roleId: string }[] = [];
  for (let each = 0; each < 3; each += 1) {
    const groupId = await people.group();
    const roleId = await people.role({ groupId });
    await people.staff(viewer, groupId, [roleId]);
    wards.push({ groupId, roleId });
  }
  for (let each = 0; each < 20; each += 1) {
    const member = await people.user();
    members.push(member);
    await people.hold(member, globalRole);
    for (const { groupId, roleId } of wards) await people.staff(member, groupId, [roleId]);
    await people.patient(member, wards[each % 3]?.groupId as string);
  }
  await people.hold(viewer, globalRole);
});
afterAll(() => graph.close());

const fullUser = `id email
  roles { id permissions }
  staffEnlistments { group { id name } roles { id permissions group { id } } }
  patientEnlistments { group { id name } expired }`;

const oncePerTable = {
  'users.users': 1,
  'users.staff_enlistments': 1,
  'users.patient_enlistments': 1,
  'users.groups': 1,
  'users.roles': 1,
  'users.user_roles': 1,
  'users.staff_roles': 1,
};

async function statementsOf(query: string, variables: Record<string, unknown> = {}) {
  const identity = await people.identityOf(viewer);
  const results: unknown[] = [];
  const statements = await recordStatements(async () => {
    results.push(await graph.execute('users', { query, variables, identity }));
  });
  expect(results[0]).not.toHaveProperty('errors');
  return { statements, result: results[0] as { data: Record<string, unknown> } };
}

describe('a request', () => {
  test('reads each table once for a page of users with everything nested', async () => {
    const { statements, result } = await statementsOf(`{ users { nodes { ${fullUser} } } }`);
    expect((result.data.users as { nodes: unknown[] }).nodes).toHaveLength(20);
    expect(countByTable(statements)).toEqual(oncePerTable);
  });

  test('reads each table once for references', async () => {
    const representations = members.map((id) => ({ __typename: 'User', id }));
    const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on User { ${fullUser} } } }`;
    const { statements } = await statementsOf(query, { representations });
    expect(countByTable(statements)).toEqual(oncePerTable);
  });

  test('reads nothing that is not asked for', async () => {
    expect(countByTable((await statementsOf('{ users { nodes { id } } }')).statements)).toEqual({ 'users.users': 1 });
    const { statements } = await statementsOf('{ me { staffEnlistments { createdAt } } }');
    expect(countByTable(statements)).toEqual({ 'users.users': 1, 'users.staff_enlistments': 1 });
  });

  test('answers null to a reference that is no id, without failing the others', async () => {
    const representations = ['no id', newId(), (members[0] as string).toUpperCase()].map((id) => ({
      __typename: 'User',
      id,
    }));
    const query =
      'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on User { id } } }';
    const { result } = await statementsOf(query, { representations });
    expect(result.data._entities).toEqual([null, null, { id: members[0] }]);
  });
});
