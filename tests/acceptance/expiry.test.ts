// What has a time to live that an operator can choose, and what a client is told once it is over: each is used in time
// first, so that its age alone is what it is refused for. The programs' clock stands still but for that.
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { generateSync } from 'otplib';
import { createGraphqlClient, type GraphqlAnswer, type GraphqlClient, signIn } from '../support/graphql-client.ts';
import { type Credentials, signRequest } from '../support/oauth1-signer.ts';
import { registerApplication } from '../support/oauth2-applications.ts';
import { createProgramClock, type ProgramClock } from '../support/program-clock.ts';
import { describeOnEachShape, type Shape } from '../support/shapes.ts';

jest.setTimeout(300_000);

const operations = {
  login: 'mutation ($input: LoginInput!) { login(input: $input) { accessToken refreshToken expiresIn } }',
  refresh: 'mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { accessToken } }',
  authorize: `mutation ($input: CreateOAuth2AuthorizationInput!) {
    createOAuth2Authorization(input: $input) { authorizationCode authorization { expiresAt } }
  }`,
  createApplication:
    'mutation ($input: CreateApplicationInput!) { createApplication(input: $input) { application { id } } }',
  createVersion: `mutation ($input: CreateApplicationVersionInput!) {
    createApplicationVersion(input: $input) { version { consumerKey } consumerSecret }
  }`,
  createToken: 'mutation ($input: LoginInput!) { createOAuth1Token(input: $input) { token { token } tokenSecret } }',
  generateSsoToken: 'mutation { generateSsoToken { ssoToken expiresAt } }',
  consumeSsoToken: 'mutation ($input: ConsumeSsoTokenInput!) { consumeSsoToken(input: $input) { user { email } } }',
  confirmPresence: `mutation ($input: ConfirmPresenceInput!) {
    confirmPresence(input: $input) { presenceToken expiresAt }
  }`,
  createUser: 'mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }',
  addMethod: 'mutation ($input: AddMfaMethodInput!) { addMfaMethod(input: $input) { method { id } secret codes } }',
  confirmMethod: 'mutation ($input: ConfirmMfaMethodInput!) { confirmMfaMethod(input: $input) { method { id } } }',
  enable: 'mutation ($input: EnableMfaInput!) { enableMfa(input: $input) { setting { enabled } } }',
  loginWithMfa: 'mutation ($input: LoginWithMfaInput!) { loginWithMfa(input: $input) { user { id } } }',
} as const;

const redirectUri = 'http://localhost:9/callback';
const extensionsOf = (answer: GraphqlAnswer) => answer.errors?.[0]?.extensions;

async function post(url: string, form: Readonly<Record<string, string>>) {
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

describeOnEachShape('an access token', (start) => {
  const seconds = 2;
  let clock: ProgramClock;
  let shape: Shape;
  let anyone: GraphqlClient;
  beforeAll(async () => {
    clock = createProgramClock();
    shape = await start({ ...clock.environment, ACCESS_TOKEN_SECONDS: `${seconds}` });
    anyone = createGraphqlClient(shape.url);
    await clock.stop();
  }, 300_000);
  afterAll(async () => {
    await shape?.close();
    clock?.remove();
  }, 300_000);

  const me = '{ me { email } }';
  const expired = { code: 'UNAUTHENTICATED', details: { code: 118 } };
  async function expectExpired(accessToken: string): Promise<void> {
    const client = createGraphqlClient(shape.url, accessToken);
    const answer = await client.ask(me);
    expect([answer.status, extensionsOf(answer)]).toEqual([401, expired]);
    const subscription = client.subscribe('subscription { events { type } }');
    await subscription.waitUntilEnded();
    expect(subscription.failure).toMatchObject({ code: 4403, reason: expect.stringContaining('UNAUTHENTICATED') });
  }

  test('that is too old is refused, whether it was ever used or not; the session goes on', async () => {
    const { login: unused } = await anyone.run(operations.login, { input: shape.admin });
    const { login: used } = await anyone.run(operations.login, { input: shape.admin });
    expect(used.expiresIn).toBe(seconds);
    const answer = await createGraphqlClient(shape.url, used.accessToken).run(me);
    expect(answer).toEqual({ me: { email: shape.admin.email } });
    await clock.move(seconds * 1_000);
    await expectExpired(unused.accessToken);
    await expectExpired(used.accessToken);
    const input = { refreshToken: used.refreshToken };
    const { refreshSession } = await anyone.run(operations.refresh, { input });
    expect(await createGraphqlClient(shape.url, refreshSession.accessToken).run(me)).toEqual(answer);
  });

  test('of an application that is too old is refused, and introspection says so', async () => {
    const admin = await signIn(shape.url, shape.admin.email, shape.admin.password);
    const application = { confidential: true, redirectUris: [redirectUri] };
    const { clientId, clientSecret = '' } = await registerApplication(admin, application);
    const client = { client_id: clientId, client_secret: clientSecret };
    const { email: username, password } = shape.admin;
    const { body } = await post(`${shape.url}/oauth2/token`, { grant_type: 'password', username, password, ...client });
    const token = `${body.access_token}`;
    const introspect = async () => (await post(`${shape.url}/oauth2/introspect`, { token, ...client })).body;
    expect(await introspect()).toMatchObject({ active: true });
    await clock.move(seconds * 1_000);
    await expectExpired(token);
    expect(await introspect()).toEqual({ active: false });
  });
});

describeOnEachShape('what is good for a moment', (start) => {
  let clock: ProgramClock;
  let shape: Shape;
  let admin: GraphqlClient;
  let anyone: GraphqlClient;
  beforeAll(async () => {
    clock = createProgramClock();
    shape = await start({
      ...clock.environment,
      AUTHORIZATION_CODE_SECONDS: '2',
      SSO_TOKEN_SECONDS: '2',
      PRESENCE_TOKEN_SECONDS: '2',
      MFA_CHALLENGE_SECONDS: '2',
    });
    admin = await signIn(shape.url, shape.admin.email, shape.admin.password);
    anyone = createGraphqlClient(shape.url);
    await clock.stop();
  }, 300_000);
  afterAll(async () => {
    await shape?.close();
    clock?.remove();
  }, 300_000);

  test('an authorization code', async () => {
    const { clientId } = await registerApplication(admin, { confidential: false, redirectUris: [redirectUri] });
    const newCode = async () =>
      (await admin.run(operations.authorize, { input: { responseType: 'code', clientId, redirectUri } }))
        .createOAuth2Authorization;
    const redeem = (code: string) =>
      post(`${shape.url}/oauth2/token`, {
        grant_type: 'authorization_code',
        code,
        client_id: clientId,
        redirect_uri: redirectUri,
      });
    expect((await redeem((await newCode()).authorizationCode)).status).toBe(200);
    const { authorizationCode, authorization } = await newCode();
    await clock.stop(authorization.expiresAt);
    expect(await redeem(authorizationCode)).toMatchObject({
      status: 400,
      body: {
        error: 'invalid_grant',
        exh_error: { code: 116, name: 'AUTHORIZATION_CODE_EXPIRED_EXCEPTION' },
      },
    });
  });

  test('an SSO token', async () => {
    const consumer = await newConsumer();
    const { createOAuth1Token: made } = (await signed({ consumer }, operations.createToken, shape.admin)).data;
    const token = { key: made.token.token, secret: made.tokenSecret };
    const newSsoToken = async () =>
      (await signed({ consumer, token }, operations.generateSsoToken)).data.generateSsoToken;
    const consume = (ssoToken: string) => signed({ consumer }, operations.consumeSsoToken, { ssoToken });
    const inTime = await consume((await newSsoToken()).ssoToken);
    expect(inTime.data).toEqual({ consumeSsoToken: { user: { email: shape.admin.email } } });
    const { ssoToken, expiresAt } = await newSsoToken();
    await clock.stop(expiresAt);
    const details = { field: 'input.ssoToken', code: 16 };
    expect(extensionsOf(await consume(ssoToken))).toEqual({ code: 'NOT_FOUND', details });
  });

  test('a presence token', async () => {
    const { client, password } = await newPerson();
    const { presenceToken, expiresAt } = await presenceOf(client, password);
    const add = (input: object) => client.ask(operations.addMethod, { input: { type: 'TOTP', ...input } });
    expect((await add({ presenceToken })).errors).toBeUndefined();
    await clock.stop(expiresAt);
    expect(extensionsOf(await add({ presenceToken }))).toEqual({
      code: 'INVALID_PRESENCE_TOKEN',
      details: { code: 132 },
    });
    const fresh = await presenceOf(client, password);
    expect((await add({ presenceToken: fresh.presenceToken })).errors).toBeUndefined();
  });

  test('the challenge of a second factor, which takes no code with it', async () => {
    const { userId, email, password, methodId, codes } = await protectedPerson();
    const challenge = async () => {
      const extensions = extensionsOf(await anyone.ask(operations.login, { input: { email, password } }));
      expect(extensions.code).toBe('MFA_REQUIRED');
      return { token: extensions.details.token, expiresAt: clock.now() + extensions.details.tokenExpiresIn };
    };
    const finish = (token: string) =>
      anyone.ask(operations.loginWithMfa, { input: { token, methodId, code: codes[0] } });
    const { token, expiresAt } = await challenge();
    await clock.stop(expiresAt);
    expect(extensionsOf(await finish(token))).toEqual({ code: 'INVALID_MFA_TOKEN', details: { code: 131 } });
    expect((await finish((await challenge()).token)).data).toEqual({ loginWithMfa: { user: { id: userId } } });
  });

  interface Signing {
    readonly consumer: Credentials;
    readonly token?: Credentials;
  }
  async function signed(signing: Signing, query: string, input?: object): Promise<GraphqlAnswer> {
    const url = `${shape.url}/graphql`;
    const authorization = signRequest({ method: 'POST', url, timestamp: Math.floor(clock.now() / 1_000), ...signing });
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify({ query, variables: { input } }),
    });
    return { status: response.status, ...((await response.json()) as object) };
  }
  async function newConsumer(): Promise<Credentials> {
    const input = { type: 'OAUTH1', name: 'Portal', description: 'Signs its requests' };
    const { createApplication } = await admin.run(operations.createApplication, { input });
    const version = { applicationId: createApplication.application.id, name: 'v1.0.0' };
    const { createApplicationVersion: created } = await admin.run(operations.createVersion, { input: version });
    return { key: created.version.consumerKey, secret: created.consumerSecret };
  }
  const presenceOf = async (client: GraphqlClient, password: string) =>
    (await client.run(operations.confirmPresence, { input: { password } })).confirmPresence;
  let count = 0;
  async function newPerson() {
    count += 1;
    const account = { email: `person-${count}@example.org`, password: 'Correct-Horse-1' };
    const input = { ...account, firstName: 'Ann', lastName: 'Other' };
    const userId: string = (await admin.run(operations.createUser, { input })).createUser.user.id;
    return { ...account, userId, client: await signIn(shape.url, account.email, account.password) };
  }
  /** With an app and recovery codes, turned on. Each step proves the presence anew, which is over so soon here. */
  async function protectedPerson() {
    const person = await newPerson();
    const change = async (operation: 'addMethod' | 'confirmMethod' | 'enable', more: object = {}) => {
      const { presenceToken } = await presenceOf(person.client, person.password);
      return person.client.run(operations[operation], { input: { presenceToken, ...more } });
    };
    const { addMfaMethod: recovery } = await change('addMethod', { type: 'RECOVERY_CODES' });
    const { addMfaMethod: app } = await change('addMethod', { type: 'TOTP' });
    await change('confirmMethod', {
      methodId: app.method.id,
      code: generateSync({ secret: app.secret, epoch: Math.floor(clock.now() / 1_000) }),
    });
    await change('enable');
    return { ...person, methodId: recovery.method.id as string, codes: recovery.codes as string[] };
  }
});
