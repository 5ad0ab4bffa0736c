// Links to OpenID Connect providers: signing in by them, making them, and undoing them. `auth` has proven who asks.
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

const operations = {
  authenticateWithOidc: `mutation ($input: OidcSubjectInput!) {
    authenticateWithOidc(input: $input) { userId credentialVersion }
  }`,
  linkOidcSubject:
    'mutation ($userId: ID!, $input: OidcSubjectInput!) { linkOidcSubject(userId: $userId, input: $input) }',
  unlinkOidcSubject: 'mutation ($userId: ID!) { unlinkOidcSubject(userId: $userId) }',
  oidcLinkedUsers: 'query ($providerId: ID!) { oidcLinkedUsers(providerId: $providerId) }',
};
const run = async (name: keyof typeof operations, variables: Record<string, unknown>) => {
  const answer = await accounts.asService(operations[name], variables);
  return { ...answer, data: answer.data?.[name] ?? null };
};
const signIn = (input: object) => run('authenticateWithOidc', { input });
const link = (userId: string, input: object) => run('linkOidcSubject', { userId, input });
const unlink = (userId: string) => run('unlinkOidcSubject', { userId });
const subject = () => ({ providerId: newId(), subjectId: newId() });
const address = () => `${newId()}@example.org`;
const linkOf = (userId: string) =>
  graph.database.forService<'oidcLink'>('users').db.oidcLink.findUnique({ where: { userId } });
const accessVersion = async (userId: string) => Number((await graph.database.accessVersions([userId]))[0]);

test.each(Object.entries(operations))('%s is for services only', async (_name, query) => {
  const variables = { userId: newId(), providerId: newId(), input: subject() };
  const used = Object.fromEntries(Object.entries(variables).filter(([name]) => query.includes(`$${name}:`)));
  const admin = { userId: newId(), permissions: ['UNLINK_USER_FROM_OIDC'] };
  expect(await accounts.ask(query, used, admin)).toMatchObject({ code: 'FORBIDDEN' });
});

describe('authenticateWithOidc', () => {
  test.each([
    [{ providerId: 'google' }, 'providerId'],
    [{ subjectId: '' }, 'subjectId'],
    [{ subjectId: 'x'.repeat(256) }, 'subjectId'],
    [{ email: undefined }, 'email'],
    [{ email: 'no address' }, 'email'],
  ])('refuses %j of somebody new', async (part, field) => {
    expect(await signIn({ ...subject(), email: address(), ...part })).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: `input.${field}` },
    });
  });

  test('refuses an address of another account, which is not linked by that', async () => {
    const { id, email } = await accounts.activated();
    const who = subject();
    expect(await signIn({ ...who, email: email.toUpperCase(), emailVerified: true })).toMatchObject({
      code: 'ALREADY_EXISTS',
      details: { field: 'input.email', code: 203 },
    });
    expect(await linkOf(id)).toBeNull();
    expect((await run('oidcLinkedUsers', { providerId: who.providerId })).data).toBe(0);
  });

  test('makes an account without a password at the first sign-in, and tells', async () => {
    const who = subject();
    const email = address();
    const names = { firstName: 'Jane', lastName: 'Doe' };
    const { data } = await signIn({ ...who, email: email.toUpperCase(), emailVerified: true, ...names });
    expect(data).toEqual({ userId: expect.any(String), credentialVersion: 1 });
    expect(await accounts.user(data.userId)).toMatchObject({
      email,
      ...names,
      activation: true,
      language: 'EN',
      phoneNumber: null,
      passwordHash: null,
    });
    expect(await linkOf(data.userId)).toMatchObject(who);
    expect(await accounts.told(data.userId)).toEqual(['user_created', 'user_oidc_linked']);
    expect(await graph.jobs.queued()).toEqual([]);
  });

  test('does not take an address for confirmed that the provider has not checked', async () => {
    const { data } = await signIn({ ...subject(), email: address() });
    expect((await accounts.user(data.userId)).activation).toBe(false);
  });

  test.each([
    [{}, { firstName: 'jane', lastName: '' }],
    [
      { firstName: ' ', lastName: 'a\0b' },
      { firstName: 'jane', lastName: '' },
    ],
    [
      { firstName: '😀'.repeat(101), lastName: ' Doe ' },
      { firstName: '😀'.repeat(100), lastName: 'Doe' },
    ],
  ])('makes do with the names that the provider tells: %j', async (names, stored) => {
    const { data } = await signIn({ ...subject(), email: `jane@${newId()}.example.org`, ...names });
    expect(await accounts.user(data.userId)).toMatchObject(stored);
  });

  test('knows a linked user again, whatever the provider says of address and names by then', async () => {
    const who = subject();
    const email = address();
    const first = await signIn({ ...who, email, firstName: 'Jane' });
    const again = await signIn({ ...who, email: address(), firstName: 'Other', emailVerified: true });
    expect(again).toEqual(first);
    expect(await signIn(who)).toEqual(first);
    expect(await accounts.user(first.data.userId)).toMatchObject({ email, firstName: 'Jane', activation: false });
    expect((await signIn({ ...who, providerId: newId(), email: address() })).data.userId).not.toBe(first.data.userId);
  });
});

describe('linkOidcSubject', () => {
  test('refuses an unknown user, an id that is none, and a subject that cannot be', async () => {
    expect(await link(newId(), subject())).toMatchObject({ code: 'NOT_FOUND', details: { field: 'userId', code: 16 } });
    expect(await link('me', subject())).toMatchObject({ details: { field: 'userId', code: 12 } });
    const { id } = await accounts.activated();
    expect(await link(id, { ...subject(), subjectId: '' })).toMatchObject({ details: { field: 'input.subjectId' } });
  });

  test('refuses who is linked already, and a subject of somebody else; nothing changes', async () => {
    const [jane, ann] = [await accounts.activated(), await accounts.activated()];
    const who = subject();
    await link(jane.id, who);
    expect(await link(jane.id, subject())).toMatchObject({ code: 'ILLEGAL_STATE', details: { code: 27 } });
    expect(await link(ann.id, who)).toMatchObject({
      code: 'ALREADY_EXISTS',
      details: { field: 'input.subjectId', code: 17 },
    });
    expect(await linkOf(jane.id)).toMatchObject(who);
    expect(await accounts.user(ann.id)).toMatchObject({ credentialVersion: 1, passwordHash: expect.any(String) });
    expect(await accessVersion(ann.id)).toBe(0);
  });

  test('takes the password away, ends everything that was started before, and tells', async () => {
    const { id } = await accounts.activated();
    const who = subject();
    const version = await accessVersion(id);
    expect(await link(id, who)).toMatchObject({ data: true, code: undefined });
    expect(await accounts.user(id)).toMatchObject({ passwordHash: null, credentialVersion: 2 });
    expect(await accessVersion(id)).toBe(version + 1);
    expect((await signIn(who)).data).toEqual({ userId: id, credentialVersion: 2 });
    expect((await run('oidcLinkedUsers', { providerId: who.providerId })).data).toBe(1);
    const told = (await graph.readLog()).at(-1);
    expect(told).toMatchObject({ type: 'user_oidc_linked', content: { userId: id, providerId: who.providerId } });
    expect(JSON.stringify(told?.content)).not.toContain(who.subjectId);
  });
});

describe('unlinkOidcSubject', () => {
  const linked = async () => {
    const [account, who] = [await accounts.activated(), subject()];
    await link(account.id, who);
    return { ...account, ...who };
  };

  test('refuses an unknown user, and an id that is none', async () => {
    expect(await unlink(newId())).toMatchObject({ code: 'NOT_FOUND', details: { field: 'userId', code: 16 } });
    expect(await unlink('me')).toMatchObject({ details: { field: 'userId', code: 12 } });
  });

  test('touches nothing where there is no link', async () => {
    const { id } = await accounts.activated();
    await accounts.settings({ mail: { disabled: ['OIDC_UNLINK'] } });
    expect(await unlink(id)).toMatchObject({ data: false, code: undefined });
    expect(await accounts.user(id)).toMatchObject({ credentialVersion: 1 });
    expect(await accessVersion(id)).toBe(0);
    expect(await accounts.request(id, 'password_reset')).toBeNull();
    expect(await accounts.told(id)).toEqual(['user_created']);
  });

  test.each([
    ['by hash, where pin codes are not allowed', { mail: { disabled: ['OIDC_UNLINK'] } }],
    [
      'by both',
      {
        mail: { disabled: ['OIDC_UNLINK', 'OIDC_UNLINK_PIN'] },
        verification: { enablePinCodeForgotPasswordRequests: true },
      },
    ],
  ])('refuses while the settings switch the mail off: %s; nothing changes', async (_which, settings) => {
    const { id, providerId } = await linked();
    const version = await accessVersion(id);
    await accounts.settings(settings);
    expect(await unlink(id)).toMatchObject({ code: 'ILLEGAL_STATE', details: { code: 27 } });
    expect(await linkOf(id)).toMatchObject({ providerId });
    expect((await accounts.user(id)).credentialVersion).toBe(2);
    expect(await accessVersion(id)).toBe(version);
  });

  test('ends everything that was started before, sends a mail to set a password, and tells', async () => {
    const { id, email, providerId, subjectId } = await linked();
    const version = await accessVersion(id);
    expect(await unlink(id)).toMatchObject({ data: true, code: undefined });
    expect(await linkOf(id)).toBeNull();
    expect((await accounts.user(id)).credentialVersion).toBe(3);
    expect(await accessVersion(id)).toBe(version + 1);
    expect((await graph.readLog()).at(-1)).toMatchObject({
      type: 'user_oidc_unlinked',
      content: { userId: id, providerId },
    });
    expect((await signIn({ providerId, subjectId, email })).code).toBe('ALREADY_EXISTS');
    const hash = await accounts.secret(email);
    const newPassword = 'Rainy-Day-2';
    expect((await accounts.call('resetPassword', { hash, newPassword })).data).toEqual({ reset: true });
    expect((await accounts.user(id)).passwordHash).toMatch(/^\$argon2id\$/);
    expect(await unlink(id)).toMatchObject({ data: false });
  });

  test('sends a pin code where only that is sent', async () => {
    const { id, email } = await linked();
    await accounts.settings({
      mail: { disabled: ['OIDC_UNLINK'] },
      verification: { enablePinCodeForgotPasswordRequests: true },
    });
    expect((await unlink(id)).data).toBe(true);
    const pinCode = await accounts.secret(email);
    const input = { email, pinCode, newPassword: 'Rainy-Day-2' };
    expect((await accounts.call('resetPassword', input)).data).toEqual({ reset: true });
  });

  const linkedUnconfirmed = async () => {
    const email = address();
    const { data } = await signIn({ ...subject(), email });
    return { id: data.userId as string, email };
  };

  test.each([
    ['to confirm the address', { mail: { disabled: ['ACTIVATION'] } }],
    ['to set a password', { mail: { disabled: ['OIDC_UNLINK'] } }],
  ])(
    'refuses for an unconfirmed address while the mail %s is switched off; nothing changes',
    async (_what, settings) => {
      const { id } = await linkedUnconfirmed();
      await accounts.settings(settings);
      expect(await unlink(id)).toMatchObject({ code: 'ILLEGAL_STATE', details: { code: 27 } });
      expect(await linkOf(id)).not.toBeNull();
      expect((await accounts.user(id)).credentialVersion).toBe(1);
      for (const purpose of ['activation', 'password_reset'] as const) {
        expect(await accounts.request(id, purpose)).toBeNull();
      }
      expect(await graph.jobs.queued()).toEqual([]);
    },
  );

  test('sends who has not confirmed the address both mails: to do so first, and to set the password then', async () => {
    const { id, email } = await linkedUnconfirmed();
    await unlink(id);
    const mails = await accounts.mails(email);
    expect(mails.map(({ subject: line }) => line).sort()).toEqual([
      'Please confirm your e-mail address',
      'The way you sign in has changed',
    ]);
    const secret = (line: string) => mails.find((mail) => mail.subject === line)?.secret;
    const reset = { hash: secret('The way you sign in has changed'), newPassword: 'Rainy-Day-2' };
    expect(await accounts.call('resetPassword', reset)).toMatchObject({
      code: 'NOT_ACTIVATED',
      details: { code: 204 },
      message: expect.stringContaining('requestActivation'),
    });
    expect((await accounts.user(id)).passwordHash).toBeNull();
    const activation = { hash: secret('Please confirm your e-mail address') };
    expect((await accounts.call('activateUser', activation)).data).toEqual({ activated: true });
    expect((await accounts.call('resetPassword', reset)).data).toEqual({ reset: true });
    expect(await accounts.user(id)).toMatchObject({ activation: true, passwordHash: expect.any(String) });
  });

  test('sends pin codes where only those are sent, also to confirm the address', async () => {
    const { id, email } = await linkedUnconfirmed();
    await accounts.settings({
      mail: { disabled: ['OIDC_UNLINK', 'ACTIVATION'] },
      verification: { enablePinCodeForgotPasswordRequests: true, enablePinCodeActivationRequests: true },
    });
    expect((await unlink(id)).data).toBe(true);
    expect(await accounts.request(id, 'activation')).toMatchObject({ mode: 'pin_code', requestCount: 1 });
    expect((await accounts.mails(email)).map(({ secret }) => secret)).toEqual([
      expect.stringMatching(/^\d{8}$/),
      expect.stringMatching(/^\d{8}$/),
    ]);
  });
});
