// Changing an address: at once, and to be confirmed again.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { type Accounts, accountsIn } from '../../../tests/support/accounts.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../index.ts';

let graph: TestSubgraphs;
let accounts: Accounts;
beforeAll(async () => {
  graph = await startTestSubgraphs([users]);
  accounts = accountsIn(graph);
});
beforeEach(() => accounts.settings());
afterAll(() => graph.close());

const update = (userId: string, input: object, identity: object = { userId }) =>
  accounts.call('updateEmail', { userId, ...input }, identity);
const address = () => `${newId()}@example.org`;
const admin = { userId: newId(), permissions: ['UPDATE_USER_EMAIL'] };

describe('updateEmail', () => {
  test('needs a signed-in user', async () => {
    const { id } = await accounts.activated();
    expect(await update(id, { email: address() }, {})).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('needs UPDATE_USER_EMAIL for anybody else; who does not see a user learns nothing of it', async () => {
    const { id } = await accounts.activated();
    const viewer = { userId: newId(), permissions: ['VIEW_USER', 'UPDATE_USER'] };
    const refused = await update(id, { email: address() }, viewer);
    expect(refused).toMatchObject({ code: 'FORBIDDEN', details: { code: 10, permission: 'UPDATE_USER_EMAIL' } });
    const stranger = { userId: newId(), permissions: ['UPDATE_USER'] };
    const unseen = await update(id, { email: address() }, stranger);
    expect(unseen).toMatchObject({ code: 'NOT_FOUND', details: { field: 'input.userId', code: 16 } });
    expect(await update(newId(), { email: address() }, stranger)).toEqual(unseen);
  });

  test('refuses an unknown user, an id that is none, and what is no address', async () => {
    expect(await update(newId(), { email: address() }, admin)).toMatchObject({
      code: 'NOT_FOUND',
      details: { field: 'input.userId', code: 16 },
    });
    expect(await update('me', { email: address() }, admin)).toMatchObject({
      details: { field: 'input.userId', code: 12 },
    });
    const { id } = await accounts.activated();
    expect(await update(id, { email: 'no address' })).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'input.email' },
    });
  });

  test('refuses pin codes while the settings do not allow them, and an address of another account', async () => {
    const [{ id, email }, other] = [await accounts.activated(), await accounts.activated()];
    const before = (await graph.readLog()).length;
    expect(await update(id, { email: address(), activationMode: 'PIN_CODE' })).toMatchObject({
      code: 'PIN_CODES_NOT_ENABLED',
      details: { field: 'input.activationMode', code: 218 },
    });
    expect(await update(id, { email: other.email.toUpperCase() })).toMatchObject({
      code: 'ALREADY_EXISTS',
      details: { field: 'input.email', code: 203 },
    });
    expect(await accounts.user(id)).toMatchObject({ email, activation: true });
    expect(await graph.readLog()).toHaveLength(before);
    expect(await graph.jobs.queued()).toEqual([]);
  });

  test('changes nothing for the address that the account has', async () => {
    const { id, email } = await accounts.activated();
    expect((await update(id, { email: email.toUpperCase() })).data).toEqual({ user: { id, email, activation: true } });
    expect(await accounts.told(id)).toEqual(['user_created']);
    expect(await graph.jobs.queued()).toEqual([]);
  });

  test('replaces the address at once, asks to confirm it, and tells without naming it', async () => {
    const { id } = await accounts.activated();
    const email = address();
    const { data } = await update(id, { email: email.toUpperCase() });
    expect(data).toEqual({ user: { id, email, activation: false } });
    const [mail] = await accounts.mails(email);
    expect((await accounts.call('activateUser', { hash: mail?.secret })).data).toEqual({ activated: true });
    expect(await accounts.told(id)).toEqual(['user_created', 'user_email_changed', 'user_activation_completed']);
    const log = JSON.stringify(await graph.readLog(), (_key, value) =>
      typeof value === 'bigint' ? `${value}` : value,
    );
    expect(log).not.toContain(email);
  });

  test('opens a fresh request that is not throttled, after which older mails are worth nothing', async () => {
    const account = await accounts.activated();
    await accounts.call('requestPasswordReset', { email: account.email });
    const reset = await accounts.secret(account.email);
    const [first, second] = [address(), address()];
    await update(account.id, { email: first });
    const activation = await accounts.secret(first);
    expect((await update(account.id, { email: second })).code).toBeUndefined();
    expect(await accounts.request(account.id, 'activation')).toMatchObject({ requestCount: 1 });
    expect((await accounts.call('activateUser', { hash: activation })).code).toBe('ACTIVATION_UNKNOWN');
    await accounts.call('activateUser', { hash: await accounts.secret(second) });
    const { code } = await accounts.call('resetPassword', { hash: reset, newPassword: 'Rainy-Day-2' });
    expect(code).toBe('NEW_PASSWORD_HASH_UNKNOWN');
  });

  test('lets somebody else do so with UPDATE_USER_EMAIL, who sees the user only as far as allowed', async () => {
    const { id } = await accounts.activated();
    const email = address();
    const { data, code } = await update(id, { email }, admin);
    expect({ data, code }).toEqual({ data: { user: null }, code: undefined });
    expect(await accounts.user(id)).toMatchObject({ email, activation: false });
  });

  test.each([
    ['when told so', {}, 'MANUAL'],
    ['where the settings switch the mail off', { mail: { disabled: ['REACTIVATION'] } }, 'HASH'],
  ])('sends nothing %s, and still voids what was sent for the old address', async (_when, settings, activationMode) => {
    const { id, email: old } = await accounts.register();
    const hash = await accounts.secret(old);
    await accounts.settings(settings);
    const email = address();
    expect((await update(id, { email, activationMode })).code).toBeUndefined();
    expect(await accounts.mails(email)).toEqual([]);
    expect((await accounts.call('activateUser', { hash })).code).toBe('ACTIVATION_UNKNOWN');
  });

  test('sends a pin code where the settings allow it', async () => {
    await accounts.settings({ verification: { enablePinCodeActivationRequests: true } });
    const { id } = await accounts.activated();
    const email = address();
    await update(id, { email, activationMode: 'PIN_CODE' });
    const pinCode = await accounts.secret(email);
    expect(pinCode).toMatch(/^\d{8}$/);
    expect((await accounts.call('activateUser', { email, pinCode })).data).toEqual({ activated: true });
  });
});
