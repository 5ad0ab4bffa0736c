// A new password for who has lost the old one: asking for the mail, and using what it holds.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { type Accounts, accountsIn, goodPassword } from '../../../tests/support/accounts.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../index.ts';
import { verifyPassword } from '../sign-in/passwords.ts';

const minute = 60_000;
const pinCodes = { verification: { enablePinCodeForgotPasswordRequests: true } };
const newPassword = 'Rainy-Day-2';

let graph: TestSubgraphs;
let accounts: Accounts;
let time = Date.parse('2026-03-01T12:00:00Z');
const pass = (milliseconds: number) => {
  time += milliseconds;
};
beforeAll(async () => {
  graph = await startTestSubgraphs([users], { now: () => time });
  accounts = accountsIn(graph);
});
beforeEach(() => accounts.settings());
afterAll(() => graph.close());

const request = (input: object) => accounts.call('requestPasswordReset', input);
const reset = (input: object) => accounts.call('resetPassword', { newPassword, ...input });
const link = (userId: string) =>
  accounts.asService(
    'mutation ($userId: ID!, $input: OidcSubjectInput!) { linkOidcSubject(userId: $userId, input: $input) }',
    {
      userId,
      input: { providerId: newId(), subjectId: newId() },
    },
  );
const unknownHash = { code: 'NEW_PASSWORD_HASH_UNKNOWN', details: { field: 'input.hash', code: 207 } };
const unknownPin = { code: 'NEW_PASSWORD_PIN_CODE_UNKNOWN', details: { field: 'input.pinCode', code: 219 } };
const wrongOf = (pinCode: string) => `${(Number(pinCode) + 1) % 100_000_000}`.padStart(8, '0');
const hasPassword = async (id: string, password: string) =>
  verifyPassword((await accounts.user(id)).passwordHash ?? undefined, password);

describe('requestPasswordReset', () => {
  test('refuses what is no address, one that nobody has, and one that is not confirmed', async () => {
    const { email } = await accounts.register({ activationMode: 'MANUAL' });
    expect(await request({ email: '' })).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.email' } });
    expect(await request({ email: 'nobody@example.org' })).toMatchObject({
      code: 'EMAIL_UNKNOWN',
      details: { field: 'input.email', code: 202 },
    });
    expect(await request({ email })).toMatchObject({
      code: 'NOT_ACTIVATED',
      details: { field: 'input.email', code: 204 },
    });
  });

  test('refuses who is linked to a provider', async () => {
    const { id, email } = await accounts.activated();
    await link(id);
    expect(await request({ email })).toMatchObject({ code: 'DISABLED_FOR_OIDC_USERS', details: { code: 215 } });
  });

  test('refuses pin codes that the settings do not allow, and mail that they switch off', async () => {
    const { id, email } = await accounts.activated();
    expect(await request({ email, mode: 'PIN_CODE' })).toMatchObject({
      code: 'PIN_CODES_NOT_ENABLED',
      details: { field: 'input.mode', code: 218 },
    });
    await accounts.settings({ mail: { disabled: ['PASSWORD_RESET'] } });
    expect(await request({ email })).toMatchObject({ code: 'ILLEGAL_STATE', details: { code: 27 } });
    expect(await accounts.request(id, 'password_reset')).toBeNull();
  });

  test('refuses another mail within five minutes, and a sixth without success', async () => {
    const { email } = await accounts.activated();
    expect((await request({ email })).data).toEqual({ expiresAt: new Date(time + 60 * minute).toISOString() });
    pass(5 * minute - 1);
    expect(await request({ email })).toMatchObject({ code: 'REQUEST_TOO_SOON', details: { code: 221 } });
    pass(1);
    for (let count = 2; count <= 5; count += 1) {
      expect((await request({ email })).code).toBeUndefined();
      pass(5 * minute);
    }
    expect(await request({ email })).toMatchObject({ code: 'REQUEST_LIMIT_REACHED', details: { code: 220 } });
  });

  test('refuses a fourth mail with a pin code, also where those with a hash are not limited', async () => {
    await accounts.settings({ verification: { ...pinCodes.verification, limitHashForgotPasswordRequests: false } });
    const { email } = await accounts.activated();
    for (let count = 1; count <= 3; count += 1) expect((await request({ email })).code).toBeUndefined();
    expect((await request({ email, mode: 'PIN_CODE' })).code).toBe('REQUEST_TOO_SOON');
    pass(5 * minute);
    expect((await request({ email, mode: 'PIN_CODE' })).code).toBe('REQUEST_LIMIT_REACHED');
    expect((await request({ email })).code).toBeUndefined();
  });
});

describe('resetPassword', () => {
  test.each([
    [{}, 'hash'],
    [{ email: 'jane@example.org' }, 'pinCode'],
    [{ pinCode: '12345678' }, 'email'],
    [{ hash: 'a'.repeat(40), pinCode: '12345678' }, 'pinCode'],
    [{ email: 'jane@example.org', pinCode: '12' }, 'pinCode'],
  ])('refuses %j, naming %s', async (input, field) => {
    expect(await reset(input)).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: `input.${field}` } });
  });

  test('refuses a hash that was never sent, has expired, was used or was replaced', async () => {
    expect(await reset({ hash: 'a'.repeat(40) })).toMatchObject(unknownHash);
    const { id, email } = await accounts.activated();
    await request({ email });
    const late = await accounts.secret(email);
    pass(60 * minute);
    expect(await reset({ hash: late })).toMatchObject(unknownHash);
    await request({ email });
    const used = await accounts.secret(email);
    expect(await reset({ hash: late })).toMatchObject(unknownHash);
    await reset({ hash: used });
    expect(await reset({ hash: used, newPassword: 'Cloudy-Day-3' })).toMatchObject(unknownHash);
    expect(await hasPassword(id, newPassword)).toBe(true);
  });

  test('takes no hash of a request to confirm an address', async () => {
    const { email } = await accounts.register();
    expect(await reset({ hash: await accounts.secret(email) })).toMatchObject(unknownHash);
  });

  test('refuses who was linked to a provider meanwhile, by hash and by pin code', async () => {
    await accounts.settings(pinCodes);
    const { id, email } = await accounts.activated();
    await request({ email });
    const hash = await accounts.secret(email);
    await link(id);
    const refusal = { code: 'DISABLED_FOR_OIDC_USERS', details: { code: 215 } };
    expect(await reset({ hash })).toMatchObject(refusal);
    expect(await reset({ email, pinCode: '12345678' })).toMatchObject(refusal);
    expect((await accounts.user(id)).passwordHash).toBeNull();
  });

  test('refuses a password that breaks the policy, and leaves the hash good', async () => {
    const { id, email } = await accounts.activated();
    await request({ email });
    const hash = await accounts.secret(email);
    expect(await reset({ hash, newPassword: 'short' })).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'input.newPassword', code: 15, rule: 'minimumLength' },
    });
    expect(await hasPassword(id, goodPassword)).toBe(true);
    expect((await reset({ hash })).data).toEqual({ reset: true });
  });

  test('refuses a pin code that is wrong, one too many, or expired', async () => {
    await accounts.settings(pinCodes);
    expect(await reset({ email: 'nobody@example.org', pinCode: '12345678' })).toMatchObject(unknownPin);
    const { id, email } = await accounts.activated();
    expect(await reset({ email, pinCode: '12345678' })).toMatchObject(unknownPin);
    await request({ email, mode: 'PIN_CODE' });
    const pinCode = await accounts.secret(email);
    for (let count = 1; count <= 3; count += 1) {
      expect(await reset({ email, pinCode: wrongOf(pinCode) })).toMatchObject({
        code: 'INCORRECT_PIN_CODE',
        details: { field: 'input.pinCode', code: 224 },
      });
      expect(await accounts.request(id, 'password_reset')).toMatchObject({ failedAttempts: count });
    }
    expect(await reset({ email, pinCode })).toMatchObject({
      code: 'TOO_MANY_FAILED_ATTEMPTS',
      details: { field: 'input.pinCode', code: 213 },
    });
    pass(5 * minute);
    await request({ email, mode: 'PIN_CODE' });
    const late = await accounts.secret(email);
    pass(15 * minute);
    expect(await reset({ email, pinCode: late })).toMatchObject(unknownPin);
    expect(await hasPassword(id, goodPassword)).toBe(true);
  });

  test('refuses who has not confirmed the address since, and leaves the hash good', async () => {
    const { id, email } = await accounts.activated();
    await request({ email });
    const hash = await accounts.secret(email);
    const { db } = graph.database.forService<'user'>('users');
    await db.user.update({ where: { id }, data: { activation: false } });
    expect(await reset({ hash })).toMatchObject({ code: 'NOT_ACTIVATED', details: { code: 204 } });
    await db.user.update({ where: { id }, data: { activation: true } });
    expect((await reset({ hash })).data).toEqual({ reset: true });
  });

  test('sets the password, forgives failed sign-ins, ends everything that was started before, and tells', async () => {
    const { id, email } = await accounts.activated();
    const { db } = graph.database.forService<'user'>('users');
    await db.user.update({ where: { id }, data: { failedCount: 50, lastFailedAt: new Date(time) } });
    const { credentialVersion } = await accounts.user(id);
    const [version] = await graph.database.accessVersions([id]);
    await request({ email });
    expect((await reset({ hash: await accounts.secret(email) })).data).toEqual({ reset: true });
    expect(await accounts.user(id)).toMatchObject({ failedCount: 0, credentialVersion: credentialVersion + 1 });
    expect(await hasPassword(id, newPassword)).toBe(true);
    expect(await graph.database.accessVersions([id])).toEqual([`${Number(version) + 1}`]);
    expect(await accounts.request(id, 'password_reset')).toBeNull();
    expect((await accounts.told(id)).slice(1)).toEqual(['password_reset_requested', 'password_reset_completed']);
  });

  test('does the same by pin code', async () => {
    await accounts.settings(pinCodes);
    const { id, email } = await accounts.activated();
    await request({ email, mode: 'PIN_CODE' });
    const pinCode = await accounts.secret(email);
    await reset({ email, pinCode: wrongOf(pinCode) });
    pass(15 * minute - 1);
    expect((await reset({ email, pinCode })).data).toEqual({ reset: true });
    expect(await hasPassword(id, newPassword)).toBe(true);
    expect((await accounts.user(id)).credentialVersion).toBe(2);
  });
});
