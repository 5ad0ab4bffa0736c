// Mail where no SMTP server is configured: kept, listed for a developer, and for nobody else.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../../../operations/servers/throwaway-process.ts';
import { readConfig } from '../../../platform/config.ts';
import type { IdentityData } from '../../../platform/identity/identity.ts';
import { newId } from '../../../platform/ids.ts';
import { StartError } from '../../../platform/start-error.ts';
import { startSmtp } from '../../../tests/support/smtp.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../index.ts';
import type { UsersDatabase } from '../store.ts';
import type { Mail } from './mailer.ts';
import { openMailer } from './open-mailer.ts';

const query =
  'query ($to: String, $first: Int) { outbox(to: $to, first: $first) { id to subject text html createdAt } }';
const reader: IdentityData = { userId: newId(), permissions: ['VIEW_MAILS'] };

function mailTo(to: string, more: Partial<Mail> = {}): Mail {
  return { id: newId(), to, subject: 'Hello', text: 'A text', html: '<p>A text</p>', ...more };
}

let graph: TestSubgraphs;
let database: UsersDatabase;

beforeAll(async () => {
  graph = await startTestSubgraphs([users]);
  database = graph.database.forService('users');
});
afterAll(() => graph.close());

function mailer(environment: Record<string, string> = {}, warnings: unknown[] = []) {
  const log = { warn: (...entry: unknown[]) => warnings.push(entry) };
  return openMailer({ config: readConfig(environment), database, log });
}

async function outbox(variables: object = {}, identity: IdentityData = reader) {
  const { data, errors } = await graph.execute('users', { query, variables: { ...variables }, identity });
  return errors === undefined ? data.outbox : errors.map(({ extensions }) => extensions);
}

describe('the query outbox', () => {
  test('is refused to anybody without VIEW_MAILS', async () => {
    expect(await outbox({}, {})).toMatchObject([{ code: 'UNAUTHENTICATED' }]);
    const staff = { groupId: newId(), permissions: ['VIEW_MAILS'] };
    for (const identity of [{ userId: newId() }, { userId: newId(), staff: [staff] }]) {
      expect(await outbox({}, identity)).toMatchObject([{ code: 'FORBIDDEN', details: { permission: 'VIEW_MAILS' } }]);
    }
  });

  test.each([
    ['in production', { NODE_ENV: 'production' }],
    ['where other processes run services', { SUBGRAPH_URLS: 'data=http://127.0.0.1:4001' }],
  ])('is refused to everybody %s, and there is no page', async (_where, environment) => {
    const other = await startTestSubgraphs([users], { environment });
    const { errors } = await other.execute('users', { query, identity: reader });
    await other.close();
    expect(errors?.map(({ extensions }) => extensions)).toEqual([{ code: 'ILLEGAL_STATE' }]);
    expect(other.subgraph('users').parts.routes).toBeUndefined();
  });

  test('names the argument at fault', async () => {
    expect(await outbox({ first: -1 })).toMatchObject([{ code: 'BAD_USER_INPUT', details: { field: 'first' } }]);
    expect(await outbox({ to: 'ann\u0000@example.org' })).toEqual([]);
  });

  test('gives the newest first, by address in any case, as many as asked', async () => {
    const to = `${newId()}@example.org`;
    const mails = [mailTo(to), mailTo('someone@example.org'), mailTo(to, { subject: "It's <new> $1" })];
    for (const mail of mails) await mailer().send(mail);
    const [first, , third] = mails;
    expect(await outbox({ to: to.toUpperCase() })).toEqual(
      [third, first].map((mail) => ({ ...mail, createdAt: expect.anything() })),
    );
    expect(await outbox({ to, first: 1 })).toMatchObject([{ id: third?.id }]);
    expect(await outbox({ to, first: 0 })).toEqual([]);
    expect(await outbox({ to: 'nobody@example.org' })).toEqual([]);
    expect((await outbox()).slice(0, 2)).toMatchObject([{ id: third?.id }, { to: 'someone@example.org' }]);
  });
});

describe('the outbox', () => {
  test('has a mail that comes twice once', async () => {
    const mail = mailTo(`${newId()}@example.org`);
    await mailer().send(mail);
    await mailer().send({ ...mail, subject: 'Again' });
    expect(await outbox({ to: mail.to })).toMatchObject([{ subject: 'Hello' }]);
  });

  test('keeps the newest 1,000', async () => {
    const { db } = database;
    await db.outboxMail.deleteMany();
    await db.outboxMail.createMany({
      data: Array.from({ length: 1_200 }, (_, index) => mailTo(`${index}@example.org`)),
    });
    const last = mailTo('last@example.org');
    await mailer().send(last);
    const kept = await db.outboxMail.findMany({ orderBy: { id: 'asc' }, select: { to: true } });
    expect(kept).toHaveLength(1_000);
    expect(kept[0]).toEqual({ to: '201@example.org' });
    expect(kept.at(-1)).toEqual({ to: last.to });
    await mailer().send(mailTo('later@example.org'));
    expect(await db.outboxMail.count()).toBe(1_000);
  });
});

describe('the mailer', () => {
  test('does not start with an SMTP_URL that cannot be used', () => {
    expect(() => mailer({ SMTP_URL: 'smtp://mail.example.org?logger=true' })).toThrow(StartError);
  });

  test('says in production that mail is not sent, and keeps it', async () => {
    const warnings: unknown[] = [];
    const opened = mailer({ NODE_ENV: 'production' }, warnings);
    expect(warnings).toEqual([[{}, expect.stringContaining('SMTP_URL is not set')]]);
    const mail = mailTo(`${newId()}@example.org`);
    await opened.send(mail);
    expect(await outbox({ to: mail.to })).toHaveLength(1);
  });

  test.each<Record<string, string>>([
    { NODE_ENV: 'development' },
    { NODE_ENV: 'production', SMTP_URL: 'smtp://127.0.0.1:1' },
  ])('says nothing with %j', async (environment) => {
    const warnings: unknown[] = [];
    await mailer(environment, warnings).close();
    expect(warnings).toEqual([]);
  });

  test('with SMTP_URL, sends to a server that comes after it, and keeps nothing', async () => {
    const port = await freePort();
    const opened = mailer({ SMTP_URL: `smtp://127.0.0.1:${port}`, MAIL_FROM: 'Clinic <clinic@example.org>' });
    const mail = mailTo(`${newId()}@example.org`);
    await expect(opened.send(mail)).rejects.toThrow('The mail server did not take a mail');
    const smtp = await startSmtp({ port });
    await opened.send(mail);
    expect(await smtp.waitForMail(mail.to)).toMatchObject({ from: { name: 'Clinic', address: 'clinic@example.org' } });
    await opened.close();
    await smtp.stop();
    expect(await outbox({ to: mail.to })).toEqual([]);
  });
});
