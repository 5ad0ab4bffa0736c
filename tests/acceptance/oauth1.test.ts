// Applications that sign their requests (OAuth 1.0a), as such clients do it: over HTTP, each request signed anew for the
// address that the operator has published.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createGraphqlClient, type GraphqlAnswer, type GraphqlClient, signIn } from '../support/graphql-client.ts';
import { type Credentials, type RequestToSign, signRequest } from '../support/oauth1-signer.ts';
import { describeOnEachShape, type Shape } from '../support/shapes.ts';

const publicUrl = 'https://clinic.example.org/api';
const password = 'Correct-Horse-1';

interface Consumer extends Credentials {
  readonly applicationId: string;
  readonly versionId: string;
}
interface Token extends Credentials {
  readonly id: string;
}

const mutations = {
  createApplication:
    'mutation ($input: CreateApplicationInput!) { createApplication(input: $input) { application { id } } }',
  deleteApplication:
    'mutation ($input: DeleteApplicationInput!) { deleteApplication(input: $input) { applicationId } }',
  createVersion: `mutation ($input: CreateApplicationVersionInput!) {
    createApplicationVersion(input: $input) { version { id consumerKey clientId } consumerSecret }
  }`,
  deleteVersion: `mutation ($input: DeleteApplicationVersionInput!) {
    deleteApplicationVersion(input: $input) { application { id } }
  }`,
  createUser: 'mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }',
  deleteUser: 'mutation ($input: DeleteUserInput!) { deleteUser(input: $input) { userId } }',
  createToken: `mutation ($input: LoginInput!) {
    createOAuth1Token(input: $input) {
      token { id token application { name } user { email } } tokenSecret user { id email firstName }
    }
  }`,
  deleteToken: 'mutation ($input: DeleteTokenInput!) { deleteOAuth1Token(input: $input) { id } }',
  generateSsoToken: 'mutation { generateSsoToken { ssoToken expiresAt } }',
  consumeSsoToken: `mutation ($input: ConsumeSsoTokenInput!) {
    consumeSsoToken(input: $input) { token { id token } tokenSecret user { email } }
  }`,
} as const;
const me = '{ me { id email } }';

describeOnEachShape('OAuth 1', (start) => {
  let shape: Shape;
  let admin: GraphqlClient;
  let portal: Consumer;
  let count = 0;
  beforeAll(async () => {
    shape = await start({ PUBLIC_URL: publicUrl });
    admin = await signIn(shape.url, shape.admin.email, shape.admin.password);
    portal = await newApplication('Portal');
  }, 300_000);
  afterAll(() => shape?.close(), 300_000);

  async function newVersion(applicationId: string, name: string): Promise<Consumer> {
    const { createApplicationVersion } = await admin.run(mutations.createVersion, { input: { applicationId, name } });
    const { version, consumerSecret } = createApplicationVersion;
    return { applicationId, versionId: version.id, key: version.consumerKey, secret: consumerSecret };
  }
  async function newApplication(name: string): Promise<Consumer> {
    const input = { type: 'OAUTH1', name, description: 'Signs its requests' };
    const { createApplication } = await admin.run(mutations.createApplication, { input });
    return newVersion(createApplication.application.id, 'v1.0.0');
  }
  async function newUser(): Promise<{ id: string; email: string }> {
    count += 1;
    const email = `signer.${count}@example.org`;
    const input = { email, firstName: 'Ann', lastName: 'Other', password, language: 'EN' };
    return { id: (await admin.run(mutations.createUser, { input })).createUser.user.id, email };
  }

  type Signing = Pick<RequestToSign, 'consumer'> & Partial<RequestToSign>;
  const sign = (signing: Signing) => signRequest({ method: 'POST', url: `${publicUrl}/graphql`, ...signing });
  async function send(authorization: string, query: string, variables: object = {}): Promise<GraphqlAnswer> {
    const response = await fetch(`${shape.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify({ query, variables }),
    });
    return { status: response.status, ...((await response.json()) as object) };
  }
  const ask = (signing: Signing, query: string, input?: object) =>
    send(sign(signing), query, input === undefined ? {} : { input });
  async function newToken(email: string, consumer: Consumer = portal): Promise<Token> {
    const { data, errors } = await ask({ consumer }, mutations.createToken, { email, password });
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    const { token, tokenSecret } = data.createOAuth1Token;
    return { id: token.id, key: token.token, secret: tokenSecret };
  }
  const refused = (code: string, number: number) =>
    expect.objectContaining({
      status: 401,
      errors: [expect.objectContaining({ extensions: expect.objectContaining({ code, details: { code: number } }) })],
    });
  const keyUnknown = refused('OAUTH_KEY_UNKNOWN', 107);
  const tokenUnknown = refused('OAUTH_TOKEN_UNKNOWN', 108);
  const signatureInvalid = refused('OAUTH_SIGNATURE_INVALID', 109);
  const replayed = refused('REPLAYED_REQUEST', 110);

  test('a request that is signed wrongly, by nobody known, or for another address is refused', async () => {
    const { email } = await newUser();
    const token = await newToken(email);
    const unknown = { key: '0'.repeat(40), secret: 'x' };
    expect(await ask({ consumer: unknown, token }, me)).toEqual(keyUnknown);
    expect(await ask({ consumer: portal, token: unknown }, me)).toEqual(tokenUnknown);
    expect(await ask({ consumer: portal, token: { ...token, secret: 'x' } }, me)).toEqual(signatureInvalid);
    expect(await ask({ consumer: portal, token, url: `${shape.url}/graphql` }, me)).toEqual(signatureInvalid);
    expect(await ask({ consumer: portal, token, method: 'GET' }, me)).toEqual(signatureInvalid);
    expect(await send('OAuth nonsense', me)).toMatchObject({ status: 401 });
  });

  test('signing in needs the right password, and the consumer alone', async () => {
    const { email } = await newUser();
    const token = await newToken(email);
    const input = { email, password: 'wrong' };
    const { errors } = await ask({ consumer: portal }, mutations.createToken, input);
    expect(errors?.[0]?.extensions).toEqual({ code: 'INVALID_CREDENTIALS', details: { code: 106 } });
    const notAlone = { code: 'UNAUTHENTICATED', details: { code: 101 } };
    for (const answer of [
      await createGraphqlClient(shape.url).ask(mutations.createToken, { input }),
      await admin.ask(mutations.createToken, { input }),
      await ask({ consumer: portal, token }, mutations.createToken, input),
    ]) {
      expect(answer.errors?.[0]?.extensions).toEqual(notAlone);
    }
  });

  test('a user signs in with an application, and asks with signed requests, each of which is good once', async () => {
    const { id, email } = await newUser();
    const { data } = await ask({ consumer: portal }, mutations.createToken, { email: email.toUpperCase(), password });
    expect(data.createOAuth1Token).toMatchObject({
      token: { application: { name: 'Portal' }, user: { email } },
      user: { id, email, firstName: 'Ann' },
    });
    const { token: made, tokenSecret: secret } = data.createOAuth1Token;
    const token = { key: made.token, secret };
    for (const signatureMethod of ['HMAC-SHA1', 'HMAC-SHA256'] as const) {
      const authorization = sign({ consumer: portal, token, signatureMethod });
      const answers = await Promise.all([1, 2, 3].map(() => send(authorization, me)));
      answers.sort((one, other) => one.status - other.status);
      expect(answers).toEqual([{ status: 200, data: { me: { id, email } } }, replayed, replayed]);
      expect(await send(authorization, me)).toEqual(replayed);
    }
    const old = Math.floor(Date.now() / 1_000) - 400;
    expect(await ask({ consumer: portal, token, timestamp: old }, me)).toEqual(replayed);
    // The application alone is nobody.
    expect((await ask({ consumer: portal }, me)).data).toEqual({ me: null });
  });

  test('the parameters of a GET request are signed, too', async () => {
    const { id, email } = await newUser();
    const token = await newToken(email);
    const get = async (query: string, signedQuery: string = query) => {
      const address = (text: string) => `/graphql?${new URLSearchParams({ query: text, operationName: 'Mine' })}`;
      const authorization = sign({
        consumer: portal,
        token,
        method: 'GET',
        url: `${publicUrl}${address(signedQuery)}`,
      });
      const headers = { authorization, 'apollo-require-preflight': 'true' };
      return (await (await fetch(`${shape.url}${address(query)}`, { headers })).json()) as GraphqlAnswer;
    };
    expect(await get('query Mine { me { id } }')).toEqual({ data: { me: { id } } });
    expect((await get('query Mine { me { id email } }', 'query Mine { me { id } }')).errors?.[0]?.extensions).toEqual({
      code: 'OAUTH_SIGNATURE_INVALID',
      details: { code: 109 },
    });
  });

  test('a version that is removed is refused at once; the users go on with the next one', async () => {
    const first = await newApplication('Upgraded');
    const { id, email } = await newUser();
    const token = await newToken(email, first);
    const second = await newVersion(first.applicationId, 'v2.0.0');
    expect((await ask({ consumer: first, token }, me)).data.me.id).toBe(id);
    await admin.run(mutations.deleteVersion, { input: { applicationId: first.applicationId, version: 'v1.0.0' } });
    expect(await ask({ consumer: first, token }, me)).toEqual(keyUnknown);
    expect(await ask({ consumer: first }, mutations.createToken, { email, password })).toEqual(keyUnknown);
    expect((await ask({ consumer: second, token }, me)).data.me.id).toBe(id);
    await admin.run(mutations.deleteApplication, { input: { applicationId: first.applicationId } });
    expect(await ask({ consumer: second, token }, me)).toEqual(keyUnknown);
  });

  test('a token that is revoked, and one of a user who is deleted, is refused at once', async () => {
    const { id, email } = await newUser();
    const [own, byAdmin, last] = [await newToken(email), await newToken(email), await newToken(email)];
    const { data } = await ask({ consumer: portal, token: own }, mutations.deleteToken, { id: own.id });
    expect(data.deleteOAuth1Token.id).toBe(own.id);
    expect(await ask({ consumer: portal, token: own }, me)).toEqual(tokenUnknown);
    await admin.run(mutations.deleteToken, { input: { id: byAdmin.id } });
    expect(await ask({ consumer: portal, token: byAdmin }, me)).toEqual(tokenUnknown);
    expect((await ask({ consumer: portal, token: last }, me)).data.me.id).toBe(id);
    await admin.run(mutations.deleteUser, { input: { userId: id } });
    expect(await ask({ consumer: portal, token: last }, me)).toEqual(tokenUnknown);
    // The session itself is ended when `auth` hears of it.
    const ofUser = 'query ($userId: ID!) { sessions(filter: { userId: { eq: $userId } }) { totalCount } }';
    const openSessions = async (): Promise<number> => (await admin.run(ofUser, { userId: id })).sessions.totalCount;
    for (let tries = 0; tries < 100 && (await openSessions()) > 0; tries += 1) await pause(100);
    expect(await openSessions()).toBe(0);
  });

  test('a user passes from one application to another, with an SSO token that is good once', async () => {
    const viewer = await newApplication('Viewer');
    const { id, email } = await newUser();
    const token = await newToken(email);
    const { errors } = await admin.ask(mutations.generateSsoToken);
    expect(errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED', details: { code: 101 } });
    const generated = await ask({ consumer: portal, token }, mutations.generateSsoToken);
    const input = { ssoToken: generated.data.generateSsoToken.ssoToken };
    const answers = await Promise.all([1, 2, 3].map(() => ask({ consumer: viewer }, mutations.consumeSsoToken, input)));
    const taken = answers.filter((answer) => answer.errors === undefined);
    expect(taken).toHaveLength(1);
    for (const answer of answers.filter((each) => !taken.includes(each))) {
      expect(answer.errors?.[0]?.extensions).toEqual({
        code: 'NOT_FOUND',
        details: { field: 'input.ssoToken', code: 16 },
      });
    }
    const { token: made, tokenSecret, user } = taken[0]?.data.consumeSsoToken ?? {};
    expect(user).toEqual({ email });
    const passed = { key: made.token, secret: tokenSecret };
    const sessions = '{ me { id } sessions { nodes { kind current application { name } lastUsedAt } } }';
    const { data } = await ask({ consumer: viewer, token: passed }, sessions);
    expect(data).toEqual({
      me: { id },
      sessions: {
        nodes: [
          { kind: 'SSO', current: true, application: { name: 'Viewer' }, lastUsedAt: expect.any(String) },
          { kind: 'OAUTH1', current: false, application: { name: 'Portal' }, lastUsedAt: expect.any(String) },
        ],
      },
    });
    expect(await ask({ consumer: portal, token: passed }, me)).toEqual(tokenUnknown);
  });
});
