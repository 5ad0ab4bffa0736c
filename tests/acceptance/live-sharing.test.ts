// Viewers with the same rights are served together, across processes too; who is compared with their own id is served alone.
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { mutations } from '../support/clinic.ts';
import { describeClinic } from '../support/describe-clinic.ts';
import type { GraphqlClient } from '../support/graphql-client.ts';

const changes = `subscription ($schemaName: String) {
  documentChanged(schemaName: $schemaName) { kind documentId document { data creator { firstName } groups { name } } }
}`;

describeClinic('subscribers with the same rights', (world) => {
  const metric = async (name: string): Promise<number> => {
    const text = await (await fetch(`${world.shape.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
  };
  const until = async (condition: () => Promise<boolean>) => {
    for (const deadline = Date.now() + 30_000; !(await condition()); await pause(50)) {
      if (Date.now() > deadline) throw new Error('it did not come to this in time');
    }
  };

  /** Somebody new on the staff of group A who may see its documents and patients. */
  async function nurse(firstName: string, roleId: string): Promise<GraphqlClient> {
    const { admin, groupA, createUser, signInAs } = world.clinic;
    const userIds = [await createUser(firstName)];
    await admin.run(mutations.addStaff, { input: { userIds, groupIds: [groupA], roleIds: [roleId] } });
    return signInAs(firstName);
  }

  test('share one execution for each change; the patient whose document it is has an own one', async () => {
    const { admin, pat, rosa, groupA, schemaName } = world.clinic;
    const { role } = (await admin.run(mutations.createRole, { input: { name: 'nurse', groupId: groupA } })).createRole;
    const permissions = ['VIEW_DOCUMENTS', 'VIEW_PATIENTS'];
    await admin.run(mutations.addPermissions, { input: { roleIds: [role.id], permissions } });
    const nurses = [await nurse('Ann', role.id), await nurse('Ben', role.id), await nurse('Cem', role.id)];
    const viewers = [...nurses, pat, rosa];
    const before = await metric('caregraph_live_keeping_up');
    const subscriptions = viewers.map((viewer) => viewer.subscribe(changes, { schemaName }));
    await until(async () => (await metric('caregraph_live_keeping_up')) === before + viewers.length);
    expect(await metric('caregraph_live_upstreams')).toBe(1);

    const executions = await metric('caregraph_live_executions_total');
    const input = { schemaName, data: { systolic: 120 } };
    const { document } = (await pat.run(mutations.createDocument, { input })).createDocument;
    const told = await Promise.all(subscriptions.slice(0, 4).map((one) => one.waitFor(1)));
    const [first] = told;
    expect(first?.[0]?.data.documentChanged).toMatchObject({
      kind: 'CREATED',
      documentId: document.id,
      document: { data: input.data, creator: { firstName: 'Pat' } },
    });
    for (const received of told) expect(received).toEqual(first);
    // One for the three nurses, one for each of the two patients.
    await until(async () => (await metric('caregraph_live_executions_total')) === executions + 3);
    expect(subscriptions.at(-1)?.received).toEqual([]);
    await Promise.all(subscriptions.map((one) => one.close()));
    await until(async () => (await metric('caregraph_live_upstreams')) === 0);
  });
});
