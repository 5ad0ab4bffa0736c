// The main job, as clients do it: people of two groups work with documents, and nobody sees what is not theirs.
import { expect, test } from '@jest/globals';
import { mutations } from '../support/clinic.ts';
import { describeClinic } from '../support/describe-clinic.ts';
import type { GraphqlClient } from '../support/graphql-client.ts';
import { findByReference } from '../support/references.ts';

const oneDocument =
  'query ($id: ID!) { document(id: $id) { id status data creator { firstName } groups { id name } schema { name } } }';
const listDocuments = `query ($schemaName: String!, $filter: DocumentFilter) {
  documents(schemaName: $schemaName, filter: $filter) { totalCount nodes { id data } pageInfo { hasNextPage } }
}`;
const underUser = `query ($id: ID!, $schemaName: String!) {
  user(id: $id) { id firstName documents(schemaName: $schemaName) { totalCount nodes { id } } }
}`;
const underGroup = `query ($id: ID!, $schemaName: String!) {
  group(id: $id) { id documents(schemaName: $schemaName) { totalCount nodes { id } } }
}`;
const staffOf =
  'query ($id: ID!) { group(id: $id) { staff { totalCount nodes { id firstName } } patients { totalCount nodes { id } } } }';
const staffIds = async (client: GraphqlClient, id: string): Promise<string[]> =>
  (await client.run(staffOf, { id })).group.staff.nodes.map((user: { id: string }) => user.id);

describeClinic('a clinic', (world) => {
  /** By every way that a client has to find a document: which of them show it. */
  async function waysToFind(viewer: GraphqlClient, id: string): Promise<string[]> {
    const { schemaName, pat, groupA } = world.clinic;
    const has = (list: { nodes: { id: string }[] } | null | undefined) =>
      (list?.nodes ?? []).some((node) => node.id === id);
    const all = (await viewer.run(listDocuments, { schemaName })).documents;
    const systolic = (await viewer.run(listDocuments, { schemaName, filter: { field: 'data.systolic', gt: 0 } }))
      .documents;
    const byId = (await viewer.run(listDocuments, { schemaName, filter: { field: 'id', eq: id } })).documents;
    const found: Record<string, boolean> = {
      byId: (await viewer.run(oneDocument, { id })).document !== null,
      list: has(all),
      count: all.totalCount > 0,
      filterByData: has(systolic) || systolic.totalCount > 0,
      filterById: has(byId) || byId.totalCount > 0,
      underUser: has((await viewer.run(underUser, { id: pat.userId, schemaName })).user?.documents),
      underGroup: has((await viewer.run(underGroup, { id: groupA, schemaName })).group?.documents),
      byReference: await findByReference(world.shape, viewer, id),
    };
    return Object.keys(found).filter((way) => found[way]);
  }

  test('adding staff of a group where the permission is missing is refused and changes nothing', async () => {
    const { karim, admin, groupA, groupB, createUser } = world.clinic;
    const newcomer = await createUser('Nora');
    const refused = await karim.ask(mutations.addStaff, { input: { userIds: [newcomer], groupIds: [groupB, groupA] } });
    expect(refused.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect(await staffIds(admin, groupA)).not.toContain(newcomer);
    expect(await staffIds(admin, groupB)).not.toContain(newcomer);
  });

  test('Jane adds staff to A and B, Karim to B', async () => {
    const { jane, karim, admin, groupA, groupB, createUser } = world.clinic;
    const [first, second] = [await createUser('Otto'), await createUser('Paula')];
    await jane.run(mutations.addStaff, { input: { userIds: [first], groupIds: [groupA, groupB] } });
    await karim.run(mutations.addStaff, { input: { userIds: [second], groupIds: [groupB] } });
    expect(await staffIds(admin, groupA)).toContain(first);
    expect(await staffIds(admin, groupB)).toEqual(expect.arrayContaining([first, second]));
  });

  test('a measurement of Pat is found by Jane in every way, and by Karim, Rosa and Quinn in none', async () => {
    const { pat, jane, karim, rosa, quinn, schemaName, groupA } = world.clinic;
    const input = { schemaName, data: { systolic: 128, diastolic: 82 } };
    const { id } = (await pat.run(mutations.createDocument, { input })).createDocument.document;
    expect(await waysToFind(jane, id)).toEqual([
      'byId',
      'list',
      'count',
      'filterByData',
      'filterById',
      'underUser',
      'underGroup',
      // A client cannot ask by reference; where services have ports of their own, other services can.
      ...(world.shape.services === undefined ? [] : ['byReference']),
    ]);
    for (const stranger of [karim, rosa, quinn]) expect(await waysToFind(stranger, id)).toEqual([]);
    const { document } = await jane.run(oneDocument, { id });
    expect(document).toEqual({
      id,
      status: 'recorded',
      data: { systolic: 128, diastolic: 82 },
      creator: { firstName: 'Pat' },
      groups: [{ id: groupA, name: expect.any(String) }],
      schema: { name: schemaName },
    });
  });

  test('changing a document that one may not see is answered like one that does not exist', async () => {
    const { pat, karim, schemaName } = world.clinic;
    const input = { schemaName, data: { systolic: 111 } };
    const { id } = (await pat.run(mutations.createDocument, { input })).createDocument.document;
    const missing = '01890000-0000-7000-8000-000000000000';
    const answers = await Promise.all(
      [id, missing].map((some) => karim.ask(mutations.updateDocument, { input: { id: some, data: { systolic: 1 } } })),
    );
    expect(answers[0]?.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    expect(answers[0]).toEqual(answers[1]);
    expect((await pat.run(oneDocument, { id })).document.data).toEqual({ systolic: 111 });
  });

  test('Jane changes a document of her group', async () => {
    const { pat, jane, schemaName } = world.clinic;
    const input = { schemaName, data: { systolic: 140, note: 'at home' } };
    const { id } = (await pat.run(mutations.createDocument, { input })).createDocument.document;
    await jane.run(mutations.updateDocument, { input: { id, data: { systolic: 141, note: null } } });
    expect((await pat.run(oneDocument, { id })).document.data).toEqual({ systolic: 141 });
  });

  test('a patient lists the names of the staff of their groups, not other patients', async () => {
    const { pat, jane, quinn, groupA } = world.clinic;
    const { group } = await pat.run(staffOf, { id: groupA });
    expect(group.staff.nodes).toContainEqual({ id: jane.userId, firstName: 'Jane' });
    expect(group.patients.nodes).toEqual([{ id: pat.userId }]);
    expect(group.patients.totalCount).toBe(1);
    const seen = (await pat.run('{ users(first: 100) { nodes { id } } }')).users.nodes.map(
      (user: { id: string }) => user.id,
    );
    expect(seen).not.toContain(quinn.userId);
    expect((await pat.run('query ($id: ID!) { user(id: $id) { id } }', { id: quinn.userId })).user).toBeNull();
  });

  test('me shows roles and enlistments', async () => {
    const { jane, pat, groupA } = world.clinic;
    const query = `{ me {
      firstName roles { name permissions } staffEnlistments { group { id name } roles { name permissions } }
      patientEnlistments { group { id name } expiresAt expired }
    } }`;
    const { me } = await jane.run(query);
    expect(me.roles).toEqual([{ name: 'configurator', permissions: ['ADD_STAFF', 'REMOVE_STAFF'] }]);
    expect(me.staffEnlistments).toEqual([
      {
        group: { id: groupA, name: expect.any(String) },
        roles: [{ name: 'physician', permissions: ['UPDATE_DOCUMENTS', 'VIEW_DOCUMENTS', 'VIEW_PATIENTS'] }],
      },
    ]);
    expect((await pat.run(query)).me.patientEnlistments).toEqual([
      { group: { id: groupA, name: expect.any(String) }, expiresAt: null, expired: false },
    ]);
  });

  test('who loses an enlistment sees nothing of the group with the very next request', async () => {
    const { admin, schemaName, groupA, createUser, signInAs, pat } = world.clinic;
    const userId = await createUser('Sam');
    const sam = await signInAs('Sam');
    const input = { schemaName, data: { systolic: 100 } };
    const { id } = (await pat.run(mutations.createDocument, { input })).createDocument.document;
    for (let round = 0; round < 5; round += 1) {
      await admin.run(mutations.addStaff, { input: { userIds: [userId], groupIds: [groupA] } });
      expect((await sam.run(oneDocument, { id })).document?.id).toBe(id);
      await admin.run(mutations.removeStaff, { input: { userIds: [userId], groupIds: [groupA] } });
      expect((await sam.run(oneDocument, { id })).document).toBeNull();
    }
  });
});
