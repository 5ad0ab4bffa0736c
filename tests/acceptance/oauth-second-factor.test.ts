// Second factors with applications: the `mfa` grant of OAuth 2 and createOAuth1TokenWithMfa, as their clients use them.
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type ApiPeople, type ApiPerson, apiPeople, holderOf } from '../support/api-people.ts';
import { registerSigningApplication, type SigningApplication, sendForm } from '../support/application-requests.ts';
import { createGraphqlClient, signIn } from '../support/graphql-client.ts';
import { type RegisteredApplication, registerApplication } from '../support/oauth2-applications.ts';
import { createProgramClock, type ProgramClock } from '../support/program-clock.ts';
import { describeOnEachShape, type Shape } from '../support/shapes.ts';

jest.setTimeout(300_000);

const publicUrl = 'https://clinic.example.org/api';
const redirectUris = ['http://localhost:9/callback'];
const operations = {
  create: 'mutation ($input: LoginInput!) { createOAuth1Token(input: $input) { tokenSecret } }',
  finish: `mutation ($input: LoginWithMfaInput!) {
    createOAuth1TokenWithMfa(input: $input) { token { token application { id } } tokenSecret user { id email } }
  }`,
  login: 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }',
  loginWithMfa: 'mutation ($input: LoginWithMfaInput!) { loginWithMfa(input: $input) { accessToken } }',
} as const;

describeOnEachShape('second factors with applications', (start) => {
  /** Stands still, but for waits. */
  let clock: ProgramClock;
  let shape: Shape;
  let people: ApiPeople;
  let portal: RegisteredApplication;
  let viewer: RegisteredApplication;
  let signer: SigningApplication;
  let otherSigner: SigningApplication;
  beforeAll(async () => {
    clock = createProgramClock();
    shape = await start({ ...clock.environment, PUBLIC_URL: publicUrl });
    const admin = await signIn(shape.url, shape.admin.email, shape.admin.password);
    people = apiPeople(shape.url, admin, clock.now);
    portal = await registerApplication(admin, { confidential: true, redirectUris });
    viewer = await registerApplication(admin, { confidential: true, redirectUris });
    const signing = { url: shape.url, publicUrl, now: clock.now };
    signer = await registerSigningApplication(admin, signing);
    otherSigner = await registerSigningApplication(admin, signing);
    await clock.stop();
  }, 300_000);
  afterAll(async () => {
    await shape?.close();
    clock?.remove();
  }, 300_000);

  interface Proof {
    readonly token: string;
    readonly methodId: string;
    readonly code: string | undefined;
  }
  const byPassword = ({ email, password }: ApiPerson, application = portal) =>
    sendForm(shape.url, { application, parameters: { grant_type: 'password', username: email, password } });
  const challengeOf = async (person: ApiPerson, application = portal): Promise<string> =>
    (await byPassword(person, application)).body.mfa.token;
  const byProof = ({ token, methodId, code = '' }: Proof, application = portal) =>
    sendForm(shape.url, { application, parameters: { grant_type: 'mfa', token, method_id: methodId, code } });
  const refused = (code: number, name: string) => ({
    status: 400,
    body: expect.objectContaining({ error: 'invalid_grant', exh_error: expect.objectContaining({ code, name }) }),
  });
  const unknownChallenge = refused(131, 'INVALID_MFA_TOKEN_EXCEPTION');
  const wrongCode = refused(130, 'INVALID_MFA_CODE_EXCEPTION');

  const signedChallengeOf = async ({ email, password }: ApiPerson, application = signer): Promise<string> =>
    (await application.ask(operations.create, { email, password })).errors?.[0]?.extensions.details.token;
  const challengeOfLogin = async ({ email, password }: ApiPerson): Promise<string> => {
    const { errors } = await createGraphqlClient(shape.url).ask(operations.login, { input: { email, password } });
    return errors?.[0]?.extensions.details.token;
  };
  const finish = async (proof: Proof, application = signer) => {
    const { data, errors } = await application.ask(operations.finish, proof);
    return { made: data?.createOAuth1TokenWithMfa, refusal: errors?.[0]?.extensions };
  };
  const unknownSigned = { code: 'INVALID_MFA_TOKEN', details: { code: 131 } };

  test('the password grant answers the challenge in the form of RFC 6749, and no token', async () => {
    const person = await people.protectedPerson();
    const { status, body } = await byPassword(person);
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: 'mfa_required', exh_error: { code: 129, name: 'MFA_REQUIRED_EXCEPTION' } });
    expect(body.mfa).toEqual({
      token: expect.stringMatching(/^[0-9a-f]{40}$/),
      tokenExpiresIn: 600_000,
      methods: [
        { id: person.codesId, type: 'recoveryCodes', name: null, tags: [] },
        { id: person.totpId, type: 'totp', name: null, tags: [] },
      ],
    });
    expect(body).not.toHaveProperty('access_token');
  });

  test('the mfa grant needs the client, a challenge and a method', async () => {
    const person = await people.protectedPerson();
    const [code] = person.codes;
    const good = { token: await challengeOf(person), methodId: person.codesId, code };
    expect(await byProof(good, { ...portal, clientSecret: 'f'.repeat(40) })).toMatchObject({
      status: 401,
      body: { error: 'invalid_client', exh_error: { code: 124 } },
    });
    expect(await byProof({ ...good, token: '' })).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    expect(await byProof({ ...good, methodId: 'x' })).toMatchObject({ body: { exh_error: { code: 12 } } });
    expect(await byProof({ ...good, token: 'f'.repeat(40) })).toEqual(unknownChallenge);
    // None of these was an attempt: there is nothing to wait for.
    expect((await byProof(good)).status).toBe(200);
  });

  test('a wrong code is refused, then everything until the wait is over', async () => {
    const person = await people.protectedPerson();
    const [code] = person.codes;
    const right = { token: await challengeOf(person), methodId: person.codesId, code };
    const elsewhere = await challengeOf(person, viewer);
    expect(await byProof({ ...right, code: '00000000' })).toEqual(wrongCode);
    const early = await byProof(right);
    expect(early).toEqual(refused(134, 'MFA_REATTEMPT_DELAY_EXCEPTION'));
    // A challenge of another application does not get around it.
    expect(await byProof({ ...right, token: elsewhere }, viewer)).toEqual(
      refused(134, 'MFA_REATTEMPT_DELAY_EXCEPTION'),
    );
    expect(early.body.remainingDelay).toBe(1_000);
    await clock.move(1_000);
    expect((await byProof(right)).status).toBe(200);
  });

  test('a challenge is good for the application that got it alone', async () => {
    const person = await people.protectedPerson();
    const proof = { token: await challengeOf(person), methodId: person.codesId, code: person.codes[0] };
    expect(await byProof(proof, viewer)).toEqual(unknownChallenge);
    expect((await finish(proof)).refusal).toEqual(unknownSigned);
    const { errors } = await createGraphqlClient(shape.url).ask(operations.loginWithMfa, { input: proof });
    expect(errors?.[0]?.extensions).toEqual(unknownSigned);
    expect((await byProof({ ...proof, token: await challengeOfLogin(person) })).body.exh_error.code).toBe(131);
    expect((await byProof(proof)).status).toBe(200);
  });

  test('the code of somebody else does not finish it', async () => {
    const [person, other] = [await people.protectedPerson(), await people.protectedPerson()];
    const token = await challengeOf(person);
    expect(await byProof({ token, methodId: other.codesId, code: other.codes[0] })).toEqual(wrongCode);
    // It was not used up by that.
    const own = { token: await challengeOf(other), methodId: other.codesId, code: other.codes[0] };
    expect((await byProof(own)).status).toBe(200);
  });

  test('a code gives tokens of the application, once, whatever comes at the same moment', async () => {
    const person = await people.protectedPerson();
    const proof = { token: await challengeOf(person), methodId: person.totpId, code: person.nextTotp() };
    const answers = await Promise.all([1, 2, 3].map(() => byProof(proof)));
    answers.sort((one, other) => one.status - other.status);
    const [taken, ...others] = answers;
    expect(others).toEqual([unknownChallenge, unknownChallenge]);
    expect(taken?.body).toMatchObject({ token_type: 'bearer', user_id: person.userId, application_id: portal.id });
    const { access_token: token, refresh_token: refreshToken } = taken?.body ?? {};
    expect(await holderOf(shape.url, token)).toMatchObject({ status: 200, email: person.email });
    expect(await byProof(proof)).toEqual(unknownChallenge);
    const again = { ...proof, token: await challengeOf(person) };
    expect(await byProof(again)).toEqual(wrongCode);
    const refresh = { grant_type: 'refresh_token', refresh_token: refreshToken };
    expect((await sendForm(shape.url, { application: portal, parameters: refresh })).status).toBe(200);
  });

  test('OAuth 1: a password answers the challenge and no token; finishing needs the consumer alone', async () => {
    const person = await people.protectedPerson();
    const { email, password } = person;
    const { data, errors } = await signer.ask(operations.create, { email, password });
    expect(data ?? null).toBeNull();
    const extensions = errors?.[0]?.extensions;
    expect(extensions).toMatchObject({ code: 'MFA_REQUIRED', details: { code: 129, tokenExpiresIn: 600_000 } });
    expect(extensions.details.methods).toMatchObject([{ type: 'RECOVERY_CODES' }, { type: 'TOTP' }]);
    const input = { token: extensions.details.token, methodId: person.codesId, code: person.codes[0] };
    const unsigned = await createGraphqlClient(shape.url).ask(operations.finish, { input });
    expect(unsigned.errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED', details: { code: 101 } });
  });

  test('OAuth 1: a wrong code is refused, then everything until the wait is over', async () => {
    const person = await people.protectedPerson();
    const right = { token: await signedChallengeOf(person), methodId: person.codesId, code: person.codes[0] };
    expect((await finish({ ...right, code: '00000000' })).refusal).toEqual({
      code: 'INVALID_MFA_CODE',
      details: { code: 130 },
    });
    const { refusal } = await finish(right);
    expect(refusal).toMatchObject({ code: 'MFA_REATTEMPT_DELAY', details: { code: 134 } });
    expect(refusal.details.remainingDelay).toBe(1_000);
    await clock.move(1_000);
    expect((await finish(right)).made.user.email).toBe(person.email);
  });

  test('OAuth 1: a challenge of somebody else or of another application is refused', async () => {
    const [person, other] = [await people.protectedPerson(), await people.protectedPerson()];
    const mine = { methodId: person.codesId, code: person.codes[0] };
    const theirs = await finish({ ...mine, token: await signedChallengeOf(other) });
    expect(theirs).toEqual({ made: undefined, refusal: { code: 'INVALID_MFA_CODE', details: { code: 130 } } });
    const token = await signedChallengeOf(person);
    expect((await finish({ ...mine, token }, otherSigner)).refusal).toEqual(unknownSigned);
    expect((await finish({ ...mine, token: await challengeOf(person) })).refusal).toEqual(unknownSigned);
    expect((await finish({ ...mine, token })).made.user.id).toBe(person.userId);
  });

  test('OAuth 1: a code gives a token of the application, once', async () => {
    const person = await people.protectedPerson();
    const proof = { token: await signedChallengeOf(person), methodId: person.totpId, code: person.nextTotp() };
    const { made } = await finish(proof);
    expect(made).toMatchObject({ token: { application: { id: signer.id } }, user: { id: person.userId } });
    const token = { key: made.token.token, secret: made.tokenSecret };
    const { data } = await signer.ask('{ me { id email } }', undefined, token);
    expect(data).toEqual({ me: { id: person.userId, email: person.email } });
    expect((await finish(proof)).refusal).toEqual(unknownSigned);
    const again = { ...proof, token: await signedChallengeOf(person) };
    expect((await finish(again)).refusal).toEqual({ code: 'INVALID_MFA_CODE', details: { code: 130 } });
  });
});
