// Revocation and introspection: what an application may do to, and know of, tokens of its own, and of no others.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type Answer,
  type OAuth2Service,
  startOAuth2Service,
  type TestClient,
} from '../../../../tests/support/oauth2-service.ts';

let service: OAuth2Service;
let open: TestClient;
let secret: TestClient;
let now = Date.now();
beforeAll(async () => {
  service = await startOAuth2Service({ now: () => now, environment: { ACCESS_TOKEN_SECONDS: '300' } });
  open = await service.createClient();
  secret = await service.createClient({ confidential: true });
});
afterAll(() => service.close());

const revoke = (client: TestClient, token: string, more: Record<string, string> = {}) =>
  service.post('/oauth2/revoke', client, { token, ...more });
const introspect = (client: TestClient, token: string) => service.post('/oauth2/introspect', client, { token });
const told = ({ status, body }: Answer) => [status, body.error, body.exh_error?.code];
const versionOf = async (userId: string) => Number((await service.graph.database.accessVersions([userId]))[0]);
const lastEvent = async () => (await service.graph.readLog()).at(-1);

describe('revocation', () => {
  test('needs a client that proves to be itself, and a token', async () => {
    expect(told(await revoke({ ...open, clientId: 'f'.repeat(40) }, 'x'))).toEqual([401, 'invalid_client', 123]);
    expect(told(await revoke({ ...secret, clientSecret: 'x' }, 'x'))).toEqual([401, 'invalid_client', 124]);
    expect(told(await revoke(open, ''))).toEqual([400, 'invalid_request', 14]);
  });

  test('of an unknown token, and of one of another application, changes nothing and says nothing', async () => {
    const { access_token, refresh_token } = await service.signIn(open);
    const session = await service.sessionOf(access_token);
    for (const token of ['f'.repeat(40), access_token, refresh_token]) {
      const { status, body } = await revoke(secret, token);
      expect([status, body]).toEqual([200, '']);
    }
    expect(await service.sessionOf(access_token)).toEqual(session);
  });

  test('of an access token leaves the refresh token', async () => {
    const { access_token, refresh_token, user_id } = await service.signIn(secret);
    const before = await versionOf(user_id);
    expect((await revoke(secret, access_token, { token_type_hint: 'refresh_token' })).status).toBe(200);
    expect(await service.sessionOf(access_token)).toBeNull();
    expect(await versionOf(user_id)).toBe(before + 1);
    expect(await lastEvent()).toMatchObject({ type: 'oauth2_token_deleted', content: { userId: user_id } });
    const again = { grant_type: 'refresh_token', refresh_token };
    expect((await service.post('/oauth2/token', secret, again)).status).toBe(200);
    const events = (await service.graph.readLog()).length;
    expect((await revoke(secret, access_token)).status).toBe(200);
    expect(await service.graph.readLog()).toHaveLength(events);
  });

  test.each([
    ['public', () => open],
    ['confidential', () => secret],
  ])('of a refresh token of a %s application ends the whole session', async (_kind, client) => {
    const first = await service.signIn(client());
    const grant = { grant_type: 'refresh_token', refresh_token: first.refresh_token };
    const { body: second } = await service.post('/oauth2/token', client(), grant);
    const before = await versionOf(first.user_id);
    expect((await revoke(client(), second.refresh_token)).status).toBe(200);
    for (const token of [first.access_token, second.access_token]) expect(await service.sessionOf(token)).toBeNull();
    const again = { grant_type: 'refresh_token', refresh_token: second.refresh_token };
    expect(told(await service.post('/oauth2/token', client(), again))).toEqual([400, 'invalid_grant', 119]);
    expect(await versionOf(first.user_id)).toBe(before + 1);
    expect(await lastEvent()).toMatchObject({ type: 'session_ended', content: { userId: first.user_id } });
  });
});

describe('introspection', () => {
  test('is for applications that keep a secret', async () => {
    const { access_token } = await service.signIn(open);
    expect(told(await introspect(open, access_token))).toEqual([401, 'invalid_client', 124]);
    expect(told(await introspect({ ...secret, clientSecret: undefined }, access_token))).toEqual([
      400,
      'invalid_client',
      126,
    ]);
    expect(told(await introspect(secret, ''))).toEqual([400, 'invalid_request', 14]);
  });

  test('knows nothing of unknown tokens, nor of those of others', async () => {
    const { access_token, refresh_token } = await service.signIn(open);
    for (const token of ['f'.repeat(40), access_token, refresh_token]) {
      const { status, headers, body } = await introspect(secret, token);
      expect([status, headers.get('cache-control'), body]).toEqual([200, 'no-store', { active: false }]);
    }
  });

  test('tells of both tokens whose they are and how long they last', async () => {
    const { access_token, refresh_token, user_id } = await service.signIn(secret);
    const expected = {
      active: true,
      client_id: secret.clientId,
      sub: user_id,
      user_id,
      application_id: secret.applicationId,
      iss: service.url,
      iat: expect.any(Number),
    };
    const inSeconds = (seconds: number) => Math.floor(now / 1_000) + seconds;
    const access = { ...expected, token_type: 'bearer', exp: inSeconds(300) };
    expect((await introspect(secret, access_token)).body).toEqual(access);
    const year = { ...expected, exp: inSeconds(365 * 86_400) };
    expect((await introspect(secret, refresh_token)).body).toEqual(year);
  });

  test('sees a token end: when it expires, is revoked, or the user proves anew who they are', async () => {
    const tokens = await service.signIn(secret);
    const active = async (token: string) => (await introspect(secret, token)).body.active;
    expect([await active(tokens.access_token), await active(tokens.refresh_token)]).toEqual([true, true]);
    now += 300_000;
    expect([await active(tokens.access_token), await active(tokens.refresh_token)]).toEqual([false, true]);
    await revoke(secret, tokens.refresh_token);
    expect(await active(tokens.refresh_token)).toBe(false);
    const other = await service.signIn(secret);
    const { db } = service.graph.database.forService<'user'>('users');
    await db.user.update({ where: { id: other.user_id }, data: { credentialVersion: { increment: 1 } } });
    expect([await active(other.access_token), await active(other.refresh_token)]).toEqual([false, false]);
    expect(await active((await service.signIn(secret)).access_token)).toBe(true);
  });
});
