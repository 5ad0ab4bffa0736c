// Signing in, and what services learn of the session.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../../users/index.ts';
import { auth } from '../index.ts';
import { hashToken } from '../tokens.ts';

let graph: TestSubgraphs;
let now = Date.parse('2026-11-21T12:00:00Z');
const account = { email: 'jane@example.org', password: 'chosen by the operator' };
beforeAll(async () => {
  const environment = { ADMIN_EMAIL: account.email, ADMIN_PASSWORD: account.password, ACCESS_TOKEN_SECONDS: '300' };
  graph = await startTestSubgraphs([users, auth], { environment, now: () => now });
});
afterAll(() => graph.close());

const login = (input: object) =>
  graph.execute('auth', {
    query: 'mutation ($input: LoginInput!) { login(input: $input) { accessToken refreshToken expiresIn user { id } } }',
    variables: { input },
  });
const session = (tokenHash: string, service: string | undefined = 'gateway') =>
  graph.execute('auth', {
    query: 'query ($tokenHash: String!) { session(tokenHash: $tokenHash) { id userId expiresAt } }',
    variables: { tokenHash },
    ...(service === '' ? {} : { service }),
  });

describe('login', () => {
  test('refuses an unknown address and a wrong password with the same answer, and starts nothing', async () => {
    const before = (await graph.readLog()).length;
    const wrong = await login({ ...account, password: 'wrong' });
    expect(wrong.errors?.[0]?.extensions).toEqual({ code: 'INVALID_CREDENTIALS', details: { code: 106 } });
    expect(await login({ ...account, email: 'nobody@example.org' })).toEqual(wrong);
    expect(await graph.readLog()).toHaveLength(before);
    now += 1_000;
  });

  test('refuses the right password, too, right after a wrong one', async () => {
    await login({ ...account, password: 'wrong' });
    expect((await login(account)).errors?.[0]?.extensions).toMatchObject({
      code: 'LOGIN_TIMEOUT',
      details: { code: 211 },
    });
    now += 1_000;
    expect((await login(account)).errors).toBeUndefined();
  });

  test.each([
    ['email', ''],
    ['email', 'a\0'],
    ['email', 'a'.repeat(1_001)],
    ['password', ''],
    ['password', 'a'.repeat(1_001)],
  ])('refuses a bad %s', async (field, value) => {
    const { errors } = await login({ ...account, [field]: value });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: `input.${field}` } });
    expect(errors?.[0]?.message).not.toContain('aaaa');
  });

  test('starts a session, keeps no token, and tells', async () => {
    const { data, errors } = await login({ ...account, email: 'JANE@example.org' });
    expect(errors).toBeUndefined();
    const { accessToken, refreshToken, expiresIn, user } = data.login;
    expect([accessToken, refreshToken]).toEqual([
      expect.stringMatching(/^[0-9a-f]{40}$/),
      expect.stringMatching(/^[0-9a-f]{40}$/),
    ]);
    expect(expiresIn).toBe(300);
    const found = (await session(hashToken(accessToken))).data.session;
    expect(found).toMatchObject({ userId: user.id });
    expect(new Date(found.expiresAt).getTime()).toBe(now + 300_000);
    const last = (await graph.readLog()).at(-1);
    expect(last).toMatchObject({ type: 'session_started', content: { userId: user.id, sessionId: found.id } });
    const { db } = graph.database.forService<'session' | 'refreshToken'>('auth');
    const kept = JSON.stringify([await db.session.findMany(), await db.refreshToken.findMany(), last], (_key, value) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    expect(kept).not.toContain(accessToken);
    expect(kept).not.toContain(refreshToken);
  });

  test('starts a session of its own each time', async () => {
    const [one, other] = [await login(account), await login(account)];
    expect(one.data.login.accessToken).not.toBe(other.data.login.accessToken);
    expect((await session(hashToken(one.data.login.accessToken))).data.session).not.toBeNull();
  });
});

describe('session', () => {
  test('is for services only', async () => {
    const { data, errors } = await session(hashToken('x'), '');
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
    expect(data?.session ?? null).toBeNull();
  });

  test('answers null to an unknown token', async () => {
    expect(await session(hashToken('unknown'))).toEqual({ data: { session: null } });
  });

  test('says when a token has expired, and does not count that as a use of the session', async () => {
    const { accessToken } = (await login(account)).data.login;
    const expiresAt = new Date(now + 300_000).toISOString();
    now += 300_000;
    expect((await session(hashToken(accessToken))).data.session).toMatchObject({ expiresAt });
    const { db } = graph.database.forService<'session'>('auth');
    expect(await db.session.count({ where: { lastUsedAt: { gte: new Date(now - 60_000) } } })).toBe(0);
  });
});
