// Second factors as clients meet them: set up over the API, asked for when signing in, refused when they are wrong.
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { generateSync } from 'otplib';
import { mutations } from '../support/clinic.ts';
import { createGraphqlClient, type GraphqlClient, signIn } from '../support/graphql-client.ts';
import { createProgramClock, type ProgramClock } from '../support/program-clock.ts';
import { describeOnEachShape, type Shape } from '../support/shapes.ts';

jest.setTimeout(300_000);

const operations = {
  confirmPresence: 'mutation ($input: ConfirmPresenceInput!) { confirmPresence(input: $input) { presenceToken } }',
  add: `mutation ($input: AddMfaMethodInput!) {
    addMfaMethod(input: $input) { method { id verified codesLeft } secret uri codes }
  }`,
  confirm: 'mutation ($input: ConfirmMfaMethodInput!) { confirmMfaMethod(input: $input) { method { verified } } }',
  remove: 'mutation ($input: RemoveMfaMethodInput!) { removeMfaMethod(input: $input) { setting { enabled } } }',
  enable: 'mutation ($input: EnableMfaInput!) { enableMfa(input: $input) { setting { enabled user { email } } } }',
  disable: 'mutation ($input: DisableMfaInput!) { disableMfa(input: $input) { setting { enabled } } }',
  login: 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }',
  loginWithMfa: `mutation ($input: LoginWithMfaInput!) {
    loginWithMfa(input: $input) { accessToken refreshToken expiresIn user { id email } }
  }`,
} as const;

describeOnEachShape('second factors', (start) => {
  /** Stands still, but for waits. */
  let clock: ProgramClock;
  let shape: Shape;
  let admin: GraphqlClient;
  let anonymous: GraphqlClient;
  let count = 0;
  beforeAll(async () => {
    clock = createProgramClock();
    shape = await start({ ...clock.environment, LOG_LEVEL: 'debug' });
    admin = await signIn(shape.url, shape.admin.email, shape.admin.password);
    anonymous = createGraphqlClient(shape.url);
    await clock.stop();
  }, 300_000);
  afterAll(async () => {
    await shape?.close();
    clock?.remove();
  }, 300_000);

  async function newPerson() {
    count += 1;
    const account = { email: `person-${count}@example.org`, password: 'Correct-Horse-1' };
    const input = { ...account, firstName: 'Ann', lastName: 'Other' };
    await admin.run(mutations.createUser, { input });
    const client = await signIn(shape.url, account.email, account.password);
    return { ...account, client, userId: client.userId ?? '' };
  }
  const presenceOf = async (client: GraphqlClient, password: string): Promise<string> =>
    (await client.run(operations.confirmPresence, { input: { password } })).confirmPresence.presenceToken;
  /** What an app shows so many steps of 30 seconds from now. */
  const codeOf = (secret: string, steps = 0) =>
    generateSync({ secret, epoch: Math.floor(clock.now() / 1_000) + steps * 30 });
  /** With a confirmed TOTP method and recovery codes, turned on. */
  async function protectedPerson() {
    const person = await newPerson();
    const { client, password } = person;
    const presenceToken = await presenceOf(client, password);
    const recovery = (await client.run(operations.add, { input: { presenceToken, type: 'RECOVERY_CODES' } }))
      .addMfaMethod;
    const totp = (await client.run(operations.add, { input: { presenceToken, type: 'TOTP', name: 'My phone' } }))
      .addMfaMethod;
    const methodId: string = totp.method.id;
    const confirmation = { presenceToken, methodId, code: codeOf(totp.secret) };
    await client.run(operations.confirm, { input: confirmation });
    await client.run(operations.enable, { input: { presenceToken } });
    const codes: string[] = recovery.codes;
    return {
      ...person,
      presenceToken,
      secret: totp.secret as string,
      totpId: methodId,
      codesId: recovery.method.id,
      codes,
    };
  }
  const extensionsOf = (answer: { errors?: readonly { extensions: unknown }[] }) => answer.errors?.[0]?.extensions;
  const login = ({ email, password }: { email: string; password: string }) =>
    anonymous.ask(operations.login, { input: { email, password } });
  const challengeOf = async (person: { email: string; password: string }) =>
    (await login(person)).errors?.[0]?.extensions.details;
  const finish = (input: object) => anonymous.ask(operations.loginWithMfa, { input });

  test('a password alone answers the challenge, whole, and no session', async () => {
    const person = await protectedPerson();
    const answer = await login(person);
    expect(answer.data ?? null).toBeNull();
    expect(extensionsOf(answer)).toEqual({
      code: 'MFA_REQUIRED',
      details: {
        code: 129,
        token: expect.stringMatching(/^[0-9a-f]{40}$/),
        tokenExpiresIn: 600_000,
        methods: [
          { id: person.codesId, type: 'RECOVERY_CODES', name: null, tags: [] },
          { id: person.totpId, type: 'TOTP', name: 'My phone', tags: [] },
        ],
      },
    });
  });

  test('a code finishes the sign-in, once', async () => {
    const person = await protectedPerson();
    const { token } = await challengeOf(person);
    // The code of the present step was used for the confirmation; the next one is good already.
    const input = { token, methodId: person.totpId, code: codeOf(person.secret, 1) };
    const { data, errors } = await finish(input);
    expect(errors).toBeUndefined();
    expect(data.loginWithMfa.user).toEqual({ id: person.userId, email: person.email });
    const signedIn = createGraphqlClient(shape.url, data.loginWithMfa.accessToken);
    const { me } = await signedIn.run('{ me { id mfaSetting { enabled user { email } } } }');
    expect(me).toEqual({ id: person.userId, mfaSetting: { enabled: true, user: { email: person.email } } });
    expect(extensionsOf(await finish(input))).toMatchObject({ code: 'INVALID_MFA_TOKEN', details: { code: 131 } });
    const again = { ...input, token: (await challengeOf(person)).token };
    expect(extensionsOf(await finish(again))).toMatchObject({ code: 'INVALID_MFA_CODE', details: { code: 130 } });
  });

  test('a recovery code finishes it, too, after the wait that a wrong one costs', async () => {
    const person = await protectedPerson();
    const { token } = await challengeOf(person);
    const wrong = { token, methodId: person.codesId, code: '00000000' };
    const right = { ...wrong, code: person.codes[0] };
    expect(extensionsOf(await finish(wrong))).toMatchObject({ code: 'INVALID_MFA_CODE' });
    const early = (await finish(right)).errors?.[0]?.extensions;
    expect(early).toMatchObject({ code: 'MFA_REATTEMPT_DELAY', details: { code: 134 } });
    expect(early.details.remainingDelay).toBe(1_000);
    await clock.move(1_000);
    expect((await finish(right)).errors).toBeUndefined();
    const setting = await person.client.run('{ mfaSetting { methods { id codesLeft } } }');
    expect(setting.mfaSetting.methods[0]).toEqual({ id: person.codesId, codesLeft: 9 });
  });

  test('nothing changes without a fresh password, one’s own', async () => {
    const [person, other] = [await protectedPerson(), await newPerson()];
    const theirs = await presenceOf(other.client, other.password);
    for (const presenceToken of ['f'.repeat(40), theirs]) {
      const answer = await person.client.ask(operations.disable, { input: { presenceToken } });
      expect(extensionsOf(answer)).toMatchObject({ code: 'INVALID_PRESENCE_TOKEN', details: { code: 132 } });
    }
    const wrong = await person.client.ask(operations.confirmPresence, { input: { password: 'wrong' } });
    expect(extensionsOf(wrong)).toMatchObject({ code: 'INVALID_CREDENTIALS', details: { code: 106 } });
  });

  test('what is needed cannot be removed while it is asked for', async () => {
    const { client, presenceToken, totpId } = await protectedPerson();
    const answer = await client.ask(operations.remove, { input: { presenceToken, methodId: totpId } });
    expect(extensionsOf(answer)).toMatchObject({ code: 'NOT_ENOUGH_MFA_METHODS', details: { code: 133 } });
  });

  test('a setting is nobody else’s business, by whatever way one asks', async () => {
    const [person, other] = [await protectedPerson(), await newPerson()];
    const ask = 'query ($id: ID!) { mfaSetting(userId: $id) { enabled } user(id: $id) { mfaSetting { enabled } } }';
    const seen = await other.client.run(ask, { id: person.userId });
    expect(seen.mfaSetting).toBeNull();
    expect(seen.user?.mfaSetting ?? null).toBeNull();
    const input = { presenceToken: await presenceOf(other.client, other.password), userId: person.userId };
    expect(extensionsOf(await other.client.ask(operations.disable, { input }))).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('an administrator turns it off for who has lost everything, after entering the own password', async () => {
    const person = await protectedPerson();
    const seen = await admin.run('query ($id: ID!) { user(id: $id) { mfaSetting { enabled } } }', {
      id: person.userId,
    });
    expect(seen.user.mfaSetting).toEqual({ enabled: true });
    const input = { presenceToken: await presenceOf(admin, shape.admin.password), userId: person.userId };
    expect((await admin.run(operations.disable, { input })).disableMfa.setting).toEqual({ enabled: false });
    expect((await login(person)).errors).toBeUndefined();
  });

  test('neither logs nor events hold a secret, a code or a challenge', async () => {
    const person = await protectedPerson();
    const { token } = await challengeOf(person);
    await finish({ token, methodId: person.codesId, code: 'not-this-one' });
    const output = shape.output();
    for (const secret of [person.secret, token, person.presenceToken, 'not-this-one', ...person.codes]) {
      expect(output).not.toContain(secret);
    }
    const types = ['mfa_enabled', 'mfa_method_added', 'mfa_method_confirmed', 'session_started'];
    const list =
      'query ($types: [String!]) { events(filter: { type: { in: $types } }, first: 100) { nodes { type content } } }';
    const told = JSON.stringify((await admin.run(list, { types })).events.nodes);
    expect(told).toContain('mfa_enabled');
    for (const secret of [person.secret, token, person.email, ...person.codes]) expect(told).not.toContain(secret);
  });
});
