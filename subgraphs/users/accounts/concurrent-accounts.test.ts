// Accounts that several change at the same time, which only a server with many connections can show.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type PostgresServer, startPostgres } from '../../../operations/servers/postgres.ts';
import { newId } from '../../../platform/ids.ts';
import { type Accounts, accountsIn, goodPassword } from '../../../tests/support/accounts.ts';
import { describeOnServers } from '../../../tests/support/describe-on-servers.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../index.ts';
import type { UsersDatabase } from '../store.ts';
import { lockAccount } from './store.ts';

const newPassword = 'Rainy-Day-2';
const pinCodes = {
  verification: { enablePinCodeActivationRequests: true, enablePinCodeForgotPasswordRequests: true },
};
const link = 'mutation ($userId: ID!, $input: OidcSubjectInput!) { linkOidcSubject(userId: $userId, input: $input) }';
const signIn = `mutation ($input: OidcSubjectInput!) {
  authenticateWithOidc(input: $input) { userId credentialVersion }
}`;

describeOnServers('accounts that change at the same time', ['postgres'], () => {
  let server: PostgresServer;
  let graph: TestSubgraphs;
  let accounts: Accounts;
  beforeAll(async () => {
    server = await startPostgres();
    graph = await startTestSubgraphs([users], { databaseUrl: await server.createDatabase() });
    accounts = accountsIn(graph);
  }, 300_000);
  beforeEach(() => accounts.settings());
  afterAll(async () => {
    await graph?.close();
    await server?.stop();
  });

  const times = <T>(count: number, work: (each: number) => Promise<T>) =>
    Promise.all(Array.from({ length: count }, (_, each) => work(each)));
  const codes = (answers: readonly { readonly code: unknown }[]) => answers.map(({ code }) => code ?? 'done').sort();
  const both = (one: string, other: string, count: number) => [one, ...Array(count - 1).fill(other)].sort();

  test('one address gets one account, however many register it', async () => {
    const email = `${newId()}@example.org`;
    const person = { firstName: 'Jane', lastName: 'Doe', password: goodPassword, phoneNumber: '1' };
    const answers = await times(8, (each) =>
      accounts.call('registerUser', { ...person, email: each % 2 === 0 ? email : email.toUpperCase() }),
    );
    expect(codes(answers)).toEqual(both('done', 'ALREADY_EXISTS', 8));
    expect(await accounts.mails(email)).toHaveLength(1);
  });

  test('one address goes to one of those who change to it, and the others keep theirs', async () => {
    const people = await times(6, () => accounts.activated());
    const email = `${newId()}@example.org`;
    const answers = await Promise.all(
      people.map(({ id }) => accounts.call('updateEmail', { userId: id, email }, { userId: id })),
    );
    expect(codes(answers)).toEqual(both('done', 'ALREADY_EXISTS', 6));
    const rows = await Promise.all(people.map(({ id }) => accounts.user(id)));
    expect(rows.filter((row) => row.email === email)).toHaveLength(1);
    expect(rows.filter(({ activation }) => activation)).toHaveLength(5);
    expect(await accounts.mails(email)).toHaveLength(1);
  });

  test('many who ask for a mail at once get one', async () => {
    const { id, email } = await accounts.activated();
    const answers = await times(8, () => accounts.call('requestPasswordReset', { email }));
    expect(codes(answers)).toEqual(both('done', 'REQUEST_TOO_SOON', 8));
    expect(await accounts.request(id, 'password_reset')).toMatchObject({ requestCount: 1 });
    expect(await accounts.mails(email)).toHaveLength(1);
  });

  test.each([
    ['activateUser', 'activation'],
    ['resetPassword', 'password_reset'],
  ] as const)('many who guess at a pin code at once get three attempts: %s', async (name, purpose) => {
    await accounts.settings(pinCodes);
    const { id, email } =
      purpose === 'activation' ? await accounts.register({ activationMode: 'PIN_CODE' }) : await accounts.activated();
    if (purpose === 'password_reset') await accounts.call('requestPasswordReset', { email, mode: 'PIN_CODE' });
    const right = await accounts.secret(email);
    const answers = await times(12, (each) => {
      const pinCode = `${(Number(right) + 1 + each) % 100_000_000}`.padStart(8, '0');
      return accounts.call(name, { email, pinCode, ...(name === 'resetPassword' ? { newPassword } : {}) });
    });
    expect(codes(answers)).toEqual([
      ...Array(3).fill('INCORRECT_PIN_CODE'),
      ...Array(9).fill('TOO_MANY_FAILED_ATTEMPTS'),
    ]);
    expect(await accounts.request(id, purpose)).toMatchObject({ failedAttempts: 3 });
  });

  test('a hash that many use at once sets one password', async () => {
    const { id, email } = await accounts.activated();
    await accounts.call('requestPasswordReset', { email });
    const hash = await accounts.secret(email);
    const answers = await times(5, (each) =>
      accounts.call('resetPassword', { hash, newPassword: `${newPassword}${each}` }),
    );
    expect(codes(answers)).toEqual(both('done', 'NEW_PASSWORD_HASH_UNKNOWN', 5));
    expect((await accounts.user(id)).credentialVersion).toBe(2);
    expect((await accounts.told(id)).filter((type) => type === 'password_reset_completed')).toHaveLength(1);
  });

  test('first sign-ins of one subject make one account, whatever address each brings', async () => {
    const subject = { providerId: newId(), subjectId: newId() };
    const answers = await times(8, () =>
      accounts.asService(signIn, { input: { ...subject, email: `${newId()}@example.org` } }),
    );
    const ids = new Set(answers.map(({ data }) => data?.authenticateWithOidc.userId));
    expect(ids.size).toBe(1);
    const [id = ''] = ids;
    expect(await accounts.told(id)).toEqual(['user_created', 'user_oidc_linked']);
  });

  test('a subject goes to one of those who link it, and a user gets one link', async () => {
    const people = await times(4, () => accounts.activated());
    const input = { providerId: newId(), subjectId: newId() };
    const answers = await Promise.all(people.map(({ id }) => accounts.asService(link, { userId: id, input })));
    expect(codes(answers)).toEqual(both('done', 'ALREADY_EXISTS', 4));
    const { id } = await accounts.activated();
    const several = await times(4, () =>
      accounts.asService(link, { userId: id, input: { providerId: newId(), subjectId: newId() } }),
    );
    expect(codes(several)).toEqual(both('done', 'ILLEGAL_STATE', 4));
    expect((await accounts.user(id)).credentialVersion).toBe(2);
  });

  test('a password that is reset while the account is being linked is not set', async () => {
    const { id, email } = await accounts.activated();
    await accounts.call('requestPasswordReset', { email });
    const hash = await accounts.secret(email);
    const database: UsersDatabase = graph.database.forService('users');
    const { reset } = await database.write(async (tx) => {
      await lockAccount(tx.db, { id });
      const reset = accounts.call('resetPassword', { hash, newPassword });
      await pause(500); // it has found the hash good, and waits for the lock
      await tx.db.oidcLink.create({ data: { userId: id, providerId: newId(), subjectId: newId() } });
      await tx.db.user.update({ where: { id }, data: { passwordHash: null } });
      return { reset };
    });
    expect((await reset).code).toBe('DISABLED_FOR_OIDC_USERS');
    expect((await accounts.user(id)).passwordHash).toBeNull();
  });

  test('an address that changes while its mail is being used is not confirmed by that', async () => {
    const { id, email: old } = await accounts.register();
    const hash = await accounts.secret(old);
    const email = `${newId()}@example.org`;
    const answers = await Promise.all([
      accounts.call('activateUser', { hash }),
      accounts.call('updateEmail', { userId: id, email }, { userId: id }),
    ]);
    expect(answers[1].code).toBeUndefined();
    expect(await accounts.user(id)).toMatchObject({ email, activation: false });
  });

  test('mails that are sent while their requests are renewed, used and forgotten leave nobody without a good one', async () => {
    await accounts.settings({ verification: { limitHashActivationRequests: false } });
    const { id, email } = await accounts.register();
    await times(6, async (each) => {
      if (each % 2 === 0) await accounts.call('requestActivation', { email });
      else await graph.jobs.run('users', 'sendVerificationMail', (await graph.jobs.queued())[0]?.data);
    });
    expect((await accounts.call('activateUser', { hash: await accounts.secret(email) })).data).toEqual({
      activated: true,
    });
    expect((await accounts.user(id)).activation).toBe(true);
  });
});
