// The first account and its role.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { permissionNames } from '../../platform/access/permissions.ts';
import { peopleIn } from '../../tests/support/people.ts';
import { publishedEvents } from '../../tests/support/published-events.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../tests/support/subgraphs.ts';
import { ensureAdministrator } from './administrator.ts';
import { users } from './index.ts';

const environment = { ADMIN_EMAIL: 'Root@Example.org', ADMIN_PASSWORD: 'chosen by the operator' };

async function accounts(graph: TestSubgraphs) {
  const identity = { userId: '018f0000-0000-7000-8000-000000000001', permissions: ['VIEW_USER', 'VIEW_ROLE'] };
  const query = '{ users { nodes { id email roles { id permissions } } } roles { nodes { id } } }';
  const { data } = await graph.execute('users', { query, identity });
  return { users: data.users.nodes, roles: data.roles.nodes };
}

describe('without a configured administrator', () => {
  test('nobody is created', async () => {
    const graph = await startTestSubgraphs([users]);
    expect(await accounts(graph)).toEqual({ users: [], roles: [] });
    await graph.close();
  });
});

describe('with one', () => {
  let graph: TestSubgraphs;
  beforeAll(async () => {
    graph = await startTestSubgraphs([users], { environment });
  });
  afterAll(() => graph.close());

  const startAgain = () => graph.subgraph('users').parts.start?.();

  test('an account is created that holds every permission there is, and can sign in', async () => {
    const { users: found } = await accounts(graph);
    expect(found).toMatchObject([{ email: 'root@example.org' }]);
    expect(found[0].roles[0].permissions).toEqual([...permissionNames].sort());
    expect((await publishedEvents(graph)).map(({ type }) => type)).toEqual([
      'user_created',
      'role_created',
      'user_roles_added',
    ]);
    const query = `mutation ($email: String!, $password: String!) {
      authenticate(email: $email, password: $password) { userId }
    }`;
    const variables = { email: environment.ADMIN_EMAIL, password: environment.ADMIN_PASSWORD };
    const { data } = await graph.execute('users', { query, variables, service: 'auth' });
    expect(data.authenticate).toEqual({ userId: found[0].id });
  });

  test('starting again changes nothing', async () => {
    const before = (await graph.readLog()).length;
    await Promise.all([startAgain(), startAgain()]);
    expect((await accounts(graph)).users).toHaveLength(1);
    expect(await graph.readLog()).toHaveLength(before);
  });

  test('the role learns the permissions of a newer version, and its holders have them at once', async () => {
    const { db } = graph.database.forService<'role'>('users');
    await db.role.update({ where: { systemKey: 'administrator' }, data: { permissions: ['VIEW_USER', 'custom'] } });
    const [{ id }] = (await accounts(graph)).users;
    const [before] = await graph.database.accessVersions([id]);
    await startAgain();
    expect((await peopleIn(graph).identityOf(id)).permissions?.sort()).toEqual([...permissionNames, 'custom'].sort());
    expect(await graph.database.accessVersions([id])).toEqual([String(Number(before) + 1)]);
  });
});

describe('with one, on a database with accounts', () => {
  test('nobody is created', async () => {
    const graph = await startTestSubgraphs([users]);
    await peopleIn(graph).user({ email: 'first@example.org' });
    await ensureAdministrator(graph.database.forService('users'), {
      email: 'root@example.org',
      password: 'longer than 8',
    });
    expect((await accounts(graph)).users).toMatchObject([{ email: 'first@example.org' }]);
    await graph.close();
  });

  test('two processes that start at once create one account between them', async () => {
    const graph = await startTestSubgraphs([users]);
    const start = () =>
      ensureAdministrator(graph.database.forService('users'), { email: 'root@example.org', password: 'longer than 8' });
    await Promise.all([start(), start(), start()]);
    expect(await accounts(graph)).toMatchObject({ users: [{ email: 'root@example.org' }], roles: [{}] });
    await graph.close();
  });
});
