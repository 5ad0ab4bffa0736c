// A throwaway SMTP server on a free port of this machine, which keeps what it is given, parsed. It can ask for a user
// name and a password, offer TLS, and refuse what comes next.
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import PostalMime, { type Address } from 'postal-mime';
import type { SMTPServerSession } from 'smtp-server';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  /** As the headers say. */
  readonly from: { readonly name: string; readonly address: string };
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** By name in lower case; the first of each. */
  readonly headers: Readonly<Record<string, string>>;
  /** How often each header stands there, by name in lower case. */
  readonly headerCounts: Readonly<Record<string, number>>;
  /** Who SMTP itself was told it is from and for. */
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  /** Whether it came over TLS. */
  readonly secure: boolean;
  /** As it came. */
  readonly raw: string;
}

export interface SmtpServer {
  /** For SMTP_URL, with the password where there is one. */
  readonly url: string;
  readonly port: number;
  /** All that were taken, oldest first. */
  mails(): readonly ReceivedMail[];
  /** The next mail to the address that no call gave before; waits for it, at most 10 seconds unless told. */
  waitForMail(to: string, matches?: (mail: ReceivedMail) => boolean, milliseconds?: number): Promise<ReceivedMail>;
  /** Answers the next attempts with this code: to the recipient unless told. */
  fail(times: number, answer: number | { readonly code: number; readonly text: string }, at?: SmtpStage): void;
  /** How many connections were made. */
  connections(): number;
  /** Ends the connections and listens no more. */
  stop(): Promise<void>;
}

export type SmtpStage = 'MAIL' | 'RCPT' | 'DATA';

export interface SmtpTestOptions {
  /** To be where another one was. A free one unless told. */
  readonly port?: number;
  /** Takes mail only from who knows them. */
  readonly auth?: { readonly user: string; readonly pass: string };
  /** `starttls` offers it, `tls` speaks nothing else; with a certificate that nobody vouches for. None unless told. */
  readonly encryption?: 'none' | 'starttls' | 'tls';
  /** Does not take addresses with letters beyond ASCII. */
  readonly asciiOnly?: boolean;
}

interface Failure {
  readonly stage: SmtpStage;
  readonly code: number;
  readonly text: string;
}

export async function startSmtp(options: SmtpTestOptions = {}): Promise<SmtpServer> {
  const { auth, encryption = 'none', asciiOnly = false } = options;
  const mails: ReceivedMail[] = [];
  const given = new Set<ReceivedMail>();
  const failures: Failure[] = [];
  let connections = 0;
  const answer = (stage: SmtpStage, done: (error?: Error | null) => void) => {
    const at = failures.findIndex((failure) => failure.stage === stage);
    const [failure] = at < 0 ? [] : failures.splice(at, 1);
    done(failure === undefined ? null : Object.assign(new Error(failure.text), { responseCode: failure.code }));
  };
  const server = new SMTPServer({
    secure: encryption === 'tls',
    authOptional: auth === undefined,
    allowInsecureAuth: true,
    disabledCommands: [...(encryption === 'none' ? ['STARTTLS'] : []), ...(auth === undefined ? ['AUTH'] : [])],
    hideSMTPUTF8: asciiOnly,
    disableReverseLookup: true,
    closeTimeout: 100,
    logger: false,
    onConnect(_session, done) {
      connections += 1;
      done();
    },
    onAuth({ username, password }, _session, done) {
      const known = username === auth?.user && password === auth?.pass;
      done(known ? null : Object.assign(new Error('Bad credentials'), { responseCode: 535 }), { user: username });
    },
    onMailFrom: (_address, _session, done) => answer('MAIL', done),
    onRcptTo: (_address, _session, done) => answer('RCPT', done),
    onData(stream, session, done) {
      receive(stream, session).then(
        (mail) =>
          answer('DATA', (error) => {
            if (error === null || error === undefined) mails.push(mail);
            done(error);
          }),
        (error: Error) => done(error),
      );
    },
  });
  // Clients that vanish in the middle are part of the tests.
  server.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', () => resolve());
  });
  const { port } = server.server.address() as AddressInfo;
  const credentials = auth === undefined ? '' : `${encodeURIComponent(auth.user)}:${encodeURIComponent(auth.pass)}@`;
  return {
    url: `${encryption === 'tls' ? 'smtps' : 'smtp'}://${credentials}127.0.0.1:${port}`,
    port,
    mails: () => [...mails],
    connections: () => connections,
    async waitForMail(to, matches = () => true, milliseconds = 30_000) {
      const deadline = Date.now() + milliseconds;
      for (;;) {
        const found = mails.find((mail) => !given.has(mail) && isFor(mail, to) && matches(mail));
        if (found !== undefined) {
          given.add(found);
          return found;
        }
        if (Date.now() > deadline) {
          const came = mails.map((mail) => `${mail.to.join(', ')}: ${mail.subject}`).join('\n');
          throw new Error(`No such mail to ${to} came within ${milliseconds} ms. What came:\n${came}`);
        }
        await pause(20);
      }
    },
    fail(times, reason, stage = 'RCPT') {
      const { code, text } = typeof reason === 'number' ? { code: reason, text: 'Refused by the test' } : reason;
      failures.push(...Array.from({ length: times }, () => ({ stage, code, text })));
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function isFor(mail: ReceivedMail, address: string): boolean {
  return mail.envelope.to.some((to) => to.toLowerCase() === address.toLowerCase());
}

async function receive(stream: AsyncIterable<Buffer>, session: SMTPServerSession): Promise<ReceivedMail> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const raw = Buffer.concat(chunks);
  const mail = await PostalMime.parse(raw);
  const { mailFrom, rcptTo } = session.envelope;
  const headers: Record<string, string> = {};
  const headerCounts: Record<string, number> = {};
  for (const { key, value } of mail.headers) {
    headers[key] ??= value;
    headerCounts[key] = (headerCounts[key] ?? 0) + 1;
  }
  return {
    from: { name: mail.from?.name ?? '', address: mail.from?.address ?? '' },
    to: (mail.to ?? []).flatMap(addressesOf),
    subject: mail.subject ?? '',
    text: mail.text ?? '',
    html: mail.html ?? '',
    headers,
    headerCounts,
    envelope: { from: mailFrom === false ? '' : mailFrom.address, to: rcptTo.map(({ address }) => address) },
    secure: session.secure,
    raw: raw.toString('utf8'),
  };
}

function addressesOf(entry: Address): string[] {
  if (entry.group !== undefined) return entry.group.map(({ address }) => address);
  return entry.address === undefined ? [] : [entry.address];
}
