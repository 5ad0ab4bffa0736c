// Passkeys as an application uses them: a device in software registers over the API, is asked for when signing in, and is
// refused when it answers what it was not asked. A real browser has one in tests/browser/passkeys.test.ts.
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { createGraphqlClient, type GraphqlAnswer, type GraphqlClient, signIn } from '../support/graphql-client.ts';
import { createProgramClock, type ProgramClock } from '../support/program-clock.ts';
import { describeOnEachShape, type Shape } from '../support/shapes.ts';
import { type SoftwarePasskey, softwarePasskey } from '../support/software-passkey.ts';

jest.setTimeout(300_000);

const site = { rpId: 'example.org', origin: 'https://app.example.org' };
const password = 'Correct-Horse-1';
const operations = {
  createUser: 'mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }',
  confirmPresence: 'mutation ($input: ConfirmPresenceInput!) { confirmPresence(input: $input) { presenceToken } }',
  add: 'mutation ($input: AddMfaMethodInput!) { addMfaMethod(input: $input) { method { id } passkeyOptions } }',
  confirm: 'mutation ($input: ConfirmMfaMethodInput!) { confirmMfaMethod(input: $input) { method { type verified } } }',
  enable: 'mutation ($input: EnableMfaInput!) { enableMfa(input: $input) { setting { enabled } } }',
  login: 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }',
  loginWithMfa: 'mutation ($input: LoginWithMfaInput!) { loginWithMfa(input: $input) { accessToken user { id } } }',
} as const;

interface Person {
  readonly id: string;
  readonly email: string;
  readonly client: GraphqlClient;
  readonly presenceToken: string;
}

interface PasskeyOwner extends Person {
  readonly device: SoftwarePasskey;
  readonly methodId: string;
}

describeOnEachShape('passkeys', (start) => {
  /** Stands still, but for waits. */
  let clock: ProgramClock;
  let shape: Shape;
  let admin: GraphqlClient;
  let anyone: GraphqlClient;
  let count = 0;
  beforeAll(async () => {
    clock = createProgramClock();
    shape = await start({ ...clock.environment, PASSKEY_RP_ID: site.rpId, PASSKEY_ORIGINS: site.origin });
    admin = await signIn(shape.url, shape.admin.email, shape.admin.password);
    anyone = createGraphqlClient(shape.url);
    await clock.stop();
  }, 300_000);
  afterAll(async () => {
    await shape?.close();
    clock?.remove();
  }, 300_000);

  async function newPerson(): Promise<Person> {
    count += 1;
    const email = `holder-${count}@example.org`;
    const input = { email, password, firstName: 'Ann', lastName: 'Other' };
    const { id } = (await admin.run(operations.createUser, { input })).createUser.user;
    const client = await signIn(shape.url, email, password);
    const { confirmPresence } = await client.run(operations.confirmPresence, { input: { password } });
    return { id, email, client, presenceToken: confirmPresence.presenceToken };
  }
  const add = async ({ client, presenceToken }: Person, type = 'PASSKEY') =>
    (await client.run(operations.add, { input: { presenceToken, type, name: 'My key' } })).addMfaMethod;
  const confirm = ({ client, presenceToken }: Person, methodId: string, credential: object) =>
    client.ask(operations.confirm, { input: { presenceToken, methodId, credential } });
  async function register(person: Person, device: SoftwarePasskey): Promise<string> {
    const { method, passkeyOptions } = await add(person);
    const { data, errors } = await confirm(person, method.id, device.create(passkeyOptions));
    expect(errors).toBeUndefined();
    expect(data.confirmMfaMethod.method).toEqual({ type: 'PASSKEY', verified: true });
    return method.id;
  }
  /** With a passkey and recovery codes, turned on. */
  async function newOwner(): Promise<PasskeyOwner> {
    const person = await newPerson();
    const device = softwarePasskey(site);
    const methodId = await register(person, device);
    await add(person, 'RECOVERY_CODES');
    await person.client.run(operations.enable, { input: { presenceToken: person.presenceToken } });
    return { ...person, device, methodId };
  }
  const extensionsOf = (answer: GraphqlAnswer) => answer.errors?.[0]?.extensions;
  async function challengeOf({ email }: Person) {
    const extensions = extensionsOf(await anyone.ask(operations.login, { input: { email, password } }));
    expect(extensions).toMatchObject({ code: 'MFA_REQUIRED', details: { code: 129 } });
    return extensions.details;
  }
  const finish = (token: string, methodId: string, credential: object) =>
    anyone.ask(operations.loginWithMfa, { input: { token, methodId, credential } });
  async function waitOut(answer: GraphqlAnswer): Promise<void> {
    const { code, details } = extensionsOf(answer);
    expect([code, details.code]).toEqual(['MFA_REATTEMPT_DELAY', 134]);
    await clock.move(details.remainingDelay);
  }
  const invalidCode = { code: 'INVALID_MFA_CODE', details: { code: 130 } };

  test('a registration that answers another challenge is refused, and costs a wait', async () => {
    const person = await newPerson();
    const device = softwarePasskey(site);
    const [other, asked] = [await add(person), await add(person)];
    const wrong = device.create(other.passkeyOptions);
    expect(extensionsOf(await confirm(person, asked.method.id, wrong))).toEqual(invalidCode);
    const right = device.create(asked.passkeyOptions);
    await waitOut(await confirm(person, asked.method.id, right));
    expect((await confirm(person, asked.method.id, right)).errors).toBeUndefined();
    expect(extensionsOf(await confirm(person, asked.method.id, right))).toEqual({
      code: 'ILLEGAL_STATE',
      details: { code: 26 },
    });
  });

  test.each([
    ['of another site', { ...site, rpId: 'example.com' }],
    ['from pages of another origin', { ...site, origin: 'https://evil.example.org' }],
  ])('a registration %s is refused', async (_what, where) => {
    const person = await newPerson();
    const { method, passkeyOptions } = await add(person);
    const credential = softwarePasskey(where).create(passkeyOptions);
    expect(extensionsOf(await confirm(person, method.id, credential))).toEqual(invalidCode);
  });

  test('a passkey that belongs to somebody cannot be registered by somebody else', async () => {
    const { device } = await newOwner();
    const thief = await newPerson();
    const { method, passkeyOptions } = await add(thief);
    const claim = softwarePasskey({ ...site, credentialId: device.credentialId });
    expect(extensionsOf(await confirm(thief, method.id, claim.create(passkeyOptions)))).toEqual({
      code: 'ALREADY_EXISTS',
      details: { code: 17 },
    });
  });

  test('nobody signs in with somebody else’s passkey, whatever it claims to be', async () => {
    const [owner, stranger] = [await newOwner(), await newOwner()];
    const { token, passkeyOptions } = await challengeOf(owner);
    const claim = softwarePasskey({ ...site, credentialId: owner.device.credentialId });
    const attempts: [methodId: string, SoftwarePasskey][] = [
      [owner.methodId, stranger.device],
      [stranger.methodId, stranger.device],
      [owner.methodId, claim],
    ];
    for (const [methodId, device] of attempts) {
      const credential = device.use(passkeyOptions, 1);
      expect(extensionsOf(await finish(token, methodId, credential))).toEqual(invalidCode);
      await waitOut(await finish(token, methodId, credential));
    }
    // The challenge has outlived them all.
    expect((await finish(token, owner.methodId, owner.device.use(passkeyOptions, 1))).errors).toBeUndefined();
  });

  test('what was signed for one challenge is no answer to another', async () => {
    const owner = await newOwner();
    const [first, second] = [await challengeOf(owner), await challengeOf(owner)];
    const credential = owner.device.use(first.passkeyOptions, 1);
    expect(extensionsOf(await finish(second.token, owner.methodId, credential))).toEqual(invalidCode);
  });

  test('a challenge names the passkey, and its answer signs in once', async () => {
    const owner = await newOwner();
    const { token, passkeyOptions, methods } = await challengeOf(owner);
    expect(methods).toContainEqual({ id: owner.methodId, type: 'PASSKEY', name: 'My key', tags: [] });
    expect(passkeyOptions).toMatchObject({
      rpId: site.rpId,
      allowCredentials: [{ id: owner.device.credentialId, type: 'public-key' }],
    });
    const credential = owner.device.use(passkeyOptions, 1);
    const { data, errors } = await finish(token, owner.methodId, credential);
    expect(errors).toBeUndefined();
    expect(data.loginWithMfa.user.id).toBe(owner.id);
    const signedIn = createGraphqlClient(shape.url, data.loginWithMfa.accessToken);
    expect(await signedIn.run('{ me { id } }')).toEqual({ me: { id: owner.id } });
    expect(extensionsOf(await finish(token, owner.methodId, credential))).toEqual({
      code: 'INVALID_MFA_TOKEN',
      details: { code: 131 },
    });
    const next = await challengeOf(owner);
    expect(extensionsOf(await finish(next.token, owner.methodId, credential))).toEqual(invalidCode);
  });

  test('a device that counts backwards, as a copy would, is refused', async () => {
    const owner = await newOwner();
    const first = await challengeOf(owner);
    const used = owner.device.use(first.passkeyOptions, 7);
    expect((await finish(first.token, owner.methodId, used)).errors).toBeUndefined();
    const { token, passkeyOptions } = await challengeOf(owner);
    const copied = owner.device.use(passkeyOptions, 7);
    expect(extensionsOf(await finish(token, owner.methodId, copied))).toEqual(invalidCode);
    const next = owner.device.use(passkeyOptions, 8);
    await waitOut(await finish(token, owner.methodId, next));
    expect((await finish(token, owner.methodId, next)).errors).toBeUndefined();
  });
});
