// A patient deletes her account: what was hers alone goes, what belongs to the clinic stays without her name.
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { mutations } from '../support/clinic.ts';
import { describeClinic } from '../support/describe-clinic.ts';

const deleteUser = 'mutation ($input: DeleteUserInput!) { deleteUser(input: $input) { userId } }';
const document = `query ($id: ID!) {
  document(id: $id) { id data creator { firstName } users { firstName } files { id name creator { firstName } } }
}`;
const file = 'query ($id: ID!) { file(id: $id) { id } }';
const patients = 'query ($groupId: ID!) { patients(groupId: $groupId) { totalCount nodes { firstName } } }';

describeClinic('a deleted user', (world) => {
  test('leaves her documents with her staff, without her name; files of no document are gone, and so is she', async () => {
    const { admin, jane, quinn, groupA, schemaName } = world.clinic;
    const userId = quinn.userId as string;
    const input = { schemaName, data: { systolic: 120 } };
    const { id } = (await quinn.run(mutations.createDocument, { input })).createDocument.document;
    const createFile = async (name: string): Promise<string> =>
      (await quinn.run(mutations.createFile, { input: { name } })).createFile.file.id;
    const [linked, loose] = [await createFile('linked'), await createFile('loose')];
    await quinn.run(mutations.linkDocument, { input: { id, fileIds: [linked] } });
    const before = (await jane.run(document, { id })).document;
    expect(before).toMatchObject({ creator: { firstName: 'Quinn' }, files: [{ creator: { firstName: 'Quinn' } }] });
    expect((await jane.run(patients, { groupId: groupA })).patients).toEqual({
      totalCount: 2,
      // The clinic opens with all its people at once: who of them was first is chance.
      nodes: expect.arrayContaining([{ firstName: 'Quinn' }, { firstName: 'Pat' }]),
    });
    const socket = quinn.subscribe(
      'subscription ($schemaName: String!) { documentChanged(schemaName: $schemaName) { type } }',
      { schemaName },
    );

    const refused = await jane.ask(deleteUser, { input: { userId } });
    expect(refused.errors?.[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
      details: { code: 10, permission: 'DELETE_USER' },
    });
    expect(await quinn.run(deleteUser, { input: { userId } })).toEqual({ deleteUser: { userId } });

    expect((await quinn.ask('{ me { id } }')).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    await socket.waitUntilEnded();
    const after = (await jane.run(document, { id })).document;
    expect(after).toEqual({ ...before, creator: null, users: [null], files: [{ ...before.files[0], creator: null }] });
    expect((await jane.run(patients, { groupId: groupA })).patients).toEqual({
      totalCount: 1,
      nodes: [{ firstName: 'Pat' }],
    });
    const isThere = async (fileId: string) => (await admin.run(file, { id: fileId })).file !== null;
    for (let tries = 0; tries < 50 && (await isThere(loose)); tries += 1) await pause(200);
    expect([await isThere(loose), await isThere(linked)]).toEqual([false, true]);
    expect((await admin.ask(deleteUser, { input: { userId } })).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  });
});
