// A user's second factors: adding, confirming and removing them, and turning them on and off.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { type MfaClient, type MfaUser, mfaClient, refusal } from '../../../tests/support/mfa.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../../users/index.ts';
import { auth } from '../index.ts';

let graph: TestSubgraphs;
let client: MfaClient;
let user: MfaUser;
let presenceToken: string;
const clock = { now: Date.parse('2026-11-21T12:00:00Z') };
beforeAll(async () => {
  const environment = { PUBLIC_URL: 'http://localhost:4000', PRESENCE_TOKEN_SECONDS: '86400' };
  graph = await startTestSubgraphs([users, auth], { environment, now: () => clock.now });
  client = mfaClient(graph, clock);
});
afterAll(() => graph.close());
beforeEach(async () => {
  user = await client.newUser();
  presenceToken = await client.presence(user);
});

const hour = 3_600_000;
const add = (type: string, input: object = {}) => client.run('addMfaMethod', { presenceToken, type, ...input }, user);
const addConfirmed = async () => {
  const { method, secret } = await add('TOTP');
  await client.run('confirmMfaMethod', { presenceToken, methodId: method.id, code: client.codeOf(secret) }, user);
  return { id: method.id, secret };
};
const confirm = (methodId: string, proof: object) =>
  client.ask('confirmMfaMethod', { presenceToken, methodId, ...proof }, user);
const remove = (methodId: string) => client.ask('removeMfaMethod', { presenceToken, methodId }, user);
const enable = () => client.ask('enableMfa', { presenceToken }, user);
const methodIds = async (): Promise<string[]> => {
  const query = '{ mfaSetting { methods { id } } }';
  const { data } = await graph.execute('auth', { query, identity: { userId: user.userId } });
  return data.mfaSetting.methods.map(({ id }: { id: string }) => id);
};
const eventsOf = async (userId: string) =>
  (await graph.readLog())
    .filter(({ type, content }) => type.startsWith('mfa_') && content.userId === userId)
    .map(({ type, content }) => [type, content.methodId]);

describe('addMfaMethod', () => {
  test.each([
    ['name', { name: '' }],
    ['name', { name: 'x'.repeat(101) }],
    ['name', { name: 'a\0b' }],
    ['tags', { tags: Array(21).fill('x') }],
    ['tags.1', { tags: ['x', ''] }],
    ['tags.0', { tags: ['x'.repeat(51)] }],
  ])('refuses bad %s', async (field, input) => {
    const answer = await client.ask('addMfaMethod', { presenceToken, type: 'TOTP', ...input }, user);
    expect(refusal(answer)).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: `input.${field}`, code: 15 } });
  });

  test('refuses the twenty-first, but still replaces recovery codes', async () => {
    for (let count = 0; count < 19; count += 1) await add('TOTP');
    await add('RECOVERY_CODES');
    const answer = await client.ask('addMfaMethod', { presenceToken, type: 'TOTP' }, user);
    expect(refusal(answer)).toEqual({ code: 'ILLEGAL_STATE', details: { code: 27 } });
    await add('RECOVERY_CODES');
    expect(await methodIds()).toHaveLength(20);
    clock.now += hour;
    await add('TOTP');
    expect(await methodIds()).toHaveLength(2);
  });

  test('answers a TOTP secret once and keeps it sealed', async () => {
    const { method, secret, uri, codes, passkeyOptions } = await add('TOTP', { name: 'Phone', tags: ['a', 'b'] });
    expect(method).toMatchObject({ type: 'TOTP', name: 'Phone', tags: ['a', 'b'], verified: false, codesLeft: null });
    expect([codes, passkeyOptions]).toEqual([null, null]);
    expect(uri).toContain(`otpauth://totp/Caregraph:Phone?secret=${secret}`);
    const { db } = graph.database.forService<'mfaMethod'>('auth');
    const row = await db.mfaMethod.findUnique({ where: { id: method.id } });
    expect(row?.sealedSecret).toMatch(/^v1\./);
    expect(row?.sealedSecret).not.toContain(secret);
  });

  test('answers ten recovery codes once, which count at once, and keeps nothing to guess them from', async () => {
    const { method, codes, secret } = await add('RECOVERY_CODES');
    expect(method).toMatchObject({ verified: true, codesLeft: 10 });
    expect(secret).toBeNull();
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^[0-9a-f]{8}$/);
    const { db } = graph.database.forService<'mfaMethod'>('auth');
    const hashes = (await db.mfaMethod.findUnique({ where: { id: method.id } }))?.codeHashes ?? [];
    expect(hashes).toHaveLength(10);
    const { createHash } = await import('node:crypto');
    for (const code of codes) expect(hashes).not.toContain(createHash('sha256').update(code).digest('hex'));
  });

  test('replaces recovery codes by new ones', async () => {
    const old = (await add('RECOVERY_CODES')).method.id;
    const fresh = (await add('RECOVERY_CODES')).method.id;
    expect(await methodIds()).toEqual([fresh]);
    expect(await eventsOf(user.userId)).toEqual([
      ['mfa_method_added', old],
      ['mfa_method_removed', old],
      ['mfa_method_added', fresh],
    ]);
  });

  test('answers the options of a passkey, which hold nothing personal', async () => {
    const { method, passkeyOptions } = await add('PASSKEY');
    expect(method).toMatchObject({ type: 'PASSKEY', verified: false });
    expect(passkeyOptions).toMatchObject({
      rp: { id: 'localhost', name: 'Caregraph' },
      user: { name: 'Caregraph', displayName: 'Caregraph' },
      attestation: 'none',
      authenticatorSelection: { userVerification: 'preferred' },
    });
    expect(JSON.stringify(passkeyOptions)).not.toContain(user.email);
  });
});

describe('confirmMfaMethod', () => {
  test.each([
    ['methodId', { methodId: 'x', code: '123456' }],
    ['code', { methodId: newId() }],
    ['code', { methodId: newId(), code: ' ' }],
  ])('refuses a bad %s', async (field, input) => {
    const answer = await client.ask('confirmMfaMethod', { presenceToken, ...input }, user);
    expect(refusal(answer)).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: `input.${field}` } });
  });

  test('refuses a method that is not there, is somebody else’s, or waited for an hour', async () => {
    const unknown = { code: 'NOT_FOUND', details: { code: 16, field: 'input.methodId' } };
    expect(refusal(await confirm(newId(), { code: '123456' }))).toEqual(unknown);
    const other = await client.protectedUser();
    expect(refusal(await confirm(other.totpId, { code: client.codeOf(other.secret) }))).toEqual(unknown);
    const { method, secret } = await add('TOTP');
    clock.now += hour;
    expect(refusal(await confirm(method.id, { code: client.codeOf(secret) }))).toEqual(unknown);
    expect(await methodIds()).toEqual([]);
  });

  test('refuses recovery codes, and what is confirmed already', async () => {
    const { method, codes } = await add('RECOVERY_CODES');
    const illegal = { code: 'ILLEGAL_STATE', details: { code: 26 } };
    expect(refusal(await confirm(method.id, { code: codes[0] }))).toEqual(illegal);
    const { id, secret } = await addConfirmed();
    expect(refusal(await confirm(id, { code: client.codeOf(secret, 1) }))).toEqual(illegal);
  });

  test('refuses a wrong code, counts it, and makes the user wait', async () => {
    const { method, secret } = await add('TOTP');
    const wrong = { code: 'INVALID_MFA_CODE', details: { code: 130 } };
    expect(refusal(await confirm(method.id, { code: client.codeOf(secret, 9) }))).toEqual(wrong);
    const right = { code: client.codeOf(secret) };
    expect(refusal(await confirm(method.id, right))).toEqual({
      code: 'MFA_REATTEMPT_DELAY',
      details: { code: 134, remainingDelay: 1_000 },
    });
    clock.now += 1_000;
    expect((await confirm(method.id, right)).data.confirmMfaMethod.method).toEqual({
      id: method.id,
      type: 'TOTP',
      verified: true,
    });
    expect(await eventsOf(user.userId)).toEqual([
      ['mfa_method_added', method.id],
      ['mfa_method_confirmed', method.id],
    ]);
  });

  test.each([
    'x',
    7,
    [],
    {},
    { id: 'x', rawId: 'x', type: 'public-key', response: null },
    { id: 'x', rawId: 'x', type: 'public-key', response: { clientDataJSON: 'e30', attestationObject: 'e30' } },
  ])('refuses the credential %j for a passkey, without a fault', async (credential) => {
    const { method } = await add('PASSKEY');
    expect(refusal(await confirm(method.id, { credential }))).toMatchObject({ code: 'INVALID_MFA_CODE' });
  });

  test('refuses a code for a passkey, and a credential for a code', async () => {
    const passkey = (await add('PASSKEY')).method.id;
    expect(refusal(await confirm(passkey, { code: '123456' }))).toMatchObject({ code: 'INVALID_MFA_CODE' });
    clock.now += 1_000;
    const totp = (await add('TOTP')).method.id;
    expect(refusal(await confirm(totp, { credential: { id: 'x' } }))).toMatchObject({ code: 'INVALID_MFA_CODE' });
  });
});

describe('enableMfa', () => {
  const notEnough = { code: 'NOT_ENOUGH_MFA_METHODS', details: { code: 133 } };

  test('needs a method that proves, confirmed, and recovery codes that are left', async () => {
    expect(refusal(await enable())).toEqual(notEnough);
    const codesId = (await add('RECOVERY_CODES')).method.id;
    expect(refusal(await enable())).toEqual(notEnough);
    const { method, secret } = await add('TOTP');
    expect(refusal(await enable())).toEqual(notEnough);
    await confirm(method.id, { code: client.codeOf(secret) });
    const { db } = graph.database.forService<'mfaMethod'>('auth');
    const { codeHashes = [] } = (await db.mfaMethod.findUnique({ where: { id: codesId } })) ?? {};
    await db.mfaMethod.update({ where: { id: codesId }, data: { codeHashes: [] } });
    expect(refusal(await enable())).toEqual(notEnough);
    await db.mfaMethod.update({ where: { id: codesId }, data: { codeHashes } });
    expect((await enable()).data.enableMfa.setting).toEqual({ enabled: true, user: { id: user.userId } });
    await remove(codesId);
    expect((await enable()).errors).toBeUndefined();
    expect((await eventsOf(user.userId)).filter(([type]) => type === 'mfa_enabled')).toHaveLength(1);
  });

  test('needs a confirmed method, not recovery codes alone; and not one without the other', async () => {
    await addConfirmed();
    expect(refusal(await enable())).toEqual(notEnough);
  });
});

describe('disableMfa', () => {
  test('lets a password be enough again, and starts the count anew', async () => {
    const owner = await client.protectedUser();
    const { token } = await client.challenge(owner);
    const wrong = { token, methodId: owner.codesId, code: '00000000' };
    expect(refusal(await client.ask('loginWithMfa', wrong))).toMatchObject({ code: 'INVALID_MFA_CODE' });
    const presence = await client.presence(owner);
    expect(await client.run('disableMfa', { presenceToken: presence }, owner)).toEqual({ setting: { enabled: false } });
    await client.run('disableMfa', { presenceToken: presence }, owner);
    expect((await eventsOf(owner.userId)).filter(([type]) => type === 'mfa_disabled')).toHaveLength(1);
    expect((await client.ask('login', { email: owner.email, password: owner.password })).errors).toBeUndefined();
    await client.run('enableMfa', { presenceToken: presence }, owner);
    const again = { ...wrong, token: (await client.challenge(owner)).token };
    expect(refusal(await client.ask('loginWithMfa', again))).toMatchObject({ code: 'INVALID_MFA_CODE' });
  });
});

describe('removeMfaMethod', () => {
  test('refuses a method that is not there, or is somebody else’s', async () => {
    const unknown = { code: 'NOT_FOUND', details: { code: 16, field: 'input.methodId' } };
    expect(refusal(await remove(newId()))).toEqual(unknown);
    expect(refusal(await remove((await client.protectedUser()).totpId))).toEqual(unknown);
    expect(refusal(await remove('x'))).toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  test('refuses, while the second factor is on, what would not leave enough', async () => {
    const { id: first } = await addConfirmed();
    const { id: second } = await addConfirmed();
    const codes = (await add('RECOVERY_CODES')).method.id;
    await enable();
    const unconfirmed = (await add('TOTP')).method.id;
    const notEnough = { code: 'NOT_ENOUGH_MFA_METHODS', details: { code: 133 } };
    expect(refusal(await remove(codes))).toEqual(notEnough);
    expect((await remove(unconfirmed)).errors).toBeUndefined();
    expect((await remove(first)).data.removeMfaMethod.setting).toEqual({
      enabled: true,
      methods: [{ id: second }, { id: codes }],
    });
    expect(refusal(await remove(second))).toEqual(notEnough);
    await client.run('disableMfa', { presenceToken }, user);
    expect((await remove(second)).errors).toBeUndefined();
    expect((await remove(codes)).data.removeMfaMethod.setting).toEqual({ enabled: false, methods: [] });
    expect((await eventsOf(user.userId)).at(-1)).toEqual(['mfa_method_removed', codes]);
  });
});
