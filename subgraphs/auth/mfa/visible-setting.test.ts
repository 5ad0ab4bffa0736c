// Who sees and who changes how a user signs in with a second factor.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { type MfaClient, type MfaOperation, type MfaUser, mfaClient, refusal } from '../../../tests/support/mfa.ts';
import { countByTable, recordStatements } from '../../../tests/support/recorded-statements.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../../users/index.ts';
import { auth } from '../index.ts';

let graph: TestSubgraphs;
let client: MfaClient;
let owner: MfaUser;
let other: MfaUser;
const clock = { now: Date.parse('2026-11-21T12:00:00Z') };
beforeAll(async () => {
  graph = await startTestSubgraphs([users, auth], { now: () => clock.now });
  client = mfaClient(graph, clock);
  [owner, other] = [await client.newUser(), await client.newUser()];
});
afterAll(() => graph.close());

const view = 'VIEW_USER_MFA_SETTINGS';
const update = 'UPDATE_USER_MFA_SETTINGS';
const settingOf = (viewer: { userId: string; permissions?: string[] } | undefined, userId?: string) =>
  graph.execute('auth', {
    query: 'query ($userId: ID) { mfaSetting(userId: $userId) { user { id } enabled methods { id } updatedAt } }',
    variables: { userId },
    ...(viewer === undefined ? {} : { identity: { userId: viewer.userId, permissions: viewer.permissions ?? [] } }),
  });
const references = (viewer: { userId: string; permissions?: string[] }, ids: string[]) =>
  graph.execute('auth', {
    query: `query ($representations: [_Any!]!) {
      _entities(representations: $representations) { ... on User { id mfaSetting { user { id } enabled methods { id } } } }
    }`,
    variables: { representations: ids.map((id) => ({ __typename: 'User', id })) },
    identity: { userId: viewer.userId, permissions: viewer.permissions ?? [] },
  });
const seen = async (viewer: { userId: string; permissions?: string[] }, ids: string[]) =>
  (await references(viewer, ids)).data._entities.map(({ mfaSetting }: { mfaSetting: unknown }) => mfaSetting !== null);

describe('a setting', () => {
  test('is for users who are signed in', async () => {
    expect(refusal(await settingOf(undefined))).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(refusal(await settingOf(owner, 'x'))).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'userId', code: 12 },
    });
  });

  test('of somebody else looks like one of nobody without the permission', async () => {
    expect(await settingOf(owner, other.userId)).toEqual({ data: { mfaSetting: null } });
    expect(await settingOf({ ...owner, permissions: [update] }, other.userId)).toEqual({ data: { mfaSetting: null } });
    expect(await settingOf(owner, newId())).toEqual({ data: { mfaSetting: null } });
    expect(await settingOf({ ...owner, permissions: [view] }, newId())).toEqual({ data: { mfaSetting: null } });
  });

  test('is there from the first look on, off and empty, and does not change by being looked at', async () => {
    const user = await client.newUser();
    const first = (await settingOf(user)).data.mfaSetting;
    expect(first).toMatchObject({ user: { id: user.userId }, enabled: false, methods: [] });
    clock.now += 1_000;
    expect((await settingOf({ ...other, permissions: [view] }, user.userId)).data.mfaSetting).toEqual(first);
  });

  test('is shown by references as by the query, to nobody else, and of nobody who is not there', async () => {
    const gone = newId();
    const ids = [owner.userId, other.userId, gone, 'no id'];
    expect(await seen(owner, ids)).toEqual([true, false, false, false]);
    expect(await seen({ ...owner, permissions: [view] }, ids)).toEqual([true, true, false, false]);
    const protectedUser = await client.protectedUser();
    const { data } = await references({ ...owner, permissions: [view] }, [owner.userId, protectedUser.userId]);
    expect(data._entities[1].mfaSetting).toEqual({
      user: { id: protectedUser.userId },
      enabled: true,
      methods: [{ id: protectedUser.codesId }, { id: protectedUser.totpId }],
    });
  });

  test('of many users is read in one go, and so are their methods', async () => {
    const admin = { userId: newId(), permissions: [view] };
    const ids = [owner.userId, other.userId, (await client.protectedUser()).userId];
    await seen(admin, ids);
    const counts = countByTable(await recordStatements(() => seen(admin, ids)));
    expect(counts).toEqual({ 'users.users': 1, 'auth.mfa_settings': 1, 'auth.mfa_methods': 1 });
  });
});

const operations: [MfaOperation, object][] = [
  ['addMfaMethod', { type: 'TOTP' }],
  ['confirmMfaMethod', { methodId: newId(), code: '123456' }],
  ['removeMfaMethod', { methodId: newId() }],
  ['enableMfa', {}],
  ['disableMfa', {}],
];

describe.each(operations)('%s', (operation, input) => {
  test('needs somebody who is signed in', async () => {
    const answer = await client.ask(operation, { presenceToken: 'x', ...input });
    expect(refusal(answer)).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('needs a presence token', async () => {
    const answer = await client.ask(operation, { presenceToken: 'x', ...input }, owner);
    expect(refusal(answer)).toMatchObject({ code: 'INVALID_PRESENCE_TOKEN' });
  });

  test('for somebody else needs the permission', async () => {
    const presenceToken = await client.presence(owner);
    for (const permissions of [[], [view]]) {
      const claim = { presenceToken, userId: other.userId, ...input };
      expect(refusal(await client.ask(operation, claim, { ...owner, permissions }))).toMatchObject({
        code: 'FORBIDDEN',
        details: { permission: update },
      });
    }
  });

  test('for somebody else needs the caller’s own presence', async () => {
    const presenceToken = await client.presence(other);
    const claim = { presenceToken, userId: other.userId, ...input };
    expect(refusal(await client.ask(operation, claim, { ...owner, permissions: [update] }))).toMatchObject({
      code: 'INVALID_PRESENCE_TOKEN',
    });
  });

  test('for a user who is not there is refused', async () => {
    const presenceToken = await client.presence(owner);
    const claim = { presenceToken, userId: newId(), ...input };
    expect(refusal(await client.ask(operation, claim, { ...owner, permissions: [update] }))).toEqual({
      code: 'NOT_FOUND',
      details: { code: 16, field: 'input.userId' },
    });
    const bad = { ...claim, userId: 'x' };
    expect(refusal(await client.ask(operation, bad, { ...owner, permissions: [update] }))).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'input.userId' },
    });
  });
});

test('who may change settings turns the second factor of somebody else off, and removes their methods', async () => {
  const locked = await client.protectedUser();
  const admin = { ...owner, permissions: [update] };
  const claim = { presenceToken: await client.presence(owner), userId: locked.userId };
  await client.run('disableMfa', claim, admin);
  const { setting } = await client.run('removeMfaMethod', { ...claim, methodId: locked.totpId }, admin);
  expect(setting).toEqual({ enabled: false, methods: [{ id: locked.codesId }] });
  expect((await client.ask('login', { email: locked.email, password: locked.password })).errors).toBeUndefined();
});
