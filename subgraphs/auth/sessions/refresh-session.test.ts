// Refreshing and ending sessions.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../../users/index.ts';
import { auth } from '../index.ts';
import { hashToken } from '../tokens.ts';

let graph: TestSubgraphs;
let now = Date.parse('2026-11-21T12:00:00Z');
const account = { email: 'jane@example.org', password: 'chosen by the operator' };
beforeAll(async () => {
  const environment = {
    ADMIN_EMAIL: account.email,
    ADMIN_PASSWORD: account.password,
    ACCESS_TOKEN_SECONDS: '300',
    REFRESH_TOKEN_SECONDS: '3600',
  };
  graph = await startTestSubgraphs([users, auth], { environment, now: () => now });
});
afterAll(() => graph.close());

const fields = '{ accessToken refreshToken expiresIn user { id } }';
interface Tokens {
  accessToken: string;
  refreshToken: string;
  expiresIn: number;
  user: { id: string };
}
async function login(): Promise<Tokens> {
  const query = `mutation ($input: LoginInput!) { login(input: $input) ${fields} }`;
  return (await graph.execute('auth', { query, variables: { input: account } })).data.login;
}
const refresh = (refreshToken: string) =>
  graph.execute('auth', {
    query: `mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) ${fields} }`,
    variables: { input: { refreshToken } },
  });
async function sessionOf(accessToken: string): Promise<{ id: string; userId: string } | null> {
  const query = 'query ($tokenHash: String!) { session(tokenHash: $tokenHash) { id userId } }';
  const variables = { tokenHash: hashToken(accessToken) };
  return (await graph.execute('auth', { query, variables, service: 'gateway' })).data.session;
}
const versionOf = async (userId: string) => Number((await graph.database.accessVersions([userId]))[0]);
const invalid = (code: number) => ({ code: 'REFRESH_TOKEN_INVALID', details: { code } });
const lastEvent = async () => (await graph.readLog()).at(-1);

describe('refreshSession', () => {
  test.each([[''], ['x'.repeat(1_001)], ['\0']])('refuses a token of a shape that none has', async (token) => {
    const { errors } = await refresh(token);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.refreshToken' } });
  });

  test('refuses an unknown token, and an access token', async () => {
    expect((await refresh('f'.repeat(40))).errors?.[0]?.extensions).toEqual(invalid(119));
    expect((await refresh((await login()).accessToken)).errors?.[0]?.extensions).toEqual(invalid(119));
  });

  test('refuses an expired token', async () => {
    const { refreshToken } = await login();
    now += 3_600_000;
    expect((await refresh(refreshToken)).errors?.[0]?.extensions).toEqual(invalid(120));
  });

  test('ends the session when a used token comes back, for the thief and for the owner', async () => {
    const first = await login();
    const { data } = await refresh(first.refreshToken);
    const second: Tokens = data.refreshSession;
    const session = await sessionOf(second.accessToken);
    const before = await versionOf(first.user.id);
    expect((await refresh(first.refreshToken)).errors?.[0]?.extensions).toEqual(invalid(119));
    expect(await sessionOf(second.accessToken)).toBeNull();
    expect(await versionOf(first.user.id)).toBe(before + 1);
    expect(await lastEvent()).toMatchObject({
      type: 'session_ended',
      content: { userId: first.user.id, sessionId: session?.id },
    });
    expect((await refresh(second.refreshToken)).errors?.[0]?.extensions).toEqual(invalid(119));
  });

  test('gives new tokens of the same session, and the old access token is worth nothing at once', async () => {
    const first = await login();
    const session = await sessionOf(first.accessToken);
    const before = await versionOf(first.user.id);
    now += 1_000_000; // the access token has expired meanwhile
    const { data, errors } = await refresh(first.refreshToken);
    expect(errors).toBeUndefined();
    const second: Tokens = data.refreshSession;
    expect(second).toMatchObject({ expiresIn: 300, user: first.user });
    expect(new Set([first.accessToken, first.refreshToken, second.accessToken, second.refreshToken]).size).toBe(4);
    expect(await sessionOf(first.accessToken)).toBeNull();
    expect(await sessionOf(second.accessToken)).toEqual(session);
    expect(await versionOf(first.user.id)).toBe(before + 1);
  });

  test('keeps a session alive as long as it is refreshed, and forgets used tokens when they have expired', async () => {
    let tokens = await login();
    const session = await sessionOf(tokens.accessToken);
    for (let each = 0; each < 5; each += 1) {
      now += 3_599_000;
      tokens = (await refresh(tokens.refreshToken)).data.refreshSession;
    }
    expect(await sessionOf(tokens.accessToken)).toEqual(session);
    const { db } = graph.database.forService<'refreshToken'>('auth');
    expect(await db.refreshToken.count({ where: { sessionId: session?.id ?? '' } })).toBeLessThanOrEqual(2);
  });

  test('lets one of two win who use the same token at once', async () => {
    const { refreshToken } = await login();
    const results = await Promise.all([refresh(refreshToken), refresh(refreshToken)]);
    expect(results.filter(({ errors }) => errors === undefined)).toHaveLength(1);
  });
});

describe('logout', () => {
  const logout = (identity: object, sessionId?: string) =>
    graph.execute('auth', {
      query: 'mutation { logout { user { id } } }',
      identity,
      ...(sessionId === undefined ? {} : { sessionId }),
    });

  test('needs a signed-in user and a session', async () => {
    expect((await logout({})).errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED', details: { code: 104 } });
    expect((await logout({ userId: newId() })).errors?.[0]?.extensions).toEqual({
      code: 'ILLEGAL_STATE',
      details: { code: 27 },
    });
  });

  test('ends no session of somebody else', async () => {
    const tokens = await login();
    const session = await sessionOf(tokens.accessToken);
    await logout({ userId: newId() }, session?.id);
    expect(await sessionOf(tokens.accessToken)).toEqual(session);
  });

  test('ends the session with both its tokens and no other, and tells once', async () => {
    const [tokens, other] = [await login(), await login()];
    const session = await sessionOf(tokens.accessToken);
    const { user } = tokens;
    const before = await versionOf(user.id);
    expect(await logout({ userId: user.id }, session?.id)).toEqual({ data: { logout: { user } } });
    expect(await sessionOf(tokens.accessToken)).toBeNull();
    expect((await refresh(tokens.refreshToken)).errors?.[0]?.extensions).toEqual(invalid(119));
    expect(await sessionOf(other.accessToken)).not.toBeNull();
    expect(await versionOf(user.id)).toBe(before + 1);
    expect(await lastEvent()).toMatchObject({
      type: 'session_ended',
      content: { userId: user.id, sessionId: session?.id },
    });
    const events = (await graph.readLog()).length;
    expect((await logout({ userId: user.id }, session?.id)).errors).toBeUndefined();
    expect(await graph.readLog()).toHaveLength(events);
  });
});
