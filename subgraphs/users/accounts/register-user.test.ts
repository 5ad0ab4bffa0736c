// Creating an account for oneself.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Accounts, accountsIn, goodPassword } from '../../../tests/support/accounts.ts';
import { peopleIn } from '../../../tests/support/people.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../index.ts';
import { verifyPassword } from '../sign-in/passwords.ts';

let graph: TestSubgraphs;
let accounts: Accounts;
const start = Date.parse('2026-03-01T12:00:00Z');
beforeAll(async () => {
  graph = await startTestSubgraphs([users], { now: () => start });
  accounts = accountsIn(graph);
});
beforeEach(async () => {
  await accounts.settings();
  await graph.runJobs();
});
afterAll(() => graph.close());

const jane = {
  email: 'Jane.Doe@Example.org',
  firstName: 'Jane',
  lastName: 'Doe',
  password: goodPassword,
  phoneNumber: '+32 2 555 12 12',
};
const available = async (email: string) =>
  accounts.ask('query ($email: String!) { emailAvailable(email: $email) }', { email });

describe('emailAvailable', () => {
  test('refuses what is no address, naming it', async () => {
    expect(await available('no address')).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'email' } });
  });

  test('tells whether an account has the address, in any letters', async () => {
    const { email } = await accounts.register();
    expect((await available(email.toUpperCase())).data).toEqual({ emailAvailable: false });
    expect((await available(`not-${email}`)).data).toEqual({ emailAvailable: true });
  });
});

describe('registerUser', () => {
  test.each([
    ['email', 'no-address'],
    ['email', 'one@example.org,two@example.org'],
    ['email', `${'a'.repeat(250)}@example.org`],
    ['firstName', ' '],
    ['firstName', 'x'.repeat(101)],
    ['lastName', ''],
    ['lastName', 'x'.repeat(101)],
    ['phoneNumber', ''],
    ['phoneNumber', '1'.repeat(51)],
    ['language', 'english'],
    ['timeZone', 'Europe/Atlantis'],
    ['password', 'short-1A'.slice(0, 7)],
    ['password', 'White Space 1'],
  ])('refuses %s %j and creates nothing', async (field, value) => {
    const before = (await graph.readLog()).length;
    const { code, details, data } = await accounts.call('registerUser', { ...jane, [field]: value });
    expect({ code, details, data }).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: `input.${field}`, code: 15 },
      data: null,
    });
    expect(await graph.readLog()).toHaveLength(before);
    expect(await graph.jobs.queued()).toEqual([]);
  });

  test('asks for what the password policy asks for', async () => {
    await accounts.settings({ passwordPolicy: { symbolRequired: true } });
    const { code, details } = await accounts.call('registerUser', { ...jane, password: 'SunnyDay1' });
    expect(code).toBe('BAD_USER_INPUT');
    expect(details).toEqual({ field: 'input.password', code: 15, rule: 'symbolRequired' });
  });

  test('refuses an address that another account has in other letters, and sends nothing', async () => {
    const { email } = await accounts.register({ activationMode: 'MANUAL' });
    const before = (await graph.readLog()).length;
    const { code, details } = await accounts.call('registerUser', { ...jane, email: email.toUpperCase() });
    expect({ code, details }).toEqual({ code: 'ALREADY_EXISTS', details: { field: 'input.email', code: 203 } });
    expect(await graph.readLog()).toHaveLength(before);
    expect(await graph.jobs.queued()).toEqual([]);
  });

  test('refuses a pin code while the settings do not allow it, and creates nothing', async () => {
    const email = 'pin@example.org';
    const { code, details } = await accounts.call('registerUser', { ...jane, email, activationMode: 'PIN_CODE' });
    expect(code).toBe('PIN_CODES_NOT_ENABLED');
    expect(details).toEqual({ field: 'input.activationMode', code: 218 });
    expect((await available(email)).data).toEqual({ emailAvailable: true });
  });

  test('creates an account without rights, keeps the password as argon2id alone, and tells', async () => {
    const { data, message } = await accounts.call('registerUser', {
      ...jane,
      language: 'nl',
      timeZone: 'Europe/Brussels',
    });
    expect(message).toBeUndefined();
    const { id } = data.user;
    expect(data.user).toEqual({
      id,
      email: 'jane.doe@example.org',
      firstName: 'Jane',
      lastName: 'Doe',
      language: 'NL',
      phoneNumber: jane.phoneNumber,
      timeZone: 'Europe/Brussels',
      activation: false,
    });
    const { passwordHash } = await accounts.user(id);
    expect(passwordHash).toMatch(/^\$argon2id\$/);
    expect(await verifyPassword(passwordHash ?? undefined, goodPassword)).toBe(true);
    expect(await accounts.told(id)).toEqual(['user_created']);
    expect(await peopleIn(graph).identityOf(id)).toMatchObject({ permissions: [], staff: [], patient: [] });
  });

  test('sends a mail with a hash, good for an hour, unless told', async () => {
    const { id, email } = await accounts.register();
    expect(await accounts.request(id, 'activation')).toMatchObject({
      mode: 'hash',
      secretHash: null,
      requestCount: 1,
      lastRequestAt: new Date(start),
      expiresAt: new Date(start + 60 * 60_000),
    });
    expect(await accounts.mails(email)).toEqual([
      expect.objectContaining({ secret: expect.stringMatching(/^[0-9a-f]{40}$/) }),
    ]);
  });

  test('sends a pin code, good for a quarter of an hour, where the settings allow it', async () => {
    await accounts.settings({ verification: { enablePinCodeActivationRequests: true } });
    const { id, email } = await accounts.register({ activationMode: 'PIN_CODE' });
    expect(await accounts.request(id, 'activation')).toMatchObject({
      mode: 'pin_code',
      expiresAt: new Date(start + 15 * 60_000),
    });
    expect(await accounts.secret(email)).toMatch(/^\d{8}$/);
  });

  test('sends nothing when told so', async () => {
    const { id, email } = await accounts.register({ activationMode: 'MANUAL' });
    expect(await accounts.request(id, 'activation')).toBeNull();
    expect(await accounts.mails(email)).toEqual([]);
  });

  test('creates the account without a mail where the settings switch the mail off', async () => {
    await accounts.settings({ mail: { disabled: ['ACTIVATION'] } });
    const { id, email } = await accounts.register();
    expect(await accounts.request(id, 'activation')).toBeNull();
    expect(await accounts.mails(email)).toEqual([]);
  });
});
