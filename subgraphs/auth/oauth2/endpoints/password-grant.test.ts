// The password grant, and the grant that finishes it with a second factor.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../../platform/ids.ts';
import {
  type Answer,
  type OAuth2Service,
  startOAuth2Service,
  type TestClient,
} from '../../../../tests/support/oauth2-service.ts';
import { hashToken } from '../../tokens.ts';

let service: OAuth2Service;
let client: TestClient;
let now = Date.parse('2026-11-22T12:00:00Z');
beforeAll(async () => {
  service = await startOAuth2Service({ now: () => now, environment: { ACCESS_TOKEN_SECONDS: '300' } });
  client = await service.createClient();
});
afterAll(() => service.close());

const token = (parameters: Record<string, string>, as = client) => service.post('/oauth2/token', as, parameters);
const signIn = (changes: Record<string, string> = {}, as = client) => {
  const { email: username, password } = service.account;
  return token({ grant_type: 'password', username, password, ...changes }, as);
};
const told = ({ status, body }: Answer) => [status, body.error, body.exh_error?.code];

describe('the password grant', () => {
  test('needs both name and password', async () => {
    expect(told(await signIn({ username: '' }))).toEqual([400, 'invalid_request', 14]);
    expect(told(await signIn({ password: '' }))).toEqual([400, 'invalid_request', 14]);
  });

  test('answers an unknown address as a wrong password, and starts nothing', async () => {
    const events = (await service.graph.readLog()).length;
    const unknown = await signIn({ username: 'nobody@example.org' });
    expect(told(unknown)).toEqual([400, 'invalid_grant', 106]);
    now += 2_000;
    expect((await signIn({ password: 'wrong' })).body).toEqual(unknown.body);
    now += 2_000;
    expect(await service.graph.readLog()).toHaveLength(events);
  });

  test('tells a lockout by its number', async () => {
    const { db } = service.graph.database.forService<'user'>('users');
    const { userId: id } = service.account;
    const fail = (failedCount: number) =>
      db.user.update({ where: { id }, data: { failedCount, lastFailedAt: new Date(now - 500) } });
    for (const [failures, code] of [
      [1, 211],
      [10, 212],
      [50, 213],
    ] as const) {
      await fail(failures);
      expect(told(await signIn())).toEqual([400, 'invalid_grant', code]);
    }
    await db.user.update({ where: { id }, data: { failedCount: 0, lastFailedAt: null } });
  });

  test('starts a session of the application, and keeps no token', async () => {
    const { status, body, headers } = await signIn();
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      access_token: expect.stringMatching(/^[0-9a-f]{40}$/),
      token_type: 'bearer',
      expires_in: 300,
      refresh_token: expect.stringMatching(/^[0-9a-f]{40}$/),
      user_id: service.account.userId,
      application_id: client.applicationId,
    });
    const session = await service.sessionOf(body.access_token);
    expect(session).toMatchObject({ userId: body.user_id, applicationId: client.applicationId });
    const { db } = service.graph.database.forService<'refreshToken' | 'session'>('auth');
    const kept = await db.refreshToken.findFirstOrThrow({ where: { tokenHash: hashToken(body.refresh_token) } });
    expect(kept).toMatchObject({ versionId: client.versionId, expiresAt: new Date(now + 14 * 86_400_000) });
    expect(await db.session.findUnique({ where: { id: kept.sessionId } })).toMatchObject({ kind: 'PASSWORD' });
    expect((await service.graph.readLog()).at(-1)).toMatchObject({
      type: 'session_started',
      content: { userId: body.user_id, sessionId: session?.id },
    });
  });

  test('gives an application that keeps a secret a refresh token for a year', async () => {
    const { body } = await signIn({}, await service.createClient({ confidential: true }));
    const { db } = service.graph.database.forService<'refreshToken'>('auth');
    const kept = await db.refreshToken.findFirstOrThrow({ where: { tokenHash: hashToken(body.refresh_token) } });
    expect(kept.expiresAt).toEqual(new Date(now + 365 * 86_400_000));
  });
});

describe('with a second factor', () => {
  let codes: string[];
  beforeAll(async () => {
    codes = await service.turnOnSecondFactor();
  });
  const finish = (parameters: Record<string, string>, as = client) => token({ grant_type: 'mfa', ...parameters }, as);
  const challenge = async (as = client) => {
    const { mfa } = (await signIn({}, as)).body;
    return { token: mfa.token as string, method_id: mfa.methods[0].id as string };
  };

  test('the password alone gives a challenge and no token', async () => {
    const events = (await service.graph.readLog()).length;
    const answer = await signIn();
    expect(told(answer)).toEqual([400, 'mfa_required', 129]);
    expect(answer.body.mfa).toMatchObject({
      token: expect.stringMatching(/^[0-9a-f]{40}$/),
      tokenExpiresIn: 600_000,
      methods: [{ id: expect.any(String), type: 'recoveryCodes', name: null, tags: [] }],
    });
    expect(answer.body.mfa.code).toBeUndefined();
    expect(await service.graph.readLog()).toHaveLength(events);
  });

  test('needs token, method and code', async () => {
    const given = { ...(await challenge()), code: codes[0] ?? '' };
    for (const name of ['token', 'method_id', 'code']) {
      expect(told(await finish({ ...given, [name]: '' }))).toEqual([400, 'invalid_request', 14]);
    }
    const odd = await finish({ ...given, method_id: 'x' });
    expect(told(odd)).toEqual([400, 'invalid_request', 12]);
    expect(odd.body.error_description).toMatch(/^method_id: /);
    expect(told(await finish({ ...given, code: '', credential: 'no JSON' }))).toEqual([400, 'invalid_request', 15]);
  });

  test('refuses an unknown challenge, an expired one, and one of another application', async () => {
    const given = { ...(await challenge()), code: codes[0] ?? '' };
    expect(told(await finish({ ...given, token: 'f'.repeat(40) }))).toEqual([400, 'invalid_grant', 131]);
    expect(told(await finish(given, await service.createClient()))).toEqual([400, 'invalid_grant', 131]);
    now += 600_000;
    expect(told(await finish(given))).toEqual([400, 'invalid_grant', 131]);
  });

  test('refuses a wrong code and a method that is none, and asks to wait after it', async () => {
    const given = { ...(await challenge()), code: '00000000' };
    expect(told(await finish(given))).toEqual([400, 'invalid_grant', 130]);
    const next = await finish(given);
    expect(told(next)).toEqual([400, 'invalid_grant', 134]);
    expect(next.body.remainingDelay).toBe(1_000);
    now += 1_000;
    expect(told(await finish({ ...given, code: codes[0] ?? '', method_id: newId() }))).toEqual([
      400,
      'invalid_grant',
      130,
    ]);
    now += 10_000;
  });

  test('gives tokens for the right code, once', async () => {
    const given = { ...(await challenge()), code: codes[0] ?? '' };
    const { status, body } = await finish(given);
    expect(status).toBe(200);
    expect(body).toMatchObject({ user_id: service.account.userId, application_id: client.applicationId });
    expect(await service.sessionOf(body.access_token)).not.toBeNull();
    expect(told(await finish(given))).toEqual([400, 'invalid_grant', 131]);
  });
});
