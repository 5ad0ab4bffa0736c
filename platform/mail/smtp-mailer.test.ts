// Mail as a mail server gets it, over SMTP itself.
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { freePort } from '../../operations/servers/throwaway-process.ts';
import { type SmtpTestOptions, startSmtp, type SmtpServer as TestServer } from '../../tests/support/smtp.ts';
import { newId } from '../ids.ts';
import type { Sender } from './sender.ts';
import type { OutgoingMail, SmtpMailer } from './smtp-mailer.ts';
import { createSmtpMailer } from './smtp-mailer.ts';
import { parseSmtpUrl } from './smtp-server.ts';

const clinic: Sender = { name: 'The Clinic', address: 'no-reply@clinic.example' };

function mailTo(to: string, more: Partial<OutgoingMail> = {}): OutgoingMail {
  return { id: newId(), to, subject: 'Hello', text: 'A text\n', html: '<p>A text</p>', ...more };
}

const logged: unknown[] = [];
const closing: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  logged.length = 0;
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function mailer(url: string, from = clinic): SmtpMailer {
  const log = { warn: (...entry: unknown[]) => logged.push(entry) };
  const opened = createSmtpMailer({ server: parseSmtpUrl(url), from, log });
  closing.push(() => opened.close());
  return opened;
}

async function server(options: SmtpTestOptions = {}): Promise<TestServer> {
  const started = await startSmtp(options);
  closing.push(() => started.stop());
  return started;
}

/** Everything that a log or the database would hold of an error. */
function told(error: unknown): string {
  const { name, message, stack, cause } = error as Error;
  return JSON.stringify({ ...(error as object), name, message, stack, cause });
}

async function failureOf(sending: Promise<void>): Promise<Error & { code: string }> {
  return sending.then(
    () => {
      throw new Error('it was taken');
    },
    (error) => error,
  );
}

describe('a mail server that does not take a mail', () => {
  test.each([
    ['the recipient for now', 'RCPT', { code: 451, text: '4.7.1 Greylisted, ann@example.org' }],
    ['the message for now', 'DATA', { code: 452, text: '4.3.1 No space for ann@example.org' }],
    ['the sender', 'MAIL', { code: 550, text: '5.7.1 Not from no-reply@clinic.example' }],
    ['who may relay', 'RCPT', { code: 554, text: '5.7.1 Relaying to ann@example.org denied' }],
    ['the order of commands', 'DATA', { code: 503, text: '5.5.1 Bad sequence, ann@example.org' }],
  ] as const)('%s: it is tried again', async (_what, stage, answer) => {
    const smtp = await server();
    const sender = mailer(smtp.url);
    smtp.fail(1, answer, stage);
    const mail = mailTo('ann@example.org');
    const error = await failureOf(sender.send(mail));
    expect(error).toMatchObject({ name: 'SmtpError', message: expect.stringContaining(`${answer.code}`) });
    expect(told(error)).not.toMatch(/ann@|no-reply@|Greylisted/);
    await sender.send(mail);
    expect(smtp.mails()).toHaveLength(1);
    expect(logged).toEqual([]);
  });

  test.each([
    ['that there is nobody', 'RCPT', { code: 550, text: '5.1.1 ann@example.org is unknown' }],
    ['that there is nobody, briefly', 'RCPT', { code: 550, text: 'No ann@example.org here' }],
    ['that a box is closed', 'RCPT', { code: 552, text: '5.2.2 ann@example.org is full' }],
    ['the message for good', 'DATA', { code: 554, text: '5.6.0 Not for ann@example.org' }],
  ] as const)('and says %s: it is given up, and the log says so without the address', async (_what, stage, answer) => {
    const smtp = await server();
    const mail = mailTo('ann@example.org');
    smtp.fail(1, answer, stage);
    await mailer(smtp.url).send(mail);
    expect(smtp.mails()).toEqual([]);
    expect(logged).toEqual([
      [
        expect.objectContaining({ mail: mail.id, failure: expect.objectContaining({ reply: answer.code }) }),
        expect.any(String),
      ],
    ]);
    expect(JSON.stringify(logged)).not.toContain('ann@');
  });

  test('the password is wrong: it is tried again, and the password is not told', async () => {
    const smtp = await server({ auth: { user: 'clinic', pass: 'the right one' } });
    const sender = mailer(smtp.url.replace('the%20right%20one', 'a-wrong-one'));
    const error = await failureOf(sender.send(mailTo('ann@example.org')));
    expect(error.code).toBe('EAUTH');
    expect(told(error)).not.toMatch(/wrong-one|YS13cm9uZy1vbmU|ann@/);
  });

  test('it is not there: it is tried again, and taken once the server has come', async () => {
    const port = await freePort();
    const sender = mailer(`smtp://127.0.0.1:${port}`);
    const mail = mailTo('ann@example.org');
    expect(await failureOf(sender.send(mail))).toMatchObject({ code: 'ECONNREFUSED' });
    const smtp = await server({ port });
    await sender.send(mail);
    expect(smtp.mails()).toHaveLength(1);
  });

  test('it went away and came back between two mails', async () => {
    const first = await server();
    const sender = mailer(first.url);
    await sender.send(mailTo('ann@example.org'));
    await first.stop();
    const second = await server({ port: first.port });
    await sender.send(mailTo('bea@example.org'));
    expect(second.mails().map(({ to }) => to)).toEqual([['bea@example.org']]);
  });

  test('it ends connections without a word', async () => {
    const rude = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve));
    closing.push(async () => rude.close());
    const address = rude.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const error = await failureOf(mailer(`smtp://127.0.0.1:${port}`).send(mailTo('ann@example.org')));
    expect(error.name).toBe('SmtpError');
  });

  test('it has no TLS though that is required', async () => {
    const smtp = await server();
    const error = await failureOf(mailer(`${smtp.url}?requireTLS=true`).send(mailTo('ann@example.org')));
    expect(error.name).toBe('SmtpError');
    expect(smtp.mails()).toEqual([]);
  });

  test('nobody vouches for its certificate, and that is asked for', async () => {
    const smtp = await server({ encryption: 'starttls' });
    const error = await failureOf(mailer(`${smtp.url}?tls.rejectUnauthorized=true`).send(mailTo('ann@example.org')));
    expect(error.code).toMatch(/CERT|SELF_SIGNED|ETLS/);
    expect(smtp.mails()).toEqual([]);
  });

  test('it knows no letters beyond ASCII in addresses: what it refuses is given up', async () => {
    const smtp = await server({ asciiOnly: true });
    smtp.fail(1, { code: 553, text: '5.6.7 No such letters' });
    await mailer(smtp.url).send(mailTo('用户@example.org'));
    expect(logged).toHaveLength(1);
  });
});

describe('an address that holds more than one', () => {
  test.each([
    'ann@example.org,eve@example.org',
    'ann@example.org\r\nRCPT TO:<eve@example.org>',
    'Ann <ann@example.org>',
  ])('%j gets nothing', async (to) => {
    const smtp = await server();
    await mailer(smtp.url).send(mailTo(to));
    expect(smtp.mails()).toEqual([]);
    expect(smtp.connections()).toBe(0);
    expect(JSON.stringify(logged)).not.toContain('ann@');
  });
});

describe('a mail', () => {
  test('does not come by headers of its own through its subject or the name of its sender', async () => {
    const smtp = await server();
    const from = { name: 'Clinic\r\nBcc: eve@example.org', address: clinic.address };
    const subject = 'Hello\r\nBcc: eve@example.org\r\n\r\n<p>Another text</p>';
    await mailer(smtp.url, from).send(mailTo('ann@example.org', { subject }));
    const mail = await smtp.waitForMail('ann@example.org');
    expect(mail.headers.bcc).toBeUndefined();
    expect(mail.envelope.to).toEqual(['ann@example.org']);
    expect(mail.text.trim()).toBe('A text');
    expect(mail.subject).not.toMatch(/[\r\n]/);
  });

  test('comes whole: text, HTML, and what tells machines what it is', async () => {
    const smtp = await server();
    const sender = mailer(smtp.url, { name: 'Praxis „Müller“, Köln', address: 'praxis@müller.example' });
    const text = 'Grüße\n\n.\nEine Zeile, die mit einem Punkt beginnt:\n.ja\n';
    const sent = mailTo('ann@example.org', {
      subject: 'Bitte bestätigen Sie: ✓',
      text,
      html: `<p>${'ü'.repeat(2_000)}</p>`,
    });
    const before = Date.now();
    await sender.send(sent);
    const mail = await smtp.waitForMail('ANN@example.org');
    expect(mail).toMatchObject({
      from: { name: 'Praxis „Müller“, Köln', address: 'praxis@xn--mller-kva.example' },
      to: ['ann@example.org'],
      subject: 'Bitte bestätigen Sie: ✓',
      envelope: { to: ['ann@example.org'] },
    });
    expect(mail.text.trim()).toBe(text.trim());
    expect(mail.html.trim()).toBe(`<p>${'ü'.repeat(2_000)}</p>`);
    expect(mail.headers).toMatchObject({
      'message-id': `<${sent.id}@xn--mller-kva.example>`,
      'auto-submitted': 'auto-generated',
    });
    expect(Math.abs(new Date(mail.headers.date ?? '').getTime() - before)).toBeLessThan(10_000);
    expect(Math.max(...Object.values(mail.headerCounts))).toBe(1);
  });

  test('that comes twice is recognised', async () => {
    const smtp = await server();
    const sender = mailer(smtp.url);
    const mail = mailTo('ann@example.org');
    await sender.send(mail);
    await sender.send(mail);
    const [first, second] = smtp.mails().map(({ headers }) => headers['message-id']);
    expect(first).toBe(`<${mail.id}@clinic.example>`);
    expect(second).toBe(first);
  });

  test('goes to addresses in any script', async () => {
    const smtp = await server();
    const sender = mailer(smtp.url);
    await sender.send(mailTo('用户@例子.广告'));
    await sender.send(mailTo('info@müller.example'));
    expect(smtp.mails().flatMap(({ to }) => to)).toEqual(['用户@例子.广告', 'info@xn--mller-kva.example']);
  });

  test('goes with the password, and over TLS where the server has it', async () => {
    const auth = { user: 'clinic@example.org', pass: 'p/@:% word' };
    for (const encryption of ['none', 'starttls', 'tls'] as const) {
      const smtp = await server({ auth, encryption });
      await mailer(smtp.url).send(mailTo('ann@example.org'));
      expect(smtp.mails().map(({ secure }) => secure)).toEqual([encryption !== 'none']);
    }
  });

  test('shares connections with others', async () => {
    const smtp = await server();
    const sender = mailer(smtp.url);
    expect(smtp.connections()).toBe(0);
    await Promise.all(Array.from({ length: 20 }, (_, index) => sender.send(mailTo(`ann${index}@example.org`))));
    expect(smtp.mails()).toHaveLength(20);
    expect(smtp.connections()).toBeLessThanOrEqual(3);
  });
});
