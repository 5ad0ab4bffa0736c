// Enlistments as they begin and end: who may enlist, who may leave, and what an enlistment that runs out still shows.
import { afterEach, expect, test } from '@jest/globals';
import { mutations } from '../support/clinic.ts';
import { describeClinic } from '../support/describe-clinic.ts';
import { refusalOf } from '../support/describe-with-mail.ts';
import type { GraphqlClient } from '../support/graphql-client.ts';
import { createGraphqlClient } from '../support/graphql-client.ts';

const missing = '01900000-0000-7000-8000-000000000000';
const forbidden = ['FORBIDDEN', 10];

describeClinic('enlistments', (world) => {
  afterEach(() => world.clock.start());
  const refusal = async (client: GraphqlClient, operation: keyof typeof mutations, input: object) =>
    refusalOf(await client.ask(mutations[operation], { input }));

  /** Somebody new, signed in, who belongs nowhere yet. */
  async function newcomer(firstName: string): Promise<{ userId: string; client: GraphqlClient }> {
    const userId = await world.clinic.createUser(firstName);
    return { userId, client: await world.clinic.signInAs(firstName) };
  }
  /** A role of group A with these permissions. */
  async function roleOfA(permissions: readonly string[]): Promise<string> {
    const { admin, groupA } = world.clinic;
    const { role } = (await admin.run(mutations.createRole, { input: { name: 'role', groupId: groupA } })).createRole;
    await admin.run(mutations.addPermissions, { input: { roleIds: [role.id], permissions } });
    return role.id;
  }
  /** What a patient sees of the clinic. */
  async function sightOf(client: GraphqlClient) {
    const { groupA, jane } = world.clinic;
    const { user, group, users, groups } = await client.run(
      `query ($jane: ID!, $group: ID!) {
        user(id: $jane) { firstName } group(id: $group) { id staff { totalCount } }
        users { nodes { firstName } } groups { totalCount }
      }`,
      { jane: jane.userId, group: groupA },
    );
    const names = users.nodes.map(({ firstName }: { firstName: string }) => firstName);
    return { jane: user?.firstName ?? null, group: group?.id ?? null, names, groups: groups.totalCount };
  }

  test('of patients are refused to who may not, twice, in the past, and for what is not there', async () => {
    const { admin, jane, karim, pat, groupA } = world.clinic;
    const { userId, client } = await newcomer('Nora');
    const input = { userId, groupId: groupA };
    expect((await refusal(createGraphqlClient(world.shape.url), 'addPatient', input))[0]).toBe('UNAUTHENTICATED');
    for (const one of [client, jane, karim, pat]) expect(await refusal(one, 'addPatient', input)).toEqual(forbidden);
    expect(await refusal(admin, 'addPatient', { userId: missing, groupId: groupA })).toEqual(['NOT_FOUND', 16]);
    expect(await refusal(admin, 'addPatient', { userId, groupId: missing })).toEqual(['NOT_FOUND', 16]);
    const past = { ...input, expiresAt: new Date(world.clock.now() - 1_000).toISOString() };
    const late = await admin.ask(mutations.addPatient, { input: past });
    expect(late.errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'input.expiresAt', code: 15 },
    });
    expect((await sightOf(client)).groups).toBe(0);
    await admin.run(mutations.addPatient, { input });
    expect(await sightOf(client)).toMatchObject({ jane: 'Jane', group: groupA, groups: 1 });
    expect(await refusal(admin, 'addPatient', input)).toEqual(['ALREADY_EXISTS', 17]);
  });

  test('of a patient end by her own hand, not by that of others', async () => {
    const { admin, jane, karim, quinn, groupA, groupB } = world.clinic;
    const { userId, client } = await newcomer('Wilma');
    const input = { userId, groupId: groupA };
    await admin.run(mutations.addPatient, { input });
    for (const one of [quinn, jane, karim]) expect(await refusal(one, 'removePatient', input)).toEqual(forbidden);
    // Nobody learns from the refusal who is a patient where.
    const elsewhere = { userId, groupId: groupB };
    for (const other of [elsewhere, { userId: missing, groupId: groupA }, { userId, groupId: missing }]) {
      expect(await refusal(quinn, 'removePatient', other)).toEqual(forbidden);
    }
    expect(await refusal(client, 'removePatient', elsewhere)).toEqual(['NOT_FOUND', 16]);
    expect(await sightOf(client)).toMatchObject({ jane: 'Jane', names: ['Wilma', 'Jane'] });

    expect((await client.run(mutations.removePatient, { input })).removePatient.user).toEqual({ id: userId });
    expect(await sightOf(client)).toEqual({ jane: null, group: null, names: ['Wilma'], groups: 0 });
    expect(await refusal(client, 'removePatient', input)).toEqual(['NOT_FOUND', 16]);
    expect((await jane.run('query ($id: ID!) { user(id: $id) { id } }', { id: userId })).user).toBeNull();
  });

  test('that run out take the sight of staff from the patient, and leave staff theirs of her', async () => {
    const { admin, jane, groupA } = world.clinic;
    const { userId, client } = await newcomer('Ella');
    const expiresAt = world.clock.now() + 60_000;
    const input = { userId, groupId: groupA };
    await admin.run(mutations.addPatient, { input: { ...input, expiresAt: new Date(expiresAt).toISOString() } });
    await world.clock.stop(expiresAt - 1);
    expect(await sightOf(client)).toMatchObject({ jane: 'Jane', group: groupA, groups: 1 });

    await world.clock.stop(expiresAt);
    expect(await sightOf(client)).toEqual({ jane: null, group: null, names: ['Ella'], groups: 0 });
    expect((await client.run('{ me { patientEnlistments { expired } } }')).me.patientEnlistments).toEqual([
      { expired: true },
    ]);
    const enlistment = { expired: true, expiresAt: new Date(expiresAt).toISOString(), group: { id: groupA } };
    const patients = `query ($group: ID!) { patients(groupId: $group) {
      nodes { id patientEnlistments { expired expiresAt group { id } } }
    } }`;
    const { nodes } = (await jane.run(patients, { group: groupA })).patients;
    expect(nodes.find(({ id }: { id: string }) => id === userId)).toEqual({
      id: userId,
      patientEnlistments: [enlistment],
    });

    // To extend it is to end it and to begin anew.
    expect(await refusal(admin, 'addPatient', input)).toEqual(['ALREADY_EXISTS', 17]);
    await admin.run(mutations.removePatient, { input });
    await admin.run(mutations.addPatient, { input });
    expect(await sightOf(client)).toMatchObject({ jane: 'Jane', group: groupA, groups: 1 });
  });

  test('of staff are not begun or ended by oneself without ADD_STAFF', async () => {
    const { admin, karim, rosa, groupA, groupB } = world.clinic;
    const { userId, client } = await newcomer('Nadia');
    const { userId: colleague } = await newcomer('Carl');
    const roleIds = [await roleOfA(['REMOVE_STAFF'])];
    const own = { userIds: [userId], groupIds: [groupA] };
    expect(await refusal(client, 'addStaff', own)).toEqual(forbidden);
    expect(await refusal(rosa, 'addStaff', { userIds: [rosa.userId], groupIds: [groupB] })).toEqual(forbidden);
    // In his own group only, and all or nothing.
    for (const groupIds of [[groupA], [groupB, groupA], [groupB, missing]]) {
      expect(await refusal(karim, 'addStaff', { userIds: [karim.userId], groupIds })).toEqual(forbidden);
    }
    await admin.run(mutations.addStaff, { input: { userIds: [userId, colleague], groupIds: [groupA] } });
    expect(await refusal(client, 'removeStaff', own)).toEqual(forbidden);
    await admin.run(mutations.addStaff, { input: { ...own, roleIds } });

    const alone = await client.ask(mutations.removeStaff, { input: own });
    expect(alone.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', details: { permission: 'ADD_STAFF' } });
    const both = { userIds: [colleague, userId], groupIds: [groupA] };
    expect(await refusal(client, 'removeStaff', both)).toEqual(forbidden);
    const staff = 'query ($group: ID!) { staff(groupId: $group) { nodes { firstName } } }';
    const names = async () =>
      (await client.run(staff, { group: groupA })).staff.nodes.map(({ firstName }: { firstName: string }) => firstName);
    expect(await names()).toEqual(['Carl', 'Nadia', 'Jane']);
    await client.run(mutations.removeStaff, { input: { ...own, userIds: [colleague] } });
    expect(await names()).toEqual(['Nadia', 'Jane']);

    await admin.run(mutations.addPermissions, { input: { roleIds, permissions: ['ADD_STAFF'] } });
    await client.run(mutations.removeStaff, { input: own });
    expect(refusalOf(await client.ask(staff, { group: groupA }))).toEqual(forbidden);
    expect(await refusal(client, 'addStaff', own)).toEqual(forbidden);
  });
});
