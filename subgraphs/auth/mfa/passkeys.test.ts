// Passkeys, with a device in software: what it may claim, how it counts, and whose it is. A real browser uses one in
// tests/browser/passkeys.test.ts.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type MfaClient, type MfaUser, mfaClient, refusal } from '../../../tests/support/mfa.ts';
import { type SoftwarePasskey, softwarePasskey } from '../../../tests/support/software-passkey.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../../users/index.ts';
import { auth } from '../index.ts';

let graph: TestSubgraphs;
let client: MfaClient;
const clock = { now: Date.parse('2026-11-21T12:00:00Z') };
const site = { rpId: 'example.org', origin: 'https://api.example.org' };
beforeAll(async () => {
  const environment = {
    PUBLIC_URL: 'https://api.example.org/',
    PASSKEY_RP_ID: 'example.org',
    PASSKEY_ORIGINS: 'https://app.example.org, android:apk-key-hash:abc',
    PRESENCE_TOKEN_SECONDS: '86400',
  };
  graph = await startTestSubgraphs([users, auth], { environment, now: () => clock.now });
  client = mfaClient(graph, clock);
});
afterAll(() => graph.close());

interface PasskeyUser extends MfaUser {
  readonly presenceToken: string;
}

async function newUser(): Promise<PasskeyUser> {
  const user = await client.newUser();
  return { ...user, presenceToken: await client.presence(user) };
}
const add = ({ presenceToken, ...user }: PasskeyUser, type = 'PASSKEY') =>
  client.run('addMfaMethod', { presenceToken, type }, user);
const confirm = ({ presenceToken, ...user }: PasskeyUser, methodId: string, credential: object) =>
  client.ask('confirmMfaMethod', { presenceToken, methodId, credential }, user);
async function register(user: PasskeyUser, device: SoftwarePasskey): Promise<string> {
  const { method, passkeyOptions } = await add(user);
  const answer = await confirm(user, method.id, device.create(passkeyOptions));
  if (answer.errors !== undefined) throw new Error(JSON.stringify(answer.errors));
  return method.id;
}
/** Registered and turned on. */
async function protectedBy(device: SoftwarePasskey): Promise<PasskeyUser & { methodId: string }> {
  const user = await newUser();
  const methodId = await register(user, device);
  await add(user, 'RECOVERY_CODES');
  await client.run('enableMfa', { presenceToken: user.presenceToken }, user);
  return { ...user, methodId };
}
async function signIn(user: PasskeyUser & { methodId: string }, device: SoftwarePasskey, counter: number) {
  const { token, passkeyOptions } = await client.challenge(user);
  const credential = device.use(passkeyOptions, counter);
  return client.ask('loginWithMfa', { token, methodId: user.methodId, credential });
}
const invalidCode = { code: 'INVALID_MFA_CODE', details: { code: 130 } };

describe('a registration', () => {
  test.each([
    ['of another site', { ...site, rpId: 'example.com' }],
    ['from pages of another origin', { ...site, origin: 'https://evil.example.org' }],
    ['from the address of an application without a lock', { ...site, origin: 'http://app.example.org' }],
  ])('%s is refused', async (_what, where) => {
    const user = await newUser();
    const { method, passkeyOptions } = await add(user);
    const credential = softwarePasskey(where).create(passkeyOptions);
    expect(refusal(await confirm(user, method.id, credential))).toEqual(invalidCode);
  });

  test('that answers another challenge is refused', async () => {
    const user = await newUser();
    const { method } = await add(user);
    const credential = softwarePasskey(site).create((await add(user)).passkeyOptions);
    expect(refusal(await confirm(user, method.id, credential))).toEqual(invalidCode);
  });

  test('of a passkey that belongs to somebody is refused', async () => {
    const device = softwarePasskey(site);
    await protectedBy(device);
    const thief = await newUser();
    const { method, passkeyOptions } = await add(thief);
    const claim = softwarePasskey({ ...site, credentialId: device.credentialId });
    expect(refusal(await confirm(thief, method.id, claim.create(passkeyOptions)))).toEqual({
      code: 'ALREADY_EXISTS',
      details: { code: 17 },
    });
  });

  test.each(['https://api.example.org', 'https://app.example.org', 'android:apk-key-hash:abc'])(
    'from %s is taken',
    async (origin) => {
      const user = await newUser();
      const methodId = await register(user, softwarePasskey({ ...site, origin }));
      const { db } = graph.database.forService<'mfaMethod'>('auth');
      const row = await db.mfaMethod.findUnique({ where: { id: methodId } });
      expect(row).toMatchObject({ verified: true, challenge: null, transports: ['internal'] });
    },
  );

  test('names the passkeys that the user has already', async () => {
    const user = await newUser();
    const [one, other] = [softwarePasskey(site), softwarePasskey(site)];
    await register(user, one);
    await register(user, other);
    const { passkeyOptions } = await add(user);
    expect(passkeyOptions.rp.id).toBe('example.org');
    expect(passkeyOptions.excludeCredentials.map(({ id }: { id: string }) => id)).toEqual([
      one.credentialId,
      other.credentialId,
    ]);
  });
});

describe('a sign-in', () => {
  test('by a device that counts backwards, or not at all any more, is refused', async () => {
    const device = softwarePasskey(site);
    const user = await protectedBy(device);
    expect((await signIn(user, device, 7)).errors).toBeUndefined();
    for (const counter of [7, 6, 0]) {
      expect(refusal(await signIn(user, device, counter))).toEqual(invalidCode);
      clock.now += 5_000;
    }
    expect((await signIn(user, device, 8)).errors).toBeUndefined();
  });

  test('by a device that never counts is good each time', async () => {
    const device = softwarePasskey(site);
    const user = await protectedBy(device);
    for (let time = 0; time < 3; time += 1) expect((await signIn(user, device, 0)).errors).toBeUndefined();
  });

  test('by a device that claims the id of another is refused', async () => {
    const device = softwarePasskey(site);
    const user = await protectedBy(device);
    const claim = softwarePasskey({ ...site, credentialId: device.credentialId });
    expect(refusal(await signIn(user, claim, 1))).toEqual(invalidCode);
  });

  test('by a passkey that was added after the challenge is refused', async () => {
    const user = await client.protectedUser();
    const { token, passkeyOptions } = await client.challenge(user);
    expect(passkeyOptions).toBeUndefined();
    const device = softwarePasskey(site);
    const methodId = await register({ ...user, presenceToken: await client.presence(user) }, device);
    const credential = device.use({ challenge: 'AAAA' }, 1);
    expect(refusal(await client.ask('loginWithMfa', { token, methodId, credential }))).toEqual(invalidCode);
  });

  test('is no way around the wait, even with a good signature', async () => {
    const device = softwarePasskey(site);
    const user = await protectedBy(device);
    expect(refusal(await signIn(user, softwarePasskey(site), 1))).toEqual(invalidCode);
    expect(refusal(await signIn(user, device, 1))).toMatchObject({ code: 'MFA_REATTEMPT_DELAY' });
  });

  test('may name any of the user’s passkeys: the device chooses which one signs', async () => {
    const [one, other] = [softwarePasskey(site), softwarePasskey(site)];
    const user = await protectedBy(one);
    await register(user, other);
    expect((await signIn(user, other, 1)).errors).toBeUndefined();
  });

  test('by a passkey that was removed is refused', async () => {
    const [one, other] = [softwarePasskey(site), softwarePasskey(site)];
    const user = await protectedBy(one);
    const methodId = await register(user, other);
    const { token, passkeyOptions } = await client.challenge(user);
    await client.run('removeMfaMethod', { presenceToken: user.presenceToken, methodId }, user);
    const credential = other.use(passkeyOptions, 1);
    expect(refusal(await client.ask('loginWithMfa', { token, methodId: user.methodId, credential }))).toEqual(
      invalidCode,
    );
  });
});
