// Presence: the password entered once more, and what its token is good for.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { type MfaClient, type MfaUser, mfaClient, refusal } from '../../../tests/support/mfa.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../../users/index.ts';
import { auth } from '../index.ts';
import { hashToken } from '../tokens.ts';

let graph: TestSubgraphs;
let client: MfaClient;
const clock = { now: Date.parse('2026-11-21T12:00:00Z') };
beforeAll(async () => {
  const environment = { PRESENCE_TOKEN_SECONDS: '300' };
  graph = await startTestSubgraphs([users, auth], { environment, now: () => clock.now });
  client = mfaClient(graph, clock);
});
afterAll(() => graph.close());

const use = (user: MfaUser, presenceToken: string) =>
  client.ask('addMfaMethod', { presenceToken, type: 'RECOVERY_CODES' }, user);
const refused = { code: 'INVALID_PRESENCE_TOKEN', details: { code: 132 } };

describe('confirmPresence', () => {
  test('needs somebody who is signed in', async () => {
    expect(refusal(await client.ask('confirmPresence', { password: 'x' }))).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test.each([
    ['', 'empty'],
    ['a'.repeat(1_001), 'too long'],
  ])('refuses a password that is %#', async (password) => {
    const answer = await client.ask('confirmPresence', { password }, await client.newUser());
    expect(refusal(answer)).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.password' } });
  });

  test('refuses a wrong password, and counts it as a failed sign-in', async () => {
    const user = await client.newUser();
    const wrong = await client.ask('confirmPresence', { password: 'wrong' }, user);
    expect(refusal(wrong)).toEqual({ code: 'INVALID_CREDENTIALS', details: { code: 106 } });
    const soon = await client.ask('confirmPresence', { password: user.password }, user);
    expect(refusal(soon)).toMatchObject({ code: 'LOGIN_TIMEOUT', details: { code: 211 } });
    clock.now += 1_000;
    expect(await client.presence(user)).toMatch(/^[0-9a-f]{40}$/);
  });

  test('refuses a user who has no password, because a provider signs them in', async () => {
    const user = await client.newUser();
    const { db } = graph.database.forService<'user' | 'oidcLink'>('users');
    await db.user.update({ where: { id: user.userId }, data: { passwordHash: null } });
    await db.oidcLink.create({ data: { userId: user.userId, providerId: newId(), subjectId: 'subject' } });
    const answer = await client.ask('confirmPresence', { password: user.password }, user);
    expect(refusal(answer)).toMatchObject({ code: 'DISABLED_FOR_OIDC_USERS', details: { code: 215 } });
  });

  test('answers a token that is good for a while, and keeps its hash alone', async () => {
    const user = await client.newUser();
    const { presenceToken, expiresAt } = await client.run('confirmPresence', { password: user.password }, user);
    expect(new Date(expiresAt).getTime()).toBe(clock.now + 300_000);
    const { db } = graph.database.forService<'presenceToken'>('auth');
    const rows = await db.presenceToken.findMany({ where: { userId: user.userId } });
    expect(rows.map(({ tokenHash }) => tokenHash)).toEqual([hashToken(presenceToken)]);
  });
});

describe('a presence token', () => {
  test.each(['', 'unknown', 'f'.repeat(40), 'a\0'])('is refused when it is %j', async (presenceToken) => {
    expect(refusal(await use(await client.newUser(), presenceToken))).toEqual(refused);
  });

  test('is refused to somebody else', async () => {
    const [owner, thief] = [await client.newUser(), await client.newUser()];
    expect(refusal(await use(thief, await client.presence(owner)))).toEqual(refused);
  });

  test('is refused when it has expired, and not a moment before', async () => {
    const user = await client.newUser();
    const presenceToken = await client.presence(user);
    clock.now += 299_999;
    expect((await use(user, presenceToken)).errors).toBeUndefined();
    clock.now += 1;
    expect(refusal(await use(user, presenceToken))).toEqual(refused);
  });

  test('is refused once all sessions of the user were ended', async () => {
    const user = await client.newUser();
    const presenceToken = await client.presence(user);
    const { db } = graph.database.forService<'user'>('users');
    await db.user.update({ where: { id: user.userId }, data: { credentialVersion: { increment: 1 } } });
    expect(refusal(await use(user, presenceToken))).toEqual(refused);
  });

  test('is good several times', async () => {
    const user = await client.newUser();
    const presenceToken = await client.presence(user);
    for (let time = 0; time < 3; time += 1) expect((await use(user, presenceToken)).errors).toBeUndefined();
  });
});
