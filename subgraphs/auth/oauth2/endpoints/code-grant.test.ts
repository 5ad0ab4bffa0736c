// Authorization codes: who gets one, and what it takes to redeem it.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type Answer,
  type OAuth2Service,
  startOAuth2Service,
  type TestClient,
} from '../../../../tests/support/oauth2-service.ts';
import { hashToken } from '../../tokens.ts';

let service: OAuth2Service;
let client: TestClient;
let sessionId: string;
let now = Date.parse('2026-11-22T12:00:00Z');
beforeAll(async () => {
  service = await startOAuth2Service({ now: () => now });
  client = await service.createClient();
  sessionId = (await service.sessionOf((await service.signIn(client)).access_token))?.id ?? '';
});
afterAll(() => service.close());

const redirectUri = 'https://app.example.org/callback';
const verifier = 'v'.repeat(43);
const challenge = createHash('sha256').update(verifier).digest('base64url');

const fields = `authorizationCode location
  authorization { id redirectUri state codeChallengeMethod expiresAt user { id } application { id name } }`;
const authorize = (input: object, as: object = { identity: { userId: service.account.userId }, sessionId }) =>
  service.graph.execute('auth', {
    query: `mutation ($input: CreateOAuth2AuthorizationInput!) { createOAuth2Authorization(input: $input) { ${fields} } }`,
    variables: { input: { responseType: 'code', clientId: client.clientId, ...input } },
    ...as,
  });
const codeFor = async (input: object = {}): Promise<string> => {
  const { data, errors } = await authorize(input);
  expect(errors).toBeUndefined();
  return data.createOAuth2Authorization.authorizationCode;
};
const redeem = (code: string, parameters: Record<string, string> = {}, as = client) =>
  service.post('/oauth2/token', as, { grant_type: 'authorization_code', code, ...parameters });
const told = ({ status, body }: Answer) => [status, body.error, body.exh_error?.code];

describe('createOAuth2Authorization', () => {
  test('needs a signed-in user in an open session of their own', async () => {
    expect((await authorize({}, {})).errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
    const identity = { userId: service.account.userId };
    expect((await authorize({}, { identity })).errors?.[0]?.extensions).toMatchObject({ code: 'ILLEGAL_STATE' });
    const foreign = { identity: { userId: client.applicationId }, sessionId };
    expect((await authorize({}, foreign)).errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test.each([
    ['clientId', { clientId: 'f'.repeat(40) }, 'CLIENT_UNKNOWN', 103],
    ['clientId', { clientId: '\0' }, 'CLIENT_UNKNOWN', 103],
    ['responseType', { responseType: 'token' }, 'UNSUPPORTED_RESPONSE_TYPE', 114],
    ['redirectUri', { redirectUri: `${redirectUri}/` }, 'CALLBACK_NOT_VALID', 113],
    ['redirectUri', { redirectUri: '' }, 'CALLBACK_NOT_VALID', 113],
    ['state', { state: 'x'.repeat(2_049) }, 'BAD_USER_INPUT', 15],
    ['state', { state: '\0' }, 'BAD_USER_INPUT', 15],
    ['codeChallenge', { codeChallenge: 'x'.repeat(42) }, 'BAD_USER_INPUT', 15],
    ['codeChallenge', { codeChallenge: 'x'.repeat(129) }, 'BAD_USER_INPUT', 15],
    ['codeChallenge', { codeChallenge: '+'.repeat(43) }, 'BAD_USER_INPUT', 15],
    ['codeChallenge', { codeChallenge: 'x'.repeat(44), codeChallengeMethod: 'S256' }, 'BAD_USER_INPUT', 15],
    ['codeChallenge', { codeChallengeMethod: 'S256' }, 'BAD_USER_INPUT', 14],
    ['codeChallengeMethod', { codeChallenge: challenge, codeChallengeMethod: 's256' }, 'BAD_USER_INPUT', 15],
  ])('refuses a bad %s', async (field, input, code, number) => {
    const details = { field: `input.${field}`, code: number };
    expect((await authorize(input)).errors?.[0]?.extensions).toMatchObject({ code, details });
  });

  test('needs the address of an application that has several', async () => {
    const { clientId } = await service.createClient({ redirectUris: [redirectUri, 'myapp://done'] });
    const { errors } = await authorize({ clientId });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'CALLBACK_NOT_VALID', details: { code: 113 } });
    expect((await authorize({ clientId, redirectUri: 'myapp://done' })).errors).toBeUndefined();
  });

  test('gives a code, which is not kept, and where to send the user', async () => {
    const state = 'a&b=ü "c"';
    const { data } = await authorize({ state, codeChallenge: challenge, codeChallengeMethod: 'S256' });
    const { authorization, authorizationCode, location } = data.createOAuth2Authorization;
    expect(authorization).toMatchObject({
      redirectUri,
      state,
      codeChallengeMethod: 'S256',
      expiresAt: new Date(now + 60_000).toISOString(),
      user: { id: service.account.userId },
      application: { id: client.applicationId, name: 'Recovery at home' },
    });
    expect(authorizationCode).toMatch(/^[0-9a-f]{40}$/);
    const address = new URL(location);
    expect(`${address.origin}${address.pathname}`).toBe(redirectUri);
    expect(Object.fromEntries(address.searchParams)).toEqual({ code: authorizationCode, state, iss: service.url });
    const { db } = service.graph.database.forService<'oAuth2Authorization'>('auth');
    const kept = await db.oAuth2Authorization.findUniqueOrThrow({ where: { id: authorization.id } });
    expect(kept.codeHash).toBe(hashToken(authorizationCode));
    expect(JSON.stringify([kept, (await service.graph.readLog()).at(-1)], plain)).not.toContain(authorizationCode);
  });

  test('keeps the query of an address, and the address to the letter', async () => {
    const address = 'https://App.example.org:443/callback?tenant=1';
    const { clientId } = await service.createClient({ redirectUris: [address] });
    const { data } = await authorize({ clientId });
    expect(data.createOAuth2Authorization.location.startsWith(`${address}&code=`)).toBe(true);
  });
});

describe('the code grant', () => {
  test('needs a code that there is', async () => {
    expect(told(await redeem(''))).toEqual([400, 'invalid_request', 14]);
    expect(told(await redeem('f'.repeat(40)))).toEqual([400, 'invalid_grant', 115]);
  });

  test('refuses an expired code', async () => {
    const code = await codeFor();
    now += 60_000;
    expect(told(await redeem(code))).toEqual([400, 'invalid_grant', 116]);
  });

  test('refuses a code of another application, or of another version, and leaves it as it is', async () => {
    const code = await codeFor();
    expect(told(await redeem(code, {}, await service.createClient()))).toEqual([400, 'invalid_grant', 115]);
    const version = await service.createVersion(client, 'v9');
    expect(told(await redeem(code, {}, version))).toEqual([400, 'invalid_grant', 115]);
    expect((await redeem(code)).status).toBe(200);
  });

  test('asks for the address again when the request named it, and for no other', async () => {
    const code = await codeFor({ redirectUri });
    expect(told(await redeem(code))).toEqual([400, 'invalid_grant', 113]);
    const other = { redirect_uri: 'https://other.example.org/' };
    expect(told(await redeem(code, other))).toEqual([400, 'invalid_grant', 113]);
    expect((await redeem(code, { redirect_uri: redirectUri })).status).toBe(200);
    const unnamed = await codeFor();
    expect(told(await redeem(unnamed, other))).toEqual([400, 'invalid_grant', 113]);
    expect((await redeem(unnamed, { redirect_uri: redirectUri })).status).toBe(200);
  });

  test.each([
    ['S256', challenge, 'S256'],
    ['plain', verifier, 'plain'],
    ['plain unless told', verifier, undefined],
  ])('asks for the verifier of a challenge (%s)', async (_what, codeChallenge, codeChallengeMethod) => {
    const code = await codeFor({ codeChallenge, codeChallengeMethod });
    expect(told(await redeem(code))).toEqual([400, 'invalid_request', 128]);
    for (const wrong of ['w'.repeat(43), challenge.slice(1), `${verifier}v`, `${codeChallenge}=`]) {
      expect(told(await redeem(code, { code_verifier: wrong }))).toEqual([400, 'invalid_grant', 122]);
    }
    expect((await redeem(code, { code_verifier: verifier })).status).toBe(200);
  });

  test('refuses a verifier without a challenge', async () => {
    const code = await codeFor();
    expect(told(await redeem(code, { code_verifier: verifier }))).toEqual([400, 'invalid_grant', 122]);
  });

  test('ends what came of a code when the code comes back', async () => {
    const code = await codeFor();
    const { body } = await redeem(code);
    const session = await service.sessionOf(body.access_token);
    expect(told(await redeem(code, {}, await service.createClient()))).toEqual([400, 'invalid_grant', 115]);
    expect(await service.sessionOf(body.access_token)).toEqual(session);
    expect(told(await redeem(code))).toEqual([400, 'invalid_grant', 115]);
    expect(await service.sessionOf(body.access_token)).toBeNull();
    const refresh = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
    expect(told(await service.post('/oauth2/token', client, refresh))).toEqual([400, 'invalid_grant', 119]);
    expect((await service.graph.readLog()).at(-1)).toMatchObject({
      type: 'session_ended',
      content: { sessionId: session?.id },
    });
  });

  test('starts a session of the application, as of when the user had signed in', async () => {
    const { status, body } = await redeem(await codeFor());
    expect(status).toBe(200);
    expect(body).toMatchObject({ user_id: service.account.userId, application_id: client.applicationId });
    const found = await service.sessionOf(body.access_token);
    const { db } = service.graph.database.forService<'session'>('auth');
    const [given, started] = await Promise.all(
      [sessionId, found?.id ?? ''].map((id) => db.session.findUniqueOrThrow({ where: { id } })),
    );
    expect(started).toMatchObject({ kind: 'AUTHORIZATION_CODE', credentialVersion: given?.credentialVersion });
  });
});

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
