// What the platform says of its permissions.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { permissionCatalogue, permissionNames } from '../../../platform/access/permissions.ts';
import { newId } from '../../../platform/ids.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../index.ts';

let graph: TestSubgraphs;
beforeAll(async () => {
  graph = await startTestSubgraphs([users]);
});
afterAll(() => graph.close());

const identity = { userId: newId() };
const namesOf = (list: { name: string }[]) => list.map(({ name }) => name);

describe('permissions', () => {
  test('are for signed-in users, as references, too', async () => {
    const { errors } = await graph.execute('users', { query: '{ permissions { name } }' });
    expect(errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED', details: { code: 104 } });
    const query = '{ _entities(representations: [{ __typename: "Permission", name: "VIEW_USER" }]) { __typename } }';
    expect(await graph.execute('users', { query })).toEqual({ data: { _entities: [null] } });
  });

  test('are the whole catalogue for global roles, and a part of it for roles of groups', async () => {
    const query = `{
      unlessTold: permissions { name description group suffix }
      global: permissions(scope: GLOBAL) { name }
      group: permissions(scope: GROUP) { name group }
    }`;
    const { data } = await graph.execute('users', { query, identity });
    expect(namesOf(data.global)).toEqual([...permissionNames].sort());
    expect(namesOf(data.unlessTold)).toEqual(namesOf(data.global));
    expect(data.unlessTold).toContainEqual({ name: 'VIEW_DOCUMENTS', ...permissionCatalogue.VIEW_DOCUMENTS });
    expect(namesOf(data.group)).toEqual([...permissionNames].sort().filter((name) => permissionCatalogue[name].group));
    expect(namesOf(data.group)).toContain('ADD_STAFF');
    expect(namesOf(data.group)).not.toContain('ADD_PATIENT');
  });

  test('are found by name, and a name without meaning to the platform is not', async () => {
    const query = `query ($names: [_Any!]!) {
      _entities(representations: $names) { ... on Permission { name group } }
    }`;
    const names = ['ADD_STAFF', 'custom:x', 'constructor', 'VIEW_USER'].map((name) => ({
      __typename: 'Permission',
      name,
    }));
    const { data, errors } = await graph.execute('users', { query, variables: { names }, identity });
    expect(errors).toBeUndefined();
    expect(data._entities).toEqual([
      { name: 'ADD_STAFF', group: true },
      null,
      null,
      { name: 'VIEW_USER', group: false },
    ]);
  });
});
