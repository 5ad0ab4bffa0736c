// Refresh tokens of applications: used up by public ones, kept by those that keep a secret.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type Answer,
  type OAuth2Service,
  startOAuth2Service,
  type TestClient,
  type Tokens,
} from '../../../../tests/support/oauth2-service.ts';

let service: OAuth2Service;
let open: TestClient;
let secret: TestClient;
let now = Date.parse('2026-11-22T12:00:00Z');
const environment = {
  ACCESS_TOKEN_SECONDS: '300',
  REFRESH_TOKEN_SECONDS: '3600',
  CONFIDENTIAL_REFRESH_TOKEN_SECONDS: '7200',
};
beforeAll(async () => {
  service = await startOAuth2Service({ now: () => now, environment });
  open = await service.createClient();
  secret = await service.createClient({ confidential: true });
});
afterAll(() => service.close());

const refresh = (client: TestClient, refreshToken: string) =>
  service.post('/oauth2/token', client, { grant_type: 'refresh_token', refresh_token: refreshToken });
const refreshed = async (client: TestClient, refreshToken: string): Promise<Tokens> => {
  const { status, body } = await refresh(client, refreshToken);
  expect([status, body.error]).toEqual([200, undefined]);
  return body;
};
const told = ({ status, body }: Answer) => [status, body.error, body.exh_error?.code];
const unknown = [400, 'invalid_grant', 119];

describe.each([
  ['public', () => open],
  ['confidential', () => secret],
])('the refresh token of a %s application', (_kind, client) => {
  test('is needed', async () => {
    expect(told(await refresh(client(), ''))).toEqual([400, 'invalid_request', 14]);
  });

  test('must be one: no unknown one, and no access token', async () => {
    const { access_token } = await service.signIn(client());
    expect(told(await refresh(client(), 'f'.repeat(40)))).toEqual(unknown);
    expect(told(await refresh(client(), access_token))).toEqual(unknown);
  });

  test('is worth nothing to another application, and stays as it is', async () => {
    const { refresh_token } = await service.signIn(client());
    const other = await service.createClient({ confidential: client().clientSecret !== undefined });
    expect(told(await refresh(other, refresh_token))).toEqual(unknown);
    await refreshed(client(), refresh_token);
  });

  test('of a sign-in over the API itself is worth nothing here', async () => {
    const query = 'mutation ($input: LoginInput!) { login(input: $input) { refreshToken } }';
    const { email, password } = service.account;
    const { data } = await service.graph.execute('auth', { query, variables: { input: { email, password } } });
    expect(told(await refresh(client(), data.login.refreshToken))).toEqual(unknown);
  });

  test('and one of an application is worth nothing to refreshSession', async () => {
    const { refresh_token: refreshToken } = await service.signIn(client());
    const query = 'mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { accessToken } }';
    const { errors } = await service.graph.execute('auth', { query, variables: { input: { refreshToken } } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'REFRESH_TOKEN_INVALID' });
  });

  test('expires', async () => {
    const { refresh_token } = await service.signIn(client());
    now += 7_200_000;
    expect(told(await refresh(client(), refresh_token))).toEqual([400, 'invalid_grant', 120]);
  });

  test('is refused as the client is when the version that it was given to is deleted', async () => {
    const old = await service.createVersion(client(), `old-${now}`);
    const { refresh_token } = await service.signIn(old);
    await service.deleteVersion(old);
    expect(told(await refresh(old, refresh_token))).toEqual([401, 'invalid_client', 123]);
    expect(told(await refresh(client(), refresh_token))).toEqual([401, 'invalid_client', 123]);
  });

  test('is good for another version of the same application, and from then on for that one', async () => {
    const old = await service.createVersion(client(), `upgraded-${now}`);
    const { refresh_token } = await service.signIn(old);
    const tokens = await refreshed(client(), refresh_token);
    expect(tokens.application_id).toBe(client().applicationId);
    if (client().clientSecret !== undefined) return;
    await service.deleteVersion(old);
    await refreshed(client(), tokens.refresh_token);
  });

  test('gives a new access token of the same session; the old one runs out by itself', async () => {
    const first = await service.signIn(client());
    const session = await service.sessionOf(first.access_token);
    now += 100_000;
    const second = await refreshed(client(), first.refresh_token);
    expect(second).toMatchObject({
      token_type: 'bearer',
      expires_in: 300,
      user_id: first.user_id,
      application_id: client().applicationId,
    });
    expect(await service.sessionOf(second.access_token)).toEqual(session);
    expect(await service.sessionOf(first.access_token)).toEqual(session);
    now += 200_000;
    expect(await service.sessionOf(first.access_token)).toBeNull();
    expect(await service.sessionOf(second.access_token)).toEqual(session);
  });
});

describe('a public application', () => {
  test('uses its refresh token up; a second use ends the session, for the thief and for the owner', async () => {
    const first = await service.signIn(open);
    const second = await refreshed(open, first.refresh_token);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    const session = await service.sessionOf(second.access_token);
    expect(told(await refresh(open, first.refresh_token))).toEqual(unknown);
    expect(await service.sessionOf(second.access_token)).toBeNull();
    expect(told(await refresh(open, second.refresh_token))).toEqual(unknown);
    expect((await service.graph.readLog()).at(-1)).toMatchObject({
      type: 'session_ended',
      content: { userId: first.user_id, sessionId: session?.id },
    });
  });

  test('loses nothing when another application sends a used token', async () => {
    const first = await service.signIn(open);
    const second = await refreshed(open, first.refresh_token);
    expect(told(await refresh(await service.createClient(), first.refresh_token))).toEqual(unknown);
    expect(await service.sessionOf(second.access_token)).not.toBeNull();
  });

  test('stays signed in as long as it refreshes', async () => {
    let tokens = await service.signIn(open);
    const session = await service.sessionOf(tokens.access_token);
    for (let each = 0; each < 4; each += 1) {
      now += 3_599_000;
      tokens = await refreshed(open, tokens.refresh_token);
    }
    expect(await service.sessionOf(tokens.access_token)).toEqual(session);
  });
});

describe('an application that keeps a secret', () => {
  test('keeps its refresh token, which is good for its whole life again from each use on', async () => {
    const first = await service.signIn(secret);
    for (let each = 0; each < 3; each += 1) {
      now += 7_000_000;
      const next = await refreshed(secret, first.refresh_token);
      expect(next.refresh_token).toBe(first.refresh_token);
    }
  });

  test('gets an access token for each of many uses at once', async () => {
    const { refresh_token } = await service.signIn(secret);
    const answers = await Promise.all([1, 2, 3].map(() => refreshed(secret, refresh_token)));
    const tokens = new Set(answers.map(({ access_token }) => access_token));
    expect(tokens.size).toBe(3);
    for (const token of tokens) expect(await service.sessionOf(token)).not.toBeNull();
  });
});
