// Groups follow enlistments: what a person recorded before becomes the clinic's to see when she becomes its patient, and
// no longer is when she leaves.
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { mutations } from '../support/clinic.ts';
import { describeClinic } from '../support/describe-clinic.ts';

const document = 'query ($id: ID!) { document(id: $id) { id groups { id } version } }';

describeClinic('group synchronisation', (world) => {
  test.each(['creatorPatientEnlistments', 'linkedUsersPatientEnlistments'])(
    '%s reaches documents that are there',
    async (groupSyncMode) => {
      const { admin, jane, karim, createUser, signInAs, groupA } = world.clinic;
      const name = `diary-${Math.random().toString(36).slice(2, 10)}`;
      const definition = {
        groupSyncMode,
        readMode: ['creator', 'linkedGroupStaff'],
        creationTransition: { type: 'manual', toStatus: 'new', actions: [{ type: 'linkCreator' }] },
      };
      await admin.run(mutations.createSchema, { input: { name, description: '', definition } });
      const firstName = `Nora${groupSyncMode.length}`;
      const userId = await createUser(firstName);
      const nora = await signInAs(firstName);
      const { id } = (await nora.run(mutations.createDocument, { input: { schemaName: name } })).createDocument
        .document;
      const becomes = async (expected: unknown) => {
        for (let tries = 0; tries < 100; tries += 1) {
          if (JSON.stringify((await jane.run(document, { id })).document) === JSON.stringify(expected)) return;
          await pause(200);
        }
        expect((await jane.run(document, { id })).document).toEqual(expected);
      };
      expect((await jane.run(document, { id })).document).toBeNull();

      await admin.run(mutations.addPatient, { input: { userId, groupId: groupA } });
      await becomes({ id, groups: [{ id: groupA }], version: 2 });
      expect((await karim.run(document, { id })).document).toBeNull();
      const another = (await nora.run(mutations.createDocument, { input: { schemaName: name } })).createDocument
        .document;
      expect((await jane.run(document, { id: another.id })).document).toMatchObject({ groups: [{ id: groupA }] });

      await admin.run(mutations.removePatient, { input: { userId, groupId: groupA } });
      await becomes(null);
      expect((await nora.run(document, { id })).document).toEqual({ id, groups: [], version: 3 });
    },
    60_000,
  );
});
