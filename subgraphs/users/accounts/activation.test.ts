// Confirming an address: asking for the mail once more, and showing what it holds.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Accounts, accountsIn } from '../../../tests/support/accounts.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../index.ts';

const minute = 60_000;
const pinCodes = { verification: { enablePinCodeActivationRequests: true } };

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

const request = (input: object) => accounts.call('requestActivation', input);
const activate = (input: object) => accounts.call('activateUser', input);
const unknown = (field: string) => ({ code: 'ACTIVATION_UNKNOWN', details: { field: `input.${field}`, code: 205 } });
const wrongOf = (pinCode: string) => `${(Number(pinCode) + 1) % 100_000_000}`.padStart(8, '0');

describe('requestActivation', () => {
  test('refuses what is no address, one that nobody has, and one that is confirmed', async () => {
    const { email } = await accounts.activated();
    expect(await request({ email: 'no address' })).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'input.email' },
    });
    expect(await request({ email: 'nobody@example.org' })).toMatchObject({
      code: 'EMAIL_UNKNOWN',
      details: { field: 'input.email', code: 202 },
    });
    expect(await request({ email })).toMatchObject({
      code: 'ALREADY_ACTIVATED',
      details: { field: 'input.email', code: 206 },
    });
  });

  test('refuses pin codes while the settings do not allow them', async () => {
    const { email } = await accounts.register({ activationMode: 'MANUAL' });
    expect(await request({ email, mode: 'PIN_CODE' })).toMatchObject({
      code: 'PIN_CODES_NOT_ENABLED',
      details: { field: 'input.mode', code: 218 },
    });
  });

  test('refuses a kind of mail that the settings switch off, and counts nothing', async () => {
    await accounts.settings({ ...pinCodes, mail: { disabled: ['ACTIVATION'] } });
    const { id, email } = await accounts.register({ activationMode: 'MANUAL' });
    expect(await request({ email })).toMatchObject({ code: 'ILLEGAL_STATE', details: { code: 27 } });
    expect(await accounts.request(id, 'activation')).toBeNull();
    expect((await request({ email, mode: 'PIN_CODE' })).code).toBeUndefined();
  });

  test('refuses another mail within five minutes, counting from the registration', async () => {
    const { id, email } = await accounts.register();
    pass(5 * minute - 1);
    expect(await request({ email })).toMatchObject({ code: 'REQUEST_TOO_SOON', details: { code: 223 } });
    expect(await accounts.request(id, 'activation')).toMatchObject({ requestCount: 1 });
    pass(1);
    expect((await request({ email })).data).toEqual({ expiresAt: new Date(time + 60 * minute).toISOString() });
  });

  test('refuses a sixth mail with a hash until somebody forgets the request', async () => {
    const { id, email } = await accounts.register();
    for (let count = 2; count <= 5; count += 1) {
      pass(5 * minute);
      expect((await request({ email })).code).toBeUndefined();
    }
    pass(60 * 24 * minute);
    expect(await request({ email })).toMatchObject({ code: 'REQUEST_LIMIT_REACHED', details: { code: 222 } });
    const { id: requestId } = (await accounts.request(id, 'activation')) ?? {};
    const admin = { userId: id, permissions: ['DELETE_ACTIVATION_REQUEST'] };
    await accounts.call('deleteActivationRequest', { id: requestId }, admin);
    expect((await request({ email })).code).toBeUndefined();
    expect(await accounts.request(id, 'activation')).toMatchObject({ requestCount: 1 });
  });

  test('counts on when the mode changes: a fourth mail with a pin code is refused, one with a hash is not', async () => {
    await accounts.settings(pinCodes);
    const { email } = await accounts.register();
    for (const mode of ['PIN_CODE', 'HASH']) {
      pass(5 * minute);
      expect((await request({ email, mode })).code).toBeUndefined();
    }
    pass(5 * minute);
    expect((await request({ email, mode: 'PIN_CODE' })).code).toBe('REQUEST_LIMIT_REACHED');
    expect((await request({ email, mode: 'HASH' })).code).toBeUndefined();
  });

  test('limits mails with a hash only while the settings say so, those with a pin code always', async () => {
    await accounts.settings({ verification: { ...pinCodes.verification, limitHashActivationRequests: false } });
    const { id, email } = await accounts.register();
    for (let count = 2; count <= 7; count += 1) expect((await request({ email })).code).toBeUndefined();
    expect(await accounts.request(id, 'activation')).toMatchObject({ requestCount: 7 });
    expect((await request({ email, mode: 'PIN_CODE' })).code).toBe('REQUEST_TOO_SOON');
    pass(5 * minute);
    expect((await request({ email, mode: 'PIN_CODE' })).code).toBe('REQUEST_LIMIT_REACHED');
  });

  test('sends a new mail, after which the old one confirms nothing, and tells', async () => {
    const { id, email } = await accounts.register();
    const old = await accounts.secret(email);
    pass(5 * minute);
    await request({ email: email.toUpperCase() });
    expect(await activate({ hash: old })).toMatchObject(unknown('hash'));
    const fresh = await accounts.secret(email);
    expect(fresh).not.toBe(old);
    expect(await activate({ hash: old })).toMatchObject(unknown('hash'));
    expect((await activate({ hash: fresh })).data).toEqual({ activated: true });
    expect(await accounts.told(id)).toEqual(['user_created', 'activation_requested', 'user_activation_completed']);
  });
});

describe('activateUser', () => {
  test.each([
    [{}, 'hash'],
    [{ email: 'jane@example.org' }, 'pinCode'],
    [{ pinCode: '12345678' }, 'email'],
    [{ hash: 'a'.repeat(40), email: 'jane@example.org' }, 'email'],
    [{ hash: 'a'.repeat(40), pinCode: '12345678' }, 'pinCode'],
    [{ email: 'jane@example.org', pinCode: '1234567' }, 'pinCode'],
    [{ email: 'jane@example.org', pinCode: '1234567a' }, 'pinCode'],
    [{ email: 'no address', pinCode: '12345678' }, 'email'],
  ])('refuses %j, naming %s', async (input, field) => {
    const { code, details } = await activate(input);
    expect({ code, details }).toEqual({ code: 'BAD_USER_INPUT', details: { field: `input.${field}`, code: 15 } });
  });

  test('says the same of a hash that was never sent, has expired or was used', async () => {
    const never = await activate({ hash: 'a'.repeat(40) });
    expect(never).toMatchObject(unknown('hash'));
    expect(await activate({ hash: 'no hash at all \0' })).toEqual(never);

    const late = await accounts.register();
    const hash = await accounts.secret(late.email);
    pass(60 * minute);
    expect(await activate({ hash })).toEqual(never);
    expect((await accounts.user(late.id)).activation).toBe(false);

    const used = await accounts.register();
    const once = await accounts.secret(used.email);
    await activate({ hash: once });
    expect(await activate({ hash: once })).toEqual(never);
  });

  test('takes no hash of a request for a password', async () => {
    const { email } = await accounts.activated();
    await accounts.call('requestPasswordReset', { email });
    expect(await activate({ hash: await accounts.secret(email) })).toMatchObject(unknown('hash'));
  });

  test('takes no digest from the database for what the mail holds', async () => {
    const { id, email } = await accounts.register();
    await accounts.mails(email);
    const { secretHash } = (await accounts.request(id, 'activation')) ?? {};
    expect(await activate({ hash: secretHash })).toMatchObject(unknown('hash'));
  });

  test('confirms the address by hash until it expires, closes the request, and tells', async () => {
    const { id, email } = await accounts.register();
    const hash = await accounts.secret(email);
    pass(60 * minute - 1);
    expect((await activate({ hash })).data).toEqual({ activated: true });
    expect((await accounts.user(id)).activation).toBe(true);
    expect(await accounts.request(id, 'activation')).toBeNull();
    expect(await accounts.told(id)).toEqual(['user_created', 'user_activation_completed']);
  });
});

describe('activateUser by pin code', () => {
  beforeEach(() => accounts.settings(pinCodes));
  const registered = async () => {
    const account = await accounts.register({ activationMode: 'PIN_CODE' });
    return { ...account, pinCode: await accounts.secret(account.email) };
  };

  test('says the same without an account, without a request, with one of a hash, and before the mail is written', async () => {
    const pinCode = '12345678';
    const nobody = await activate({ email: 'nobody@example.org', pinCode });
    expect(nobody).toMatchObject(unknown('pinCode'));
    const { email: manual } = await accounts.register({ activationMode: 'MANUAL' });
    const { email: byHash } = await accounts.register();
    const { email: unsent } = await accounts.register({ activationMode: 'PIN_CODE' });
    for (const email of [manual, byHash, unsent]) expect(await activate({ email, pinCode })).toEqual(nobody);
  });

  test('takes no pin code that has expired', async () => {
    const { email, pinCode } = await registered();
    pass(15 * minute);
    expect(await activate({ email, pinCode })).toMatchObject(unknown('pinCode'));
  });

  test('takes no pin code of another account', async () => {
    const [jane, ann] = [await registered(), await registered()];
    expect(await activate({ email: jane.email, pinCode: ann.pinCode })).toMatchObject({ code: 'INCORRECT_PIN_CODE' });
  });

  test('counts wrong ones though it refuses them; after three the right one is refused, too, until a new mail', async () => {
    const { id, email, pinCode } = await registered();
    for (let count = 1; count <= 3; count += 1) {
      const { code, details } = await activate({ email, pinCode: wrongOf(pinCode) });
      expect({ code, details }).toEqual({ code: 'INCORRECT_PIN_CODE', details: { field: 'input.pinCode', code: 224 } });
      expect(await accounts.request(id, 'activation')).toMatchObject({
        failedAttempts: count,
        lastFailedAt: new Date(time),
      });
    }
    const { code, details } = await activate({ email, pinCode });
    expect(code).toBe('TOO_MANY_FAILED_ATTEMPTS');
    expect(details).toEqual({ field: 'input.pinCode', code: 213 });
    expect((await accounts.user(id)).activation).toBe(false);

    pass(5 * minute);
    await request({ email, mode: 'PIN_CODE' });
    expect(await accounts.request(id, 'activation')).toMatchObject({ failedAttempts: 0, lastFailedAt: null });
    expect((await activate({ email, pinCode: await accounts.secret(email) })).data).toEqual({ activated: true });
  });

  test('confirms the address until it expires, closes the request, and tells', async () => {
    const { id, email, pinCode } = await registered();
    await activate({ email, pinCode: wrongOf(pinCode) });
    pass(15 * minute - 1);
    expect((await activate({ email: email.toUpperCase(), pinCode })).data).toEqual({ activated: true });
    expect(await accounts.request(id, 'activation')).toBeNull();
    expect(await accounts.told(id)).toEqual(['user_created', 'user_activation_completed']);
    expect(await activate({ email, pinCode })).toMatchObject(unknown('pinCode'));
  });
});
