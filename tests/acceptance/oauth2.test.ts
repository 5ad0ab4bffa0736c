// OAuth 2 as a standard client speaks it: discovery, every grant, introspection, revocation, and what it gives access to.
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import * as client from 'openid-client';
import { createGraphqlClient, type GraphqlClient, signIn } from '../support/graphql-client.ts';
import { type RegisteredApplication, registerApplication } from '../support/oauth2-applications.ts';
import { describeOnEachShape, type Shape } from '../support/shapes.ts';

jest.setTimeout(300_000);

const redirectUri = 'http://localhost:9/callback';

describeOnEachShape('OAuth 2', (start) => {
  let shape: Shape;
  let admin: GraphqlClient;
  let open: client.Configuration;
  let secret: client.Configuration;
  let registered: RegisteredApplication;

  beforeAll(async () => {
    shape = await start();
    admin = await signIn(shape.url, shape.admin.email, shape.admin.password);
    registered = await registerApplication(admin, { confidential: false, redirectUris: [redirectUri] });
    open = await discover(registered);
    secret = await discover(await registerApplication(admin, { confidential: true, redirectUris: [redirectUri] }));
  }, 300_000);
  afterAll(() => shape?.close(), 300_000);

  function discover({ clientId, clientSecret }: RegisteredApplication): Promise<client.Configuration> {
    const authentication = clientSecret === undefined ? client.None() : client.ClientSecretBasic(clientSecret);
    return client.discovery(new URL(shape.url), clientId, {}, authentication, {
      algorithm: 'oauth2',
      execute: [client.allowInsecureRequests],
    });
  }
  const byPassword = (as: client.Configuration, password = shape.admin.password) =>
    client.genericGrantRequest(as, 'password', { username: shape.admin.email, password });
  const ask = (token: string) => createGraphqlClient(shape.url, token).ask('{ me { email } }');
  const isGood = async (token: string) => (await ask(token)).data?.me?.email === shape.admin.email;
  const refused = (error: string) => expect.objectContaining({ error });

  /** Signs in and presses a button on the pages, without a browser. Answers where that leads. */
  async function consent(address: URL, button: 'allow' | 'deny'): Promise<URL> {
    const first = await fetch(address, { redirect: 'manual' });
    const cookie = first.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
    const send = async (page: Response, fields: Record<string, string>) => {
      const flow = /name="flow" value="([^"]+)"/.exec(await page.text())?.[1] ?? '';
      const body = new URLSearchParams({ flow, ...fields });
      return fetch(address, { method: 'POST', body, headers: { cookie }, redirect: 'manual' });
    };
    const { email, password } = shape.admin;
    const last = await send(await send(first, { email, password, action: 'go-on' }), { action: button });
    expect(last.status).toBe(303);
    return new URL(last.headers.get('location') ?? '');
  }

  async function codeRequest(as: client.Configuration) {
    const pkceCodeVerifier = client.randomPKCECodeVerifier();
    const expectedState = client.randomState();
    const address = client.buildAuthorizationUrl(as, {
      redirect_uri: redirectUri,
      state: expectedState,
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    });
    return { address, checks: { pkceCodeVerifier, expectedState } };
  }

  test('its metadata are found where RFC 8414 has them', () => {
    const metadata = open.serverMetadata();
    expect(metadata).toMatchObject({ issuer: shape.url, token_endpoint: `${shape.url}/oauth2/token` });
    expect(metadata.supportsPKCE()).toBe(true);
  });

  test('a wrong password and a wrong secret are refused as RFC 6749 has it', async () => {
    await expect(byPassword(secret, 'wrong')).rejects.toEqual(refused('invalid_grant'));
    const { client_id: clientId } = secret.clientMetadata();
    const forged = await discover({ ...registered, clientId, clientSecret: 'f'.repeat(40) });
    await expect(byPassword(forged)).rejects.toMatchObject({
      cause: [{ scheme: 'basic', parameters: { realm: 'Caregraph' } }],
    });
    // A sign-in that has just failed holds up the next for a second.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
  });

  test('a password gives access, until the token is revoked', async () => {
    const tokens = await byPassword(open);
    expect(tokens).toMatchObject({ token_type: 'bearer', application_id: registered.id, user_id: admin.userId });
    expect(await isGood(tokens.access_token)).toBe(true);
    await client.tokenRevocation(open, tokens.access_token);
    const answer = await ask(tokens.access_token);
    expect([answer.status, answer.errors?.[0]?.extensions]).toMatchObject([401, { code: 'UNAUTHENTICATED' }]);
    await client.tokenRevocation(open, tokens.refresh_token ?? '');
    await expect(client.refreshTokenGrant(open, tokens.refresh_token ?? '')).rejects.toEqual(refused('invalid_grant'));
  });

  test('a user who does not agree sends the application back with nothing', async () => {
    const { address, checks } = await codeRequest(open);
    const location = await consent(address, 'deny');
    await expect(client.authorizationCodeGrant(open, location, checks)).rejects.toEqual(refused('access_denied'));
  });

  test('a code that another client got, or whose verifier is another one, is refused', async () => {
    const { address, checks } = await codeRequest(open);
    const location = await consent(address, 'allow');
    await expect(client.authorizationCodeGrant(secret, location, checks)).rejects.toEqual(refused('invalid_grant'));
    const other = { ...checks, pkceCodeVerifier: client.randomPKCECodeVerifier() };
    await expect(client.authorizationCodeGrant(open, location, other)).rejects.toEqual(refused('invalid_grant'));
    expect((await client.authorizationCodeGrant(open, location, checks)).access_token).toBeDefined();
  });

  test('a user who agrees gives access by code; the code comes back once too often, and the access ends', async () => {
    const { address, checks } = await codeRequest(open);
    const location = await consent(address, 'allow');
    const tokens = await client.authorizationCodeGrant(open, location, checks);
    expect(await isGood(tokens.access_token)).toBe(true);
    await expect(client.authorizationCodeGrant(open, location, checks)).rejects.toEqual(refused('invalid_grant'));
    expect(await isGood(tokens.access_token)).toBe(false);
  });

  test('a refresh token of a public client is good once, and its second use ends the session', async () => {
    const first = await byPassword(open);
    const second = await client.refreshTokenGrant(open, first.refresh_token ?? '');
    expect(await isGood(second.access_token)).toBe(true);
    await expect(client.refreshTokenGrant(open, first.refresh_token ?? '')).rejects.toEqual(refused('invalid_grant'));
    expect(await isGood(second.access_token)).toBe(false);
  });

  test('a client that keeps a secret refreshes many times at once, and asks about its tokens', async () => {
    const { refresh_token: refreshToken = '' } = await byPassword(secret);
    const all = await Promise.all([1, 2, 3, 4].map(() => client.refreshTokenGrant(secret, refreshToken)));
    for (const { access_token: token } of all) {
      expect(await isGood(token)).toBe(true);
      expect(await client.tokenIntrospection(secret, token)).toMatchObject({ active: true, sub: admin.userId });
    }
    const foreign = await byPassword(open);
    expect(await client.tokenIntrospection(secret, foreign.access_token)).toEqual({ active: false });
    await client.tokenRevocation(secret, refreshToken);
    for (const { access_token: token } of all) expect(await isGood(token)).toBe(false);
    expect(await client.tokenIntrospection(secret, refreshToken)).toEqual({ active: false });
  });

  test('a user sees the tokens of applications over the API, and revokes them', async () => {
    const tokens = await byPassword(open);
    const query = `query ($applicationId: ID!) {
      oauth2RefreshTokens(filter: { applicationId: { eq: $applicationId } }, first: 1) {
        nodes { id application { name } user { email } }
      }
    }`;
    const { oauth2RefreshTokens } = await admin.run(query, { applicationId: registered.id });
    const [node] = oauth2RefreshTokens.nodes;
    expect(node).toMatchObject({ application: { name: 'Recovery at home' }, user: { email: shape.admin.email } });
    expect(await isGood(tokens.access_token)).toBe(true);
    const removal = 'mutation ($input: DeleteTokenInput!) { deleteOAuth2RefreshToken(input: $input) { id } }';
    await admin.run(removal, { input: { id: node.id } });
    expect(await isGood(tokens.access_token)).toBe(false);
    await expect(client.refreshTokenGrant(open, tokens.refresh_token ?? '')).rejects.toEqual(refused('invalid_grant'));
  });

  test('a version that is deleted forces its users to update', async () => {
    const old = await registerApplication(admin, { confidential: false, redirectUris: [redirectUri] });
    const as = await discover(old);
    const { refresh_token: refreshToken = '' } = await byPassword(as);
    await admin.run(
      `mutation ($input: DeleteApplicationVersionInput!) {
        deleteApplicationVersion(input: $input) { application { id } }
      }`,
      { input: { applicationId: old.id, version: old.versionId } },
    );
    await expect(client.refreshTokenGrant(as, refreshToken)).rejects.toEqual(refused('invalid_client'));
  });
});
