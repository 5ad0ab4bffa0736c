// Making users patients of groups, and ending that.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { type People, peopleIn } from '../../../tests/support/people.ts';
import { publishedEvents } from '../../../tests/support/published-events.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../index.ts';

let graph: TestSubgraphs;
let people: People;
let now = Date.parse('2026-11-21T12:00:00Z');
beforeAll(async () => {
  graph = await startTestSubgraphs([users], { now: () => now });
  people = peopleIn(graph);
});
afterAll(() => graph.close());

const enlistments = 'patientEnlistments { group { id } expiresAt expired }';
const queries = {
  addPatient: `mutation ($input: AddPatientInput!) { addPatient(input: $input) { user { id ${enlistments} } } }`,
  removePatient: 'mutation ($input: RemovePatientInput!) { removePatient(input: $input) { user { id } } }',
};
const run = (name: keyof typeof queries, input: object, identity: object) =>
  graph.execute('users', { query: queries[name], variables: { input }, identity });
const refusal = async (...call: Parameters<typeof run>) => (await run(...call)).errors?.[0]?.extensions;

const me = newId();
const globally = (...permissions: string[]) => ({ userId: me, permissions });
const published = () => publishedEvents(graph);
const patientOf = async (userId: string) => (await people.identityOf(userId)).patient;

describe('addPatient', () => {
  test('needs ADD_PATIENT everywhere: in the group it counts for nothing', async () => {
    const [userId, groupId] = [await people.user(), await people.group()];
    const staff = [{ groupId, permissions: ['ADD_PATIENT'] }];
    const answer = await refusal('addPatient', { userId, groupId }, { userId: me, staff });
    expect(answer).toMatchObject({ code: 'FORBIDDEN', details: { permission: 'ADD_PATIENT' } });
    expect(await patientOf(userId)).toEqual([]);
  });

  test('refuses what is no id, and does not find what there is not', async () => {
    const [userId, groupId] = [await people.user(), await people.group()];
    const answers = [
      await refusal('addPatient', { userId: 'x', groupId }, globally('ADD_PATIENT')),
      await refusal('addPatient', { userId: newId(), groupId }, globally('ADD_PATIENT')),
      await refusal('addPatient', { userId, groupId: newId() }, globally('ADD_PATIENT')),
    ];
    expect(answers).toMatchObject([
      { code: 'BAD_USER_INPUT', details: { field: 'input.userId' } },
      { code: 'NOT_FOUND', details: { field: 'input.userId' } },
      { code: 'NOT_FOUND', details: { field: 'input.groupId' } },
    ]);
  });

  test('refuses an end that is not in the future', async () => {
    const input = {
      userId: await people.user(),
      groupId: await people.group(),
      expiresAt: new Date(now).toISOString(),
    };
    const answer = await refusal('addPatient', input, globally('ADD_PATIENT'));
    expect(answer).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.expiresAt' } });
  });

  test('refuses a second enlistment in the same group, also when the first has expired', async () => {
    const input = { userId: await people.user(), groupId: await people.group() };
    const expiresAt = new Date(now + 1_000).toISOString();
    await run('addPatient', { ...input, expiresAt }, globally('ADD_PATIENT'));
    const before = (await published()).length;
    now += 2_000;
    expect(await refusal('addPatient', input, globally('ADD_PATIENT'))).toEqual({
      code: 'ALREADY_EXISTS',
      details: { code: 17 },
    });
    expect(await published()).toHaveLength(before);
  });

  test('enlists, tells, takes effect, and expires by itself', async () => {
    const [userId, groupId] = [await people.user(), await people.group()];
    const expiresAt = new Date(now + 60_000);
    const identity = globally('ADD_PATIENT', 'VIEW_PATIENTS', 'VIEW_GROUP');
    const { data, errors } = await run('addPatient', { userId, groupId, expiresAt: expiresAt.toISOString() }, identity);
    expect(errors).toBeUndefined();
    expect(JSON.parse(JSON.stringify(data.addPatient.user))).toEqual({
      id: userId,
      patientEnlistments: [{ group: { id: groupId }, expiresAt: expiresAt.toISOString(), expired: false }],
    });
    expect((await published()).at(-1)).toEqual({ type: 'patient_enlistment_added', content: { userId, groupId } });
    expect(await graph.database.accessVersions([userId])).toEqual(['1']);
    expect(await patientOf(userId)).toEqual([{ groupId, expiresAt: expiresAt.getTime() }]);
    now += 60_000;
    const query = `query ($userId: ID!) { user(id: $userId) { ${enlistments} } }`;
    const later = await graph.execute('users', { query, variables: { userId }, identity });
    expect(later.data.user.patientEnlistments).toMatchObject([{ expired: true }]);
  });
});

describe('removePatient', () => {
  test('without the right, answers the same whether or not somebody is a patient', async () => {
    const [userId, groupId, elsewhere] = [await people.user(), await people.group(), await people.group()];
    await people.patient(userId, groupId);
    const staff = [
      { groupId: elsewhere, permissions: ['REMOVE_PATIENT'] },
      { groupId, permissions: ['VIEW_PATIENTS'] },
    ];
    const answer = await run('removePatient', { userId, groupId }, { userId: me, staff });
    expect(answer.errors?.[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
      details: { permission: 'REMOVE_PATIENT' },
    });
    expect(await run('removePatient', { userId: newId(), groupId }, { userId: me, staff })).toEqual(answer);
    expect(await run('removePatient', { userId, groupId: newId() }, { userId: me, staff })).toEqual(answer);
    expect(await patientOf(userId)).toHaveLength(1);
  });

  test('does not find an enlistment that there is not', async () => {
    const input = { userId: await people.user(), groupId: await people.group() };
    expect(await refusal('removePatient', input, globally('REMOVE_PATIENT'))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refusal('removePatient', input, { userId: input.userId })).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('lets patients withdraw themselves, tells, and takes effect', async () => {
    const [userId, groupId] = [await people.user(), await people.group()];
    await people.patient(userId, groupId);
    const { data } = await run('removePatient', { userId, groupId }, { userId, patient: [{ groupId }] });
    expect(data.removePatient.user).toEqual({ id: userId });
    expect((await published()).at(-1)).toEqual({ type: 'patient_enlistment_removed', content: { userId, groupId } });
    expect(await patientOf(userId)).toEqual([]);
    expect(await graph.database.accessVersions([userId])).toEqual(['1']);
  });

  test('lets staff with REMOVE_PATIENT there end it, and shows them the user no more', async () => {
    const [userId, groupId] = [await people.user(), await people.group()];
    await people.patient(userId, groupId);
    const staff = [{ groupId, permissions: ['REMOVE_PATIENT'] }];
    const answer = await run('removePatient', { userId, groupId }, { userId: me, staff });
    expect(answer).toEqual({ data: { removePatient: { user: null } } });
    expect(await patientOf(userId)).toEqual([]);
  });
});
