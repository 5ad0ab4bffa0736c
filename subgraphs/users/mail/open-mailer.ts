// Which mailer this process uses: the SMTP server that is configured, or the outbox.
import type { Config } from '../../../platform/config.ts';
import { invariant } from '../../../platform/errors.ts';
import { parseSender } from '../../../platform/mail/sender.ts';
import type { SmtpMailer } from '../../../platform/mail/smtp-mailer.ts';
import { parseSmtpUrl } from '../../../platform/mail/smtp-server.ts';
import type { Logger } from '../../../platform/subgraph/context.ts';
import type { Mailer } from './mailer.ts';
import type { OutboxDb } from './store.ts';
import { insertOutboxMail } from './store.ts';

export interface MailerParts {
  readonly config: Pick<Config, 'production' | 'smtpUrl' | 'mailFrom'>;
  readonly database: { readonly db: OutboxDb };
  readonly log: Pick<Logger, 'warn'>;
}

/** Throws a StartError when SMTP_URL is not valid. Connects to nothing. */
export function openMailer({ config, database, log }: MailerParts): Mailer {
  if (config.smtpUrl !== undefined) return smtpMailer(config.smtpUrl, config.mailFrom, log);
  if (config.production) {
    log.warn({}, 'SMTP_URL is not set: mail is not sent, only kept in the table users.outbox_mails');
  }
  return { send: (mail) => insertOutboxMail(database.db, mail), close: async () => {} };
}

/** The library is loaded with the first mail. */
function smtpMailer(url: string, mailFrom: string, log: MailerParts['log']): Mailer {
  const server = parseSmtpUrl(url);
  const from = parseSender(mailFrom);
  invariant(from !== undefined, 'the sender was checked with the configuration');
  let opened: Promise<SmtpMailer> | undefined;
  const open = async (): Promise<SmtpMailer> => {
    const { createSmtpMailer } = await import('../../../platform/mail/smtp-mailer.ts');
    return createSmtpMailer({ server, from, log });
  };
  return {
    async send(mail) {
      opened ??= open();
      await (await opened).send(mail);
    },
    async close() {
      await (await opened)?.close();
    },
  };
}
