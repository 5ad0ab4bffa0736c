// fileChanged over a WebSocket: the life of a file, and who comes to see it through documents and rights.
import { expect, test } from '@jest/globals';
import { createFile, fileOperations, put } from '../support/api-files.ts';
import { mutations } from '../support/clinic.ts';
import { describeClinic } from '../support/describe-clinic.ts';
import { createGraphqlClient } from '../support/graphql-client.ts';
import { followChanges, logPosition, refusalOf } from '../support/live-changes.ts';

const query = `subscription ($fileId: ID, $filter: FileFilter, $after: Position) {
  fileChanged(fileId: $fileId, filter: $filter, after: $after) {
    kind position fileId groupId matchesFilter file { id name status }
  }
}`;
const unlink = 'mutation ($input: UnlinkDocumentInput!) { unlinkDocument(input: $input) { document { id } } }';

interface Change {
  readonly kind: string;
  readonly fileId: string | null;
}

describeClinic('live files', (world) => {
  const kindsOf = (changes: readonly Change[]) => changes.map(({ kind, fileId }) => [kind, fileId]);
  const of = (id: string, kind: string) => (change: Change) => change.fileId === id && change.kind === kind;
  const document = async (): Promise<string> => {
    const { pat, schemaName } = world.clinic;
    const input = { schemaName, data: { systolic: 120 } };
    return (await pat.run(mutations.createDocument, { input })).createDocument.document.id;
  };

  test('opening is refused without signing in and for arguments that are not valid', async () => {
    const { pat } = world.clinic;
    expect(await refusalOf(createGraphqlClient(world.shape.url).subscribe(query))).toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    expect(await refusalOf(pat.subscribe(query, { fileId: 'x' }))).toEqual({ code: 'BAD_USER_INPUT', field: 'fileId' });
    expect(await refusalOf(pat.subscribe(query, { filter: { id: { eq: 'x' } } }))).toEqual({
      code: 'BAD_USER_INPUT',
      field: 'filter.id.eq',
    });
  });

  test('the creator follows the life of a file; others who see it by a document from its link on', async () => {
    const { admin, pat, jane, karim } = world.clinic;
    const after = await logPosition(admin);
    const pats = await followChanges(pat, { query, after }, admin);
    const janes = await followChanges(jane, { query, after }, admin);
    const karims = await followChanges(karim, { query, after }, admin);
    const file = await createFile(pat);
    const id = await document();
    await admin.run(mutations.linkDocument, { input: { id, fileIds: [file.id] } });
    expect((await put(file.uploadUrl, Buffer.from('bytes'))).status).toBe(201);
    await pat.run(fileOperations.deleteFile, { input: { fileId: file.id } });
    expect(kindsOf(await pats.until(of(file.id, 'DELETED')))).toEqual([
      ['CREATED', file.id],
      ['UPLOADED', file.id],
      ['DELETED', file.id],
    ]);
    const seen = await janes.until(of(file.id, 'DELETED'));
    expect(seen.at(-1)).toMatchObject({ file: null, matchesFilter: false });
    expect(karims.subscription.received).toEqual([]);
    await Promise.all([pats, janes, karims].map((followed) => followed.close()));
  });

  test('a file is gained and lost with its document: by links of either, and when the document goes', async () => {
    const { admin, pat, jane, karim, groupB } = world.clinic;
    const [file, other] = [await createFile(pat), await createFile(pat)];
    const id = await document();
    const [janes, karims] = [await followChanges(jane, { query }, admin), await followChanges(karim, { query }, admin)];
    await admin.run(mutations.linkDocument, { input: { id, fileIds: [file.id, other.id] } });
    await janes.until(of(other.id, 'ACCESS_GAINED'));
    await admin.run(mutations.linkDocument, { input: { id, groupIds: [groupB] } });
    await karims.until(of(other.id, 'ACCESS_GAINED'));
    await admin.run(unlink, { input: { id, fileIds: [file.id] } });
    await karims.until(of(file.id, 'ACCESS_LOST'));
    await admin.run(mutations.deleteDocument, { input: { id } });
    const lost = await karims.until(of(other.id, 'ACCESS_LOST'));
    expect(lost.at(-1)).toMatchObject({ file: null });
    expect(kindsOf(lost).sort()).toEqual(kindsOf(await janes.until(of(other.id, 'ACCESS_LOST'))).sort());
    await Promise.all([janes.close(), karims.close()]);
  });

  test('what was gained and lost before it is read is not shown', async () => {
    const { admin, pat, karim, groupB } = world.clinic;
    const [file, later] = [await createFile(pat), await createFile(pat)];
    const id = await document();
    const after = await logPosition(admin);
    await admin.run(mutations.linkDocument, { input: { id, groupIds: [groupB], fileIds: [file.id] } });
    await admin.run(unlink, { input: { id, fileIds: [file.id] } });
    await admin.run(mutations.linkDocument, { input: { id, fileIds: [later.id] } });
    const karims = await followChanges(karim, { query, after }, admin);
    expect(kindsOf(await karims.until(of(later.id, 'ACCESS_GAINED')))).toEqual([
      ['ACCESS_LOST', file.id],
      ['ACCESS_GAINED', later.id],
    ]);
    await karims.close();
  });

  test('a filtered list learns what leaves it; what never was in it does not come', async () => {
    const { admin, pat } = world.clinic;
    const variables = { filter: { name: { like: 'mine' }, status: { eq: 'AWAITING_BYTES' } } };
    const followed = await followChanges(pat, { query, variables }, admin);
    const other = await createFile(pat, { name: 'other' });
    const file = await createFile(pat, { name: 'mine' });
    await followed.until(of(file.id, 'CREATED'));
    await put(file.uploadUrl, Buffer.from('bytes'));
    const changes = await followed.until(of(file.id, 'UPLOADED'));
    expect(changes.map(({ kind, matchesFilter }) => [kind, matchesFilter])).toEqual([
      ['CREATED', true],
      ['UPLOADED', false],
    ]);
    expect(changes.some(({ fileId }) => fileId === other.id)).toBe(false);
    await followed.close();
  });

  test('rights to see all files, or documents, ask for reading the list again', async () => {
    const { admin, groupA, createUser, signInAs } = world.clinic;
    const userId = await createUser('Vera');
    const vera = await signInAs('Vera');
    const followed = await followChanges(vera, { query }, admin);
    // The first of them shows no file.
    for (const permission of ['VIEW_USER', 'VIEW_FILES']) {
      const role = (await admin.run(mutations.createRole, { input: { name: permission } })).createRole.role.id;
      await admin.run(mutations.addPermissions, { input: { roleIds: [role], permissions: [permission] } });
      await admin.run(mutations.addRoles, { input: { userIds: [userId], roleIds: [role] } });
    }
    await admin.run(mutations.addStaff, { input: { userIds: [userId], groupIds: [groupA] } });
    await admin.run(mutations.removeStaff, { input: { userIds: [userId], groupIds: [groupA] } });
    expect(await followed.until(({ kind }) => kind === 'ACCESS_LOST')).toMatchObject([
      { kind: 'ACCESS_GAINED', fileId: null, file: null, groupId: null },
      { kind: 'ACCESS_GAINED', fileId: null, file: null, groupId: groupA },
      { kind: 'ACCESS_LOST', fileId: null, file: null, groupId: groupA },
    ]);
    await followed.close();
  });
});
