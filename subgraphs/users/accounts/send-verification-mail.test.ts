// The job that writes and sends mails, and where the secrets in them stand: in the mail, and nowhere else.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { type Accounts, accountsIn } from '../../../tests/support/accounts.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../index.ts';

const minute = 60_000;
const allPinCodes = { enablePinCodeActivationRequests: true, enablePinCodeForgotPasswordRequests: true };

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
beforeEach(async () => {
  await graph.runJobs();
  await accounts.settings();
});
afterAll(() => graph.close());

const activate = (hash: string) => accounts.call('activateUser', { hash });
/** What waits, to be run by hand as often as a crash would have it. */
const waiting = async () => (await graph.jobs.queued()).map(({ data }) => data);
const run = (data: Awaited<ReturnType<typeof waiting>>[number] | undefined) =>
  graph.jobs.run('users', 'sendVerificationMail', data);

/** Everything that the database holds in the schemas of this service and of the queues, but the outbox, as text. */
async function everythingStored(): Promise<string> {
  const tables = await graph.database.connection.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE schemaname IN ('users', 'pgboss', 'platform', 'events', 'public') AND tablename <> 'outbox_mails'`,
  );
  const rows = await Promise.all(
    tables.map(({ name }) => graph.database.connection.query<{ text: string }>(`SELECT t::text FROM ${name} t`)),
  );
  return JSON.stringify(rows);
}

describe('what is stored', () => {
  test.each(['HASH', 'PIN_CODE'] as const)(
    'never holds a secret by %s: neither table, nor queue, nor log',
    async (mode) => {
      await accounts.settings({ verification: allPinCodes });
      const { id, email } = await accounts.register({ activationMode: mode });
      expect(await everythingStored()).toContain(id);
      const [job] = await waiting();
      await run(job);
      // Still queued, as after a crash.
      const [, again] = [await waiting(), await accounts.mails(email)];
      const secrets = again.map(({ secret }) => secret);
      expect(new Set(secrets).size).toBe(2);
      const stored = await everythingStored();
      for (const secret of secrets) expect(stored).not.toContain(secret);
      await accounts.call('activateUser', mode === 'HASH' ? { hash: secrets[0] } : { email, pinCode: secrets[0] });
      expect((await accounts.user(id)).activation).toBe(true);
      for (const secret of secrets) expect(await everythingStored()).not.toContain(secret);
    },
  );

  test('of a pin code cannot be found by trying them all without the key', async () => {
    await accounts.settings({ verification: allPinCodes });
    const [jane, ann] = [
      await accounts.register({ activationMode: 'PIN_CODE' }),
      await accounts.register({ activationMode: 'PIN_CODE' }),
    ];
    const pinCode = await accounts.secret(jane.email);
    const { secretHash, id } = (await accounts.request(jane.id, 'activation')) ?? {};
    const { createHash } = await import('node:crypto');
    for (const text of [pinCode, `${id} ${pinCode}`]) {
      expect(createHash('sha256').update(text).digest('hex')).not.toBe(secretHash);
    }
    // One that was stolen by writing it into another request opens nothing there.
    const { db } = graph.database.forService<'verificationRequest'>('users');
    await db.verificationRequest.updateMany({ where: { userId: ann.id }, data: { secretHash: secretHash ?? null } });
    expect((await accounts.call('activateUser', { email: ann.email, pinCode })).code).toBe('INCORRECT_PIN_CODE');
  });
});

describe('a mail', () => {
  test('is not sent when its kind was switched off meanwhile', async () => {
    const { email } = await accounts.register();
    await accounts.settings({ mail: { disabled: ['ACTIVATION'] } });
    expect(await accounts.mails(email)).toEqual([]);
  });

  test('is sent once when its request was renewed meanwhile, for the last initiation', async () => {
    const { email } = await accounts.register();
    const [first] = await waiting();
    pass(5 * minute);
    await accounts.call('requestActivation', { email });
    const mails = await accounts.mails(email);
    expect(mails).toHaveLength(1);
    await run(first);
    expect(await accounts.mails(email)).toHaveLength(1);
    expect((await activate(mails[0]?.secret ?? '')).data).toEqual({ activated: true });
  });

  test('is not sent when its request was closed, forgotten or replaced meanwhile, nor when its user is gone', async () => {
    const used = await accounts.register();
    const [usedJob] = await waiting();
    await activate(await accounts.secret(used.email));
    await run(usedJob);
    expect(await accounts.mails(used.email)).toHaveLength(1);

    const forgotten = await accounts.register();
    const { id } = (await accounts.request(forgotten.id, 'activation')) ?? {};
    const admin = { userId: newId(), permissions: ['DELETE_ACTIVATION_REQUEST'] };
    await accounts.call('deleteActivationRequest', { id }, admin);
    await accounts.call('requestActivation', { email: forgotten.email });
    expect(await accounts.mails(forgotten.email)).toHaveLength(1);

    const moved = await accounts.register();
    const email = `${newId()}@example.org`;
    await accounts.call('updateEmail', { userId: moved.id, email }, { userId: moved.id });
    expect(await accounts.mails(moved.email)).toEqual([]);
    expect(await accounts.mails(email)).toHaveLength(1);

    const gone = await accounts.register();
    const { db } = graph.database.forService<'user'>('users');
    await db.user.delete({ where: { id: gone.id } });
    expect(await accounts.mails(gone.email)).toEqual([]);
  });

  test('of a second attempt holds a new secret, and makes the first worth nothing', async () => {
    const { email } = await accounts.register();
    const [job] = await waiting();
    await run(job);
    const { db } = graph.database.forService<'outboxMail'>('users');
    const [first] = await db.outboxMail.findMany({ where: { to: email } });
    const [second] = await accounts.mails(email);
    const hash = /\b[0-9a-f]{40}\b/.exec(first?.text ?? '')?.[0] ?? '';
    expect((await activate(hash)).code).toBe('ACTIVATION_UNKNOWN');
    expect((await activate(second?.secret ?? '')).data).toEqual({ activated: true });
  });

  test('is good for its time from the moment it is made, however long it waited', async () => {
    const { id, email } = await accounts.register();
    pass(180 * minute);
    const hash = await accounts.secret(email);
    expect(await accounts.request(id, 'activation')).toMatchObject({ expiresAt: new Date(time + 60 * minute) });
    pass(60 * minute - 1);
    expect((await activate(hash)).data).toEqual({ activated: true });
  });

  test('of a later attempt is good until the first would have been, says so, and is not sent after that', async () => {
    const { id, email } = await accounts.register();
    const [job] = await waiting();
    const [first] = await accounts.mails(email);
    const { expiresAt } = (await accounts.request(id, 'activation')) ?? {};
    pass(43 * minute);
    await run(job);
    const [second] = await accounts.mails(email);
    expect(first?.text).toContain('60');
    expect(second?.text).toContain('17');
    expect(await accounts.request(id, 'activation')).toMatchObject({ expiresAt });
    pass(16 * minute + 1);
    await run(job);
    expect(await accounts.mails(email)).toHaveLength(2);
  });

  test('goes to whom it is for, in their language', async () => {
    const [english, dutch] = [await accounts.register(), await accounts.register({ language: 'nl' })];
    const [one] = await accounts.mails(english.email);
    const [other] = await accounts.mails(dutch.email);
    expect(one?.text).toContain('Jane');
    expect(other?.subject).not.toBe(one?.subject);
  });
});

test.each([
  ['ACTIVATION', 'HASH'],
  ['ACTIVATION_PIN', 'PIN_CODE'],
])('registering and asking again send %s', async (kind, mode) => {
  await accounts.settings({ verification: allPinCodes });
  const { email } = await accounts.register({ activationMode: mode });
  pass(5 * minute);
  await accounts.call('requestActivation', { email, mode });
  expect(await waiting()).toMatchObject([{ kind }, { kind }]);
});

test.each([
  ['', 'HASH'],
  ['_PIN', 'PIN_CODE'],
])('a changed address, a lost password and an undone link send kinds of their own%s', async (suffix, mode) => {
  const disabled = mode === 'HASH' ? [] : ['OIDC_UNLINK'];
  await accounts.settings({ verification: allPinCodes, mail: { disabled } });
  const { id, email } = await accounts.activated();
  await accounts.call('requestPasswordReset', { email, mode });
  const input = { providerId: newId(), subjectId: newId() };
  const link = 'mutation ($id: ID!, $input: OidcSubjectInput!) { linkOidcSubject(userId: $id, input: $input) }';
  await accounts.asService(link, { id, input });
  await accounts.asService('mutation ($id: ID!) { unlinkOidcSubject(userId: $id) }', { id });
  const update = { userId: id, email: `${newId()}@example.org`, activationMode: mode };
  await accounts.call('updateEmail', update, { userId: id });
  const kinds = (await waiting()).map(({ kind }) => kind);
  expect(kinds).toEqual([`PASSWORD_RESET${suffix}`, `OIDC_UNLINK${suffix}`, `REACTIVATION${suffix}`]);
});
