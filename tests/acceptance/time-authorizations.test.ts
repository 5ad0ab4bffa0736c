// What time does to everything that somebody is let in with, at the lifetimes that hold unless an operator chose others:
// good until the last millisecond, refused from then on. The programs' clock is moved and never goes by itself here.
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { generateSync } from 'otplib';
import { type ApiPeople, type ApiPerson, apiPeople, type ProtectedPerson } from '../support/api-people.ts';
import {
  registerSigningApplication,
  type SigningApplication,
  sendForm,
  signedTokenByPassword,
  tokensByPassword,
} from '../support/application-requests.ts';
import { openConsentBrowser } from '../support/consent-browser.ts';
import { createGraphqlClient, type GraphqlAnswer, type GraphqlClient, signIn } from '../support/graphql-client.ts';
import { type RegisteredApplication, registerApplication } from '../support/oauth2-applications.ts';
import { type OidcTestProvider, startOidcProvider } from '../support/oidc-provider.ts';
import { createProgramClock, type ProgramClock } from '../support/program-clock.ts';
import { describeOnEachShape, type Shape } from '../support/shapes.ts';

jest.setTimeout(300_000);

const operations = {
  login: 'mutation ($input: LoginInput!) { login(input: $input) { accessToken refreshToken } }',
  loginWithMfa: 'mutation ($input: LoginWithMfaInput!) { loginWithMfa(input: $input) { user { id } } }',
  signedLogin: 'mutation ($input: LoginInput!) { createOAuth1Token(input: $input) { tokenSecret } }',
  signedLoginWithMfa: `mutation ($input: LoginWithMfaInput!) {
    createOAuth1TokenWithMfa(input: $input) { user { id } }
  }`,
  refresh: 'mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { accessToken refreshToken } }',
  authorize: `mutation ($input: CreateOAuth2AuthorizationInput!) {
    createOAuth2Authorization(input: $input) { authorizationCode }
  }`,
  generateSsoToken: 'mutation { generateSsoToken { ssoToken } }',
  consumeSsoToken: 'mutation ($input: ConsumeSsoTokenInput!) { consumeSsoToken(input: $input) { user { id } } }',
  confirmPresence: 'mutation ($input: ConfirmPresenceInput!) { confirmPresence(input: $input) { presenceToken } }',
  addMethod: 'mutation ($input: AddMfaMethodInput!) { addMfaMethod(input: $input) { method { id } secret } }',
  confirmMethod: 'mutation ($input: ConfirmMfaMethodInput!) { confirmMfaMethod(input: $input) { method { id } } }',
  startOidc: `mutation ($input: CreateOidcAuthenticationUrlInput!) {
    createOidcAuthenticationUrl(input: $input) { authenticationUrl }
  }`,
  loginWithOidc: 'mutation ($input: LoginWithOidcInput!) { loginWithOidc(input: $input) { user { email } } }',
  createProvider:
    'mutation ($input: CreateOidcProviderInput!) { createOidcProvider(input: $input) { provider { id } } }',
} as const;

const second = 1_000;
const minute = 60 * second;
const day = 24 * 60 * minute;
const redirectUri = 'http://localhost:9/callback';
const me = '{ me { id } }';
const extensionsOf = (answer: GraphqlAnswer) => answer.errors?.[0]?.extensions;

describeOnEachShape('time and authorizations', (start) => {
  let clock: ProgramClock;
  let provider: OidcTestProvider;
  let shape: Shape;
  let anyone: GraphqlClient;
  let people: ApiPeople;
  let portal: RegisteredApplication;
  let pocket: RegisteredApplication;
  let signer: SigningApplication;
  let otherSigner: SigningApplication;
  /** How far the clock of who signs requests is ahead. */
  let ahead = 0;

  /** Signed in anew: time passes here, and sessions with it. */
  const newAdmin = () => signIn(shape.url, shape.admin.email, shape.admin.password);
  beforeAll(async () => {
    clock = createProgramClock();
    [provider, shape] = await Promise.all([startOidcProvider(), start(clock.environment)]);
    anyone = createGraphqlClient(shape.url);
    const admin = await newAdmin();
    portal = await registerApplication(admin, { confidential: true, redirectUris: [redirectUri] });
    pocket = await registerApplication(admin, { confidential: false, redirectUris: [redirectUri] });
    const signing = { url: shape.url, publicUrl: shape.url, now: () => clock.now() + ahead };
    signer = await registerSigningApplication(admin, signing);
    otherSigner = await registerSigningApplication(admin, signing);
    await admin.run(operations.createProvider, { input: { ...provider.settings, name: 'hospital' } });
    const always = {
      ...admin,
      run: async (query: string, more?: object) => (await newAdmin()).run(query, { ...more }),
    };
    people = apiPeople(shape.url, always, clock.now);
    await clock.stop();
  }, 300_000);
  afterAll(async () => {
    await clock?.start();
    await shape?.close();
    await provider?.stop();
    clock?.remove();
  }, 300_000);

  /** Stops a millisecond before a life that begins now is over, and when it is over. */
  async function live(milliseconds: number, at: { lastMoment: () => Promise<void>; after: () => Promise<void> }) {
    const end = clock.now() + milliseconds;
    await clock.stop(end - 1);
    await at.lastMoment();
    await clock.stop(end);
    await at.after();
  }
  const token = (application: RegisteredApplication, parameters: Record<string, string>) =>
    sendForm(shape.url, { application, parameters });
  const refusedForm = (code: number) => ({
    status: 400,
    body: expect.objectContaining({ error: 'invalid_grant', exh_error: expect.objectContaining({ code }) }),
  });

  test('an access token: 5 minutes, at every door', async () => {
    const person = await people.newPerson();
    const { accessToken } = await tokensByPassword(shape.url, portal, person);
    const { clientId, clientSecret = '' } = portal;
    const introspection = { token: accessToken, client_id: clientId, client_secret: clientSecret };
    const introspect = async () =>
      (
        await fetch(`${shape.url}/oauth2/introspect`, { method: 'POST', body: new URLSearchParams(introspection) })
      ).json();
    const clients = [createGraphqlClient(shape.url, accessToken), person.client];
    await live(5 * minute, {
      async lastMoment() {
        for (const client of clients) expect(await client.run(me)).toEqual({ me: { id: person.userId } });
        expect(await introspect()).toMatchObject({ active: true });
      },
      async after() {
        for (const client of clients) {
          const answer = await client.ask(me);
          expect([answer.status, extensionsOf(answer)]).toEqual([
            401,
            { code: 'UNAUTHENTICATED', details: { code: 118 } },
          ]);
          const subscription = client.subscribe('subscription { events { type } }');
          await subscription.waitUntilEnded();
          expect(subscription.failure).toMatchObject({ code: 4403 });
        }
        expect(await introspect()).toEqual({ active: false });
      },
    });
  });

  test('an authorization code: 60 seconds', async () => {
    const { client } = await people.newPerson();
    const newCode = async (): Promise<string> => {
      const input = { responseType: 'code', clientId: pocket.clientId, redirectUri };
      return (await client.run(operations.authorize, { input })).createOAuth2Authorization.authorizationCode;
    };
    const redeem = (code: string) =>
      token(pocket, { grant_type: 'authorization_code', code, redirect_uri: redirectUri });
    const [punctual, late] = [await newCode(), await newCode()];
    await live(60 * second, {
      lastMoment: async () => expect((await redeem(punctual)).status).toBe(200),
      async after() {
        expect(await redeem(late)).toEqual(refusedForm(116));
        // Unlike one that there never was.
        expect(await redeem('f'.repeat(40))).toEqual(refusedForm(115));
      },
    });
  });

  test('an SSO token: 5 minutes', async () => {
    const person = await people.newPerson();
    const signed = await signedTokenByPassword(signer, person);
    const newToken = async (): Promise<string> =>
      (await signer.ask(operations.generateSsoToken, undefined, signed)).data.generateSsoToken.ssoToken;
    const consume = (ssoToken: string) => otherSigner.ask(operations.consumeSsoToken, { ssoToken });
    const [punctual, late] = [await newToken(), await newToken()];
    await live(5 * minute, {
      lastMoment: async () =>
        expect((await consume(punctual)).data).toEqual({ consumeSsoToken: { user: { id: person.userId } } }),
      async after() {
        const details = { field: 'input.ssoToken', code: 16 };
        expect(extensionsOf(await consume(late))).toEqual({ code: 'NOT_FOUND', details });
      },
    });
  });

  test('a signed request: 5 minutes from its timestamp, on either side', async () => {
    const signed = await signedTokenByPassword(signer, await people.newPerson());
    // Timestamps are whole seconds.
    await clock.stop(Math.ceil(clock.now() / second) * second);
    const askAhead = async (by: number) => {
      ahead = by;
      return signer.ask(me, undefined, signed).finally(() => {
        ahead = 0;
      });
    };
    for (const side of [1, -1]) {
      expect((await askAhead(side * 5 * minute)).errors).toBeUndefined();
      const answer = await askAhead(side * (5 * minute + second));
      expect([answer.status, extensionsOf(answer)]).toEqual([
        401,
        { code: 'REPLAYED_REQUEST', details: { code: 110 } },
      ]);
    }
  });

  const presenceOf = async ({ client, password }: ApiPerson): Promise<string> =>
    (await client.run(operations.confirmPresence, { input: { password } })).confirmPresence.presenceToken;

  test('a presence token: 5 minutes', async () => {
    const person = await people.newPerson();
    const presenceToken = await presenceOf(person);
    const { client } = person;
    const add = (by: GraphqlClient) => by.ask(operations.addMethod, { input: { type: 'TOTP', presenceToken } });
    await live(5 * minute, {
      lastMoment: async () => expect((await add(client)).errors).toBeUndefined(),
      async after() {
        const again = await signIn(shape.url, person.email, person.password);
        expect(extensionsOf(await add(again))).toEqual({ code: 'INVALID_PRESENCE_TOKEN', details: { code: 132 } });
      },
    });
  });

  test('a method that nobody confirms: an hour', async () => {
    const [person, other] = [await people.newPerson(), await people.newPerson()];
    const add = async (by: ApiPerson) => {
      const input = { type: 'TOTP', presenceToken: await presenceOf(by) };
      return (await by.client.run(operations.addMethod, { input })).addMfaMethod;
    };
    const [{ method, secret }, tooLate] = [await add(person), await add(other)];
    const confirm = async ({ email, password }: ApiPerson, methodId: string) => {
      const client = await signIn(shape.url, email, password);
      const presenceToken = await presenceOf({ ...person, client });
      const code = generateSync({ secret, epoch: Math.floor(clock.now() / second) });
      const answer = await client.ask(operations.confirmMethod, { input: { presenceToken, methodId, code } });
      const { mfaSetting } = await client.run('{ mfaSetting { methods { id } } }');
      return { answer, listed: mfaSetting.methods.map(({ id }: { id: string }) => id) };
    };
    await live(60 * minute, {
      async lastMoment() {
        const { answer, listed } = await confirm(person, method.id);
        expect([answer.data, listed]).toEqual([{ confirmMfaMethod: { method: { id: method.id } } }, [method.id]]);
      },
      async after() {
        const { answer, listed } = await confirm(other, tooLate.method.id);
        const details = { field: 'input.methodId', code: 16 };
        expect([extensionsOf(answer), listed]).toEqual([{ code: 'NOT_FOUND', details }, []]);
      },
    });
  });

  /** Where a sign-in stops for a second factor, and goes on with it. */
  const doors = {
    api: {
      challenge: async ({ email, password }: ApiPerson): Promise<string> =>
        extensionsOf(await anyone.ask(operations.login, { input: { email, password } })).details.token,
      finish: async (input: Proof) => refusalOf(await anyone.ask(operations.loginWithMfa, { input })),
    },
    oauth1: {
      challenge: async ({ email, password }: ApiPerson): Promise<string> =>
        extensionsOf(await signer.ask(operations.signedLogin, { email, password })).details.token,
      finish: async (input: Proof) => refusalOf(await signer.ask(operations.signedLoginWithMfa, input)),
    },
    oauth2: {
      challenge: async ({ email, password }: ApiPerson): Promise<string> =>
        (await token(portal, { grant_type: 'password', username: email, password })).body.mfa.token,
      async finish({ token: challenge, methodId, code }: Proof) {
        const { body } = await token(portal, { grant_type: 'mfa', token: challenge, method_id: methodId, code });
        return body.error === undefined
          ? {}
          : { number: body.exh_error?.code ?? body.error, remainingDelay: body.remainingDelay };
      },
    },
  } as const;
  const doorNames = ['api', 'oauth1', 'oauth2'] as const;
  interface Proof {
    readonly token: string;
    readonly methodId: string;
    readonly code: string;
  }
  /** The reference's number, and how long to wait; nothing for who is in. */
  function refusalOf({ errors: [error] = [] }: GraphqlAnswer): { number?: number; remainingDelay?: number } {
    if (error === undefined) return {};
    const { code, details } = error.extensions;
    return { number: details?.code ?? code, remainingDelay: details?.remainingDelay };
  }
  const recovery = ({ codesId, codes }: ProtectedPerson, index = 0) => ({
    methodId: codesId,
    code: codes[index] ?? '',
  });

  test.each(doorNames)('the challenge of a second factor: 10 minutes (%s)', async (name) => {
    const { challenge, finish } = doors[name];
    const person = await people.protectedPerson();
    const [punctual, late] = [await challenge(person), await challenge(person)];
    await live(10 * minute, {
      lastMoment: async () => expect(await finish({ token: punctual, ...recovery(person, 0) })).toEqual({}),
      after: async () => expect(await finish({ token: late, ...recovery(person, 1) })).toEqual({ number: 131 }),
    });
  });

  test('the code of an authenticator app: its 30 seconds, and those on either side', async () => {
    const half = 30 * second;
    const four = [];
    for (let count = 0; count < 4; count += 1) four.push(await people.protectedPerson());
    const [tooEarly, early, last, late] = four as [ProtectedPerson, ProtectedPerson, ProtectedPerson, ProtectedPerson];
    /** When the 30 seconds of the code begin. */
    const begins = Math.ceil(clock.now() / half) * half + 2 * half;
    const finishAt = async (moment: number, { totpId, codeAt, ...person }: ProtectedPerson) => {
      await clock.stop(moment);
      const challenge = await doors.api.challenge(person);
      return doors.api.finish({ token: challenge, methodId: totpId, code: codeAt(begins) });
    };
    expect(await finishAt(begins - half - 1, tooEarly)).toEqual({ number: 130 });
    expect(await finishAt(begins - half, early)).toEqual({});
    expect(await finishAt(begins + 2 * half - 1, last)).toEqual({});
    expect(await finishAt(begins + 2 * half, late)).toEqual({ number: 130 });
  });

  test.each(doorNames)('wrong codes: a wait after each, longer every time (%s)', async (name) => {
    const { challenge, finish } = doors[name];
    const person = await people.protectedPerson();
    const good = { token: await challenge(person), ...recovery(person) };
    const wrong = { ...good, code: '00000000' };
    for (const seconds of [1, 1, 2, 3, 5, 7, 10, 14, 21, 30]) {
      expect([seconds, await finish(wrong)]).toEqual([seconds, { number: 130 }]);
      expect(await finish(good)).toEqual({ number: 134, remainingDelay: seconds * second });
      await clock.move(seconds * second - 1);
      expect(await finish(good)).toEqual({ number: 134, remainingDelay: 1 });
      await clock.move(1);
    }
    expect(await finish(good)).toEqual({});
  });

  test('a sign-in through a provider: 10 minutes', async () => {
    const begin = async () => {
      const { createOidcAuthenticationUrl } = await anyone.run(operations.startOidc, {
        input: { providerName: 'hospital' },
      });
      const email = 'nora@hospital.example';
      const nora = { subject: 'nora', email, emailVerified: true, firstName: 'Nora', lastName: 'Nurse' };
      const { code, state } = await provider.signIn(createOidcAuthenticationUrl.authenticationUrl, nora);
      return { providerName: 'hospital', authorizationCode: code, state };
    };
    const finish = (input: object) => anyone.ask(operations.loginWithOidc, { input });
    const [punctual, late] = [await begin(), await begin()];
    await live(10 * minute, {
      lastMoment: async () =>
        expect((await finish(punctual)).data).toEqual({ loginWithOidc: { user: { email: 'nora@hospital.example' } } }),
      async after() {
        const details = { field: 'input.state', code: 137 };
        expect(extensionsOf(await finish(late))).toEqual({ code: 'OIDC_NONCE_INVALID', details });
      },
    });
  });

  test('a page to sign in and agree on: 10 minutes', async () => {
    const { email, password } = await people.newPerson();
    const page = async () => {
      const browser = openConsentBrowser({
        async request(path, init) {
          const response = await fetch(`${shape.url}${path}`, { redirect: 'manual', ...init });
          return { status: response.status, headers: response.headers, body: await response.text() };
        },
      });
      await browser.open({ response_type: 'code', client_id: pocket.clientId, redirect_uri: redirectUri });
      return browser;
    };
    const [punctual, late] = [await page(), await page()];
    const fields = { email, password, action: 'go-on' };
    await live(10 * minute, {
      lastMoment: async () => expect((await punctual.send(fields)).status).toBe(200),
      async after() {
        const { status, body } = await late.send(fields);
        expect([status, body]).toEqual([400, expect.stringContaining('This took too long')]);
      },
    });
  });

  test('a refresh token of the API: 14 days; then it is said to have expired, unlike one that is unknown', async () => {
    const { email, password } = await people.newPerson();
    const newToken = async (): Promise<string> =>
      (await anyone.run(operations.login, { input: { email, password } })).login.refreshToken;
    const refresh = (refreshToken: string) => anyone.ask(operations.refresh, { input: { refreshToken } });
    const refusalBy = async (refreshToken: string) => extensionsOf(await refresh(refreshToken));
    const [punctual, late] = [await newToken(), await newToken()];
    let next = '';
    await live(14 * day, {
      async lastMoment() {
        const { data } = await refresh(punctual);
        next = data.refreshSession.refreshToken;
      },
      async after() {
        expect(await refusalBy(late)).toEqual({ code: 'REFRESH_TOKEN_INVALID', details: { code: 120 } });
        for (const unknown of ['f'.repeat(40), 'no token']) {
          expect(await refusalBy(unknown)).toEqual({ code: 'REFRESH_TOKEN_INVALID', details: { code: 119 } });
        }
        // What came of the refresh has a life of its own.
        expect((await refresh(next)).errors).toBeUndefined();
      },
    });
  });

  const refreshBy = (application: RegisteredApplication, refreshToken: string) =>
    token(application, { grant_type: 'refresh_token', refresh_token: refreshToken });

  test('a refresh token of a public application: 14 days', async () => {
    const person = await people.newPerson();
    const [punctual, late] = [
      await tokensByPassword(shape.url, pocket, person),
      await tokensByPassword(shape.url, pocket, person),
    ];
    await live(14 * day, {
      lastMoment: async () => expect((await refreshBy(pocket, punctual.refreshToken)).status).toBe(200),
      async after() {
        expect(await refreshBy(pocket, late.refreshToken)).toEqual(refusedForm(120));
        expect(await refreshBy(pocket, 'f'.repeat(40))).toEqual(refusedForm(119));
      },
    });
  });

  test('a refresh token of a confidential application: 365 days from each use on', async () => {
    const { refreshToken } = await tokensByPassword(shape.url, portal, await people.newPerson());
    await clock.move(365 * day - 1);
    expect((await refreshBy(portal, refreshToken)).status).toBe(200);
    await live(365 * day, {
      lastMoment: async () => expect((await refreshBy(portal, refreshToken)).status).toBe(200),
      after: async () => expect((await refreshBy(portal, refreshToken)).status).toBe(200),
    });
    await clock.move(365 * day);
    expect(await refreshBy(portal, refreshToken)).toEqual(refusedForm(120));
  });
});
