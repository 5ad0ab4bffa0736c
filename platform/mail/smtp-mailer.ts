// Hands mail over to an SMTP server. Nothing connects before the first mail, so servers may start in any order.
// Loaded only where SMTP_URL is set: without it, no process has the library in memory.
import { domainToASCII } from 'node:url';
import { createTransport } from 'nodemailer';
import type { Logger } from '../subgraph/context.ts';
import type { Sender } from './sender.ts';
import { isMailable } from './sender.ts';
import { SmtpError, smtpFailure } from './smtp-failure.ts';
import type { SmtpServer } from './smtp-server.ts';

export interface OutgoingMail {
  /** The same for a repetition. */
  readonly id: string;
  /** One address. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface SmtpMailerOptions {
  readonly server: SmtpServer;
  readonly from: Sender;
  readonly log: Pick<Logger, 'warn'>;
}

export interface SmtpMailer {
  /**
   * Resolves when the server took the mail, or refused it for good (which is logged); rejects with an SmtpError when it
   * may take it later.
   */
  send(mail: OutgoingMail): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds. All of it stays below the two minutes that a job has. */
const times = { connectionTimeout: 10_000, dnsTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 };
const mostForOneMail = 90_000;

export function createSmtpMailer({ server, from, log }: SmtpMailerOptions): SmtpMailer {
  const { auth, name, rateLimit, tls, ...connection } = server;
  const transport = createTransport({
    ...connection,
    ...times,
    pool: true,
    tls: { rejectUnauthorized: tls.rejectUnauthorized, ...defined({ servername: tls.servername }) },
    ...defined({ auth, name, rateLimit }),
    // What the library logs holds addresses.
    logger: false,
    debug: false,
  });
  const domain = domainToASCII(from.address.slice(from.address.lastIndexOf('@') + 1)) || 'localhost';

  async function handOver(mail: OutgoingMail): Promise<void> {
    await transport.sendMail({
      // Objects, not text: nothing in a name or an address is read as a second address.
      from: { ...from },
      to: { name: '', address: mail.to },
      envelope: { from: from.address, to: [mail.to] },
      // The same at each attempt, so that a mail that comes twice is recognised.
      messageId: `<${mail.id.replace(/[^\w-]/g, '')}@${domain}>`,
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
      headers: {
        // RFC 3834: no answering machine answers, and no vacation notice comes back.
        'Auto-Submitted': 'auto-generated',
        'X-Auto-Response-Suppress': 'All',
      },
      disableFileAccess: true,
      disableUrlAccess: true,
      // A server that trickles its answers keeps every other timeout from firing.
      signal: AbortSignal.timeout(mostForOneMail),
    });
  }

  return {
    async send(mail) {
      if (!isMailable(mail.to)) {
        log.warn({ mail: mail.id }, 'a mail is for an address that none can be sent to; it is not sent');
        return;
      }
      try {
        await handOver(mail);
      } catch (error) {
        const failure = smtpFailure(error);
        if (!failure.final) throw new SmtpError(failure);
        log.warn({ mail: mail.id, failure }, 'the mail server refuses a mail for good; it is not sent');
      }
    },
    async close() {
      transport.close({ force: true });
    },
  };
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** Without the keys whose value is undefined. */
function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
