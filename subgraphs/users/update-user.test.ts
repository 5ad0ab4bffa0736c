// Changing an account: contact details and the profile image.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../platform/ids.ts';
import { type People, peopleIn } from '../../tests/support/people.ts';
import { publishedEvents } from '../../tests/support/published-events.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../tests/support/subgraphs.ts';
import { users } from './index.ts';

let graph: TestSubgraphs;
let people: People;
beforeAll(async () => {
  graph = await startTestSubgraphs([users]);
  people = peopleIn(graph);
});
afterAll(() => graph.close());

const fields = 'id firstName lastName phoneNumber language timeZone profileImage email';
const mutations = {
  updateUser: `mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { ${fields} } } }`,
  setProfileImage: `mutation ($input: SetProfileImageInput!) { setProfileImage(input: $input) { user { ${fields} } } }`,
  deleteProfileImage: `mutation ($input: DeleteProfileImageInput!) {
    deleteProfileImage(input: $input) { user { ${fields} } }
  }`,
};
type Mutation = keyof typeof mutations;
const run = (name: Mutation, input: object, identity: object) =>
  graph.execute('users', { query: mutations[name], variables: { input }, identity });
const refusal = async (...call: Parameters<typeof run>) => (await run(...call)).errors?.[0]?.extensions;
const published = () => publishedEvents(graph);

const cases: readonly [Mutation, string, object][] = [
  ['updateUser', 'UPDATE_USER', { firstName: 'Eve' }],
  ['setProfileImage', 'UPDATE_PROFILE_IMAGE', { hash: 'abc' }],
  ['deleteProfileImage', 'UPDATE_PROFILE_IMAGE', {}],
];

describe.each(cases)('%s', (name, permission, changes) => {
  test('needs a signed-in user, and an id', async () => {
    expect(await refusal(name, { userId: newId(), ...changes }, {})).toEqual({
      code: 'UNAUTHENTICATED',
      details: { code: 104 },
    });
    expect(await refusal(name, { userId: 'x', ...changes }, { userId: newId() })).toEqual({
      code: 'BAD_USER_INPUT',
      details: { field: 'input.userId', code: 12 },
    });
  });

  test('forbids somebody who is seen, and does not find somebody who is not', async () => {
    const [viewer, stranger] = [await people.user(), await people.user()];
    const [colleague, ward] = [await people.user(), await people.group()];
    await people.staff(viewer, ward);
    await people.staff(colleague, ward);
    const identity = await people.identityOf(viewer);
    const before = (await published()).length;
    expect(await refusal(name, { userId: colleague, ...changes }, identity)).toEqual({
      code: 'FORBIDDEN',
      details: { code: 10, permission },
    });
    const missing = await run(name, { userId: newId(), ...changes }, identity);
    expect(missing.errors?.[0]?.extensions).toEqual({
      code: 'NOT_FOUND',
      details: { field: 'input.userId', code: 16 },
    });
    expect(await run(name, { userId: stranger, ...changes }, identity)).toEqual(missing);
    expect(await published()).toHaveLength(before);
  });

  test('counts the permission only where it is held everywhere', async () => {
    const [userId, groupId] = [await people.user(), await people.group()];
    await people.patient(userId, groupId);
    const identity = { userId: newId(), staff: [{ groupId, permissions: [permission] }] };
    expect(await refusal(name, { userId, ...changes }, identity)).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('does not find a user who is gone: oneself, or with the permission', async () => {
    const gone = newId();
    const answer = { code: 'NOT_FOUND', details: { field: 'input.userId', code: 16 } };
    expect(await refusal(name, { userId: gone, ...changes }, { userId: gone })).toEqual(answer);
    const identity = { userId: newId(), permissions: [permission] };
    expect(await refusal(name, { userId: gone, ...changes }, identity)).toEqual(answer);
  });

  test('is for everybody with the permission, who sees the user no better for it', async () => {
    const userId = await people.user();
    const identity = { userId: newId(), permissions: [permission] };
    expect(await run(name, { userId: userId.toUpperCase(), ...changes }, identity)).toEqual({
      data: { [name]: { user: null } },
    });
  });
});

describe('updateUser', () => {
  test.each([
    ['firstName', ''],
    ['firstName', null],
    ['firstName', 'x'.repeat(101)],
    ['lastName', ' '],
    ['lastName', null],
    ['phoneNumber', ''],
    ['phoneNumber', 'x'.repeat(51)],
    ['phoneNumber', '1\0'],
    ['language', 'english'],
    ['language', null],
    ['timeZone', 'Europe/Nowhere'],
    ['timeZone', ''],
  ])('refuses a bad %s: %j, and changes nothing else', async (field, value) => {
    const userId = await people.user({ firstName: 'Ann' });
    const input = { userId, firstName: 'Eve', lastName: 'Other', [field]: value };
    const { data, errors } = await run('updateUser', input, { userId });
    expect(errors?.[0]?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      details: { field: `input.${field}`, code: 15 },
    });
    expect(data?.updateUser ?? null).toBeNull();
    const { data: after } = await run('updateUser', { userId }, { userId });
    expect(after.updateUser.user.firstName).toBe('Ann');
  });

  test('changes nothing and tells nothing when nothing is given, or the same again', async () => {
    const userId = await people.user({ firstName: 'Ann', phoneNumber: '1' });
    const before = (await published()).length;
    for (const input of [{ userId }, { userId, firstName: 'Ann', phoneNumber: '1', language: 'en' }]) {
      const { data, errors } = await run('updateUser', input, { userId });
      expect(errors).toBeUndefined();
      expect(data.updateUser.user).toMatchObject({ firstName: 'Ann', phoneNumber: '1', language: 'EN' });
    }
    expect(await published()).toHaveLength(before);
  });

  test('changes what is given, keeps what is left out, and tells which without the values', async () => {
    const userId = await people.user({ firstName: 'Ann', lastName: 'Doe', phoneNumber: '1', timeZone: 'UTC' });
    const input = { userId, lastName: 'Roe', phoneNumber: null, language: 'nl', timeZone: 'Europe/Brussels' };
    const { data, errors } = await run('updateUser', input, { userId });
    expect(errors).toBeUndefined();
    expect(data.updateUser.user).toMatchObject({
      id: userId,
      firstName: 'Ann',
      lastName: 'Roe',
      phoneNumber: null,
      language: 'NL',
      timeZone: 'Europe/Brussels',
    });
    const told = (await published()).at(-1);
    expect(told).toEqual({
      type: 'user_updated',
      content: { userId, fields: ['lastName', 'phoneNumber', 'language', 'timeZone'] },
    });
    await run('updateUser', { userId, timeZone: null }, { userId });
    expect((await published()).at(-1)?.content).toEqual({ userId, fields: ['timeZone'] });
  });
});

describe('the profile image', () => {
  test.each([[''], ['x'.repeat(257)], [' ']])('refuses the hash %j', async (hash) => {
    const userId = await people.user();
    expect(await refusal('setProfileImage', { userId, hash }, { userId })).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'input.hash' },
    });
  });

  test('is set and cleared, and told of when it changes', async () => {
    const userId = await people.user();
    const before = (await published()).length;
    const set = await run('setProfileImage', { userId, hash: 'cafe' }, { userId });
    expect(set.data.setProfileImage.user.profileImage).toBe('cafe');
    await run('setProfileImage', { userId, hash: 'cafe' }, { userId });
    const cleared = await run('deleteProfileImage', { userId }, { userId });
    expect(cleared.data.deleteProfileImage.user.profileImage).toBeNull();
    await run('deleteProfileImage', { userId }, { userId });
    const told = { type: 'user_updated', content: { userId, fields: ['profileImage'] } };
    expect((await published()).slice(before)).toEqual([told, told]);
  });
});
