// documentChanged over a WebSocket: each kind of change, who comes to see what, filters, and going on afterwards.
import { expect, test } from '@jest/globals';
import { mutations } from '../support/clinic.ts';
import { describeClinic } from '../support/describe-clinic.ts';
import { createGraphqlClient } from '../support/graphql-client.ts';
import { followChanges, logPosition, refusalOf } from '../support/live-changes.ts';

const query = `subscription ($schemaName: String, $documentId: ID, $filter: DocumentFilter, $rql: String, $after: Position) {
  documentChanged(schemaName: $schemaName, documentId: $documentId, filter: $filter, rql: $rql, after: $after) {
    kind position documentId groupId matchesFilter document { id data groups { id } }
  }
}`;
const transition =
  'mutation ($input: TransitionDocumentInput!) { transitionDocument(input: $input) { document { id } } }';
const unlink = 'mutation ($input: UnlinkDocumentInput!) { unlinkDocument(input: $input) { document { id } } }';
const updateSchema =
  'mutation ($input: UpdateDocumentSchemaInput!) { updateDocumentSchema(input: $input) { schema { id } } }';
const removePermissions =
  'mutation ($input: RemovePermissionsFromRolesInput!) { removePermissionsFromRoles(input: $input) { roles { id } } }';
const deleteRoles = 'mutation ($input: DeleteRolesInput!) { deleteRoles(input: $input) { roleIds } }';

interface Change {
  readonly kind: string;
  readonly documentId: string | null;
}

describeClinic('live documents', (world) => {
  let schemas = 0;
  const definition = {
    readMode: ['creator', 'linkedGroupStaff', 'linkedGroupPatients'],
    updateMode: ['creator', 'linkedGroupStaff'],
    statuses: { new: {}, read: {} },
    transitions: [{ name: 'read', type: 'manual', fromStatuses: ['new'], toStatus: 'read' }],
    properties: { n: { type: 'number' } },
  };
  const newSchema = async (): Promise<string> => {
    schemas += 1;
    const name = `live-${world.clinic.schemaName.slice(-8)}-${schemas}`;
    await world.clinic.admin.run(mutations.createSchema, { input: { name, definition } });
    return name;
  };
  const create = async (schemaName: string, n: number): Promise<string> =>
    (await world.clinic.pat.run(mutations.createDocument, { input: { schemaName, data: { n } } })).createDocument
      .document.id;
  const link = (id: string, groupId: string) =>
    world.clinic.admin.run(mutations.linkDocument, { input: { id, groupIds: [groupId] } });
  const of = (id: string, kind: string) => (change: Change) => change.documentId === id && change.kind === kind;
  const kindsOf = (changes: readonly Change[]) => changes.map(({ kind, documentId }) => [kind, documentId]);

  test('opening is refused without signing in, for an unknown schema, and for arguments that are not valid', async () => {
    const { pat, schemaName } = world.clinic;
    const refused = (variables: object) => refusalOf(pat.subscribe(query, { ...variables }));
    expect(await refusalOf(createGraphqlClient(world.shape.url).subscribe(query))).toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    expect(await refused({ schemaName: 'nothing-like-it' })).toEqual({ code: 'NOT_FOUND', field: 'schemaName' });
    expect(await refused({ documentId: 'x' })).toEqual({ code: 'BAD_USER_INPUT', field: 'documentId' });
    expect(await refused({ filter: { field: 'status', eq: 'new' } })).toEqual({
      code: 'BAD_USER_INPUT',
      field: 'filter',
    });
    expect(await refused({ rql: 'eq(status,new)' })).toEqual({ code: 'BAD_USER_INPUT', field: 'rql' });
    expect(await refused({ schemaName, filter: { eq: 1 } })).toEqual({ code: 'BAD_USER_INPUT', field: 'filter.field' });
    expect(await refused({ schemaName, rql: 'limit(3)' })).toMatchObject({ code: 'BAD_USER_INPUT', field: 'rql' });
  });

  test('staff of a linked group follow a document from its link on until it is unlinked; strangers hear nothing', async () => {
    const { admin, jane, karim, rosa, groupA, groupB } = world.clinic;
    const schemaName = await newSchema();
    const janes = await followChanges(jane, { query, variables: { schemaName } }, admin);
    const karims = await followChanges(karim, { query, variables: { schemaName } }, admin);
    const rosas = await followChanges(rosa, { query, variables: { schemaName } }, admin);
    const id = await create(schemaName, 1);
    await link(id, groupA);
    await jane.run(mutations.updateDocument, { input: { id, data: { n: 2 } } });
    await jane.run(transition, { input: { id, name: 'read' } });
    // What came too late would be decided on when she does not see the document any more.
    await janes.until(of(id, 'TRANSITIONED'));
    await admin.run(unlink, { input: { id, groupIds: [groupA] } });
    await link(id, groupB);
    await admin.run(mutations.deleteDocument, { input: { id } });
    const seen = await janes.until(of(id, 'ACCESS_LOST'));
    expect(kindsOf(seen)).toEqual([
      ['ACCESS_GAINED', id],
      ['UPDATED', id],
      ['TRANSITIONED', id],
      ['ACCESS_LOST', id],
    ]);
    expect(seen.at(-1)).toMatchObject({ document: null, matchesFilter: false, groupId: null });
    // Rosa is a patient of B.
    for (const others of [karims, rosas]) {
      expect(kindsOf(await others.until(of(id, 'DELETED')))).toEqual([
        ['ACCESS_GAINED', id],
        ['DELETED', id],
      ]);
    }
    await Promise.all([janes, karims, rosas].map((followed) => followed.close()));
  });

  test('a list that is filtered learns what comes into it and what leaves it, and no more', async () => {
    const { admin, pat } = world.clinic;
    const schemaName = await newSchema();
    const typed = { schemaName, filter: { field: 'data.n', ge: 10 } };
    const byFilter = await followChanges(pat, { query, variables: typed }, admin);
    const byRql = await followChanges(pat, { query, variables: { schemaName, rql: 'ge(data.n,10)' } }, admin);
    const [small, id] = [await create(schemaName, 1), await create(schemaName, 2)];
    const grow = (n: number) => admin.run(mutations.updateDocument, { input: { id, data: { n } } });
    for (const n of [11, 12, 3, 4]) await grow(n);
    await admin.run(mutations.updateDocument, { input: { id: small, data: { n: 5 } } });
    await admin.run(mutations.deleteDocument, { input: { id } });
    for (const followed of [byFilter, byRql]) {
      const changes = await followed.until(of(id, 'DELETED'));
      expect(kindsOf(changes.filter(({ documentId }) => documentId === small))).toEqual([]);
      expect(changes.at(-1)).toMatchObject({ kind: 'DELETED', document: null, matchesFilter: false });
      await followed.close();
    }
    const still = await create(schemaName, 20);
    const leaving = await followChanges(pat, { query, variables: typed }, admin);
    await admin.run(mutations.updateDocument, { input: { id: still, data: { n: 7 } } });
    await admin.run(mutations.updateDocument, { input: { id: still, data: { n: 8 } } });
    await admin.run(mutations.updateDocument, { input: { id: still, data: { n: 30 } } });
    const changes = await leaving.until(({ matchesFilter }) => matchesFilter);
    expect(changes.map(({ kind, matchesFilter }) => [kind, matchesFilter])).toEqual([
      ['UPDATED', false],
      ['UPDATED', true],
    ]);
    await leaving.close();
  });

  test('gained and lost by enlistments, by roles and by permissions of roles; each is told once, others are not', async () => {
    const { admin, groupA, schemaName, createUser, signInAs, quinn } = world.clinic;
    const userId = await createUser('Ursula');
    const ursula = await signInAs('Ursula');
    const followed = await followChanges(ursula, { query, variables: { schemaName } }, admin);
    const quinns = await followChanges(quinn, { query, variables: { schemaName } }, admin);
    const role = (await admin.run(mutations.createRole, { input: { name: 'viewer' } })).createRole.role.id;
    const permit = (...permissions: string[]) =>
      admin.run(mutations.addPermissions, { input: { roleIds: [role], permissions } });
    await admin.run(mutations.addStaff, { input: { userIds: [userId], groupIds: [groupA] } });
    await admin.run(mutations.removeStaff, { input: { userIds: [userId], groupIds: [groupA] } });
    // Patients do not see documents of this schema, and neither do those who may create files of another.
    await admin.run(mutations.addPatient, { input: { userId, groupId: groupA } });
    await admin.run(mutations.addRoles, { input: { userIds: [userId], roleIds: [role] } });
    await permit('VIEW_GROUP', 'VIEW_DOCUMENTS:another-schema');
    await permit(`VIEW_DOCUMENTS:${schemaName}`);
    await admin.run(removePermissions, {
      input: { roleIds: [role], permissions: [`VIEW_DOCUMENTS:${schemaName}`] },
    });
    await permit('VIEW_DOCUMENTS');
    await admin.run(deleteRoles, { input: { roleIds: [role] } });
    const changes = await followed.until((_, index) => index === 5);
    const everywhere = { documentId: null, document: null, groupId: null };
    expect(changes).toMatchObject([
      { kind: 'ACCESS_GAINED', documentId: null, document: null, groupId: groupA },
      { kind: 'ACCESS_LOST', documentId: null, document: null, groupId: groupA },
      { kind: 'ACCESS_GAINED', ...everywhere },
      { kind: 'ACCESS_LOST', ...everywhere },
      { kind: 'ACCESS_GAINED', ...everywhere },
      { kind: 'ACCESS_LOST', ...everywhere },
    ]);
    expect(quinns.subscription.received).toEqual([]);
    await Promise.all([followed.close(), quinns.close()]);
  });

  test('a patient is told when their enlistment has ended by itself', async () => {
    const { admin, groupA, createUser, signInAs } = world.clinic;
    const schemaName = await newSchema();
    const userId = await createUser('Tim');
    const tim = await signInAs('Tim');
    const followed = await followChanges(tim, { query, variables: { schemaName } }, admin);
    const expiresAt = new Date(Date.now() + 3_000).toISOString();
    await admin.run(mutations.addPatient, { input: { userId, groupId: groupA, expiresAt } });
    expect(await followed.until(({ kind }) => kind === 'ACCESS_LOST')).toMatchObject([
      { kind: 'ACCESS_GAINED', groupId: groupA, documentId: null },
      { kind: 'ACCESS_LOST', groupId: groupA, documentId: null },
    ]);
    await followed.close();
  });

  test('another mode of the schema is told to whoever follows it', async () => {
    const { admin, rosa } = world.clinic;
    const schemaName = await newSchema();
    const id = await create(schemaName, 1);
    const followed = await followChanges(rosa, { query, variables: { schemaName } }, admin);
    const change = (readMode: unknown) =>
      admin.run(updateSchema, { input: { name: schemaName, definition: { ...definition, readMode } } });
    await change('allUsers');
    await admin.run(mutations.updateDocument, { input: { id, data: { n: 2 } } });
    await followed.until(of(id, 'UPDATED'));
    await change(['creator']);
    expect(kindsOf(await followed.until(({ kind }) => kind === 'ACCESS_LOST'))).toEqual([
      ['ACCESS_GAINED', null],
      ['UPDATED', id],
      ['ACCESS_LOST', null],
    ]);
    await followed.close();
  });

  test('who goes on from a position gets what changed in links meanwhile, as it would have come live', async () => {
    const { admin, karim, groupB } = world.clinic;
    const schemaName = await newSchema();
    const after = await logPosition(admin);
    const live = await followChanges(karim, { query, variables: { schemaName }, after }, admin);
    const [kept, lost] = [await create(schemaName, 1), await create(schemaName, 2)];
    for (const id of [kept, lost]) await link(id, groupB);
    await live.until(of(lost, 'ACCESS_GAINED'));
    await admin.run(unlink, { input: { id: lost, groupIds: [groupB] } });
    await admin.run(mutations.updateDocument, { input: { id: kept, data: { n: 3 } } });
    const asItCame = await live.until(of(kept, 'UPDATED'));
    const resumed = await followChanges(karim, { query, variables: { schemaName }, after }, admin);
    const afterwards = await resumed.until(of(kept, 'UPDATED'));
    // Of what Karim does not see any more, he is told that alone.
    expect(kindsOf(afterwards)).toEqual(
      kindsOf(asItCame).filter(([kind, id]) => id !== lost || kind === 'ACCESS_LOST'),
    );
    expect(kindsOf(asItCame)).toEqual([
      ['ACCESS_GAINED', kept],
      ['ACCESS_GAINED', lost],
      ['ACCESS_LOST', lost],
      ['UPDATED', kept],
    ]);
    await Promise.all([live.close(), resumed.close()]);
  });
});
