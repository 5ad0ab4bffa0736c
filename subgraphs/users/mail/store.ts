// The only user of the table of mail that was not sent. Every function takes the models first.
import type { Models } from '../../../platform/database/database.ts';
import type { OutboxMailModel } from '../models.ts';

export type OutboxDb = Models<'outboxMail'>;

/** More of them help nobody, and they are never looked at again. */
const mostKept = 1_000;

/**
 * Keeps a mail, and of those before it the newest, by their ids, which grow with time. One that is there already stays
 * as it is. One statement: it sees the table as it was before, which is why it leaves room for one.
 */
export async function insertOutboxMail(db: OutboxDb, mail: Omit<OutboxMailModel, 'createdAt'>): Promise<void> {
  await db.$executeRaw`
    WITH added AS (
      INSERT INTO users.outbox_mails (id, "to", subject, text, html, updated_at)
      VALUES (${mail.id}::uuid, ${mail.to}, ${mail.subject}, ${mail.text}, ${mail.html}, now())
      ON CONFLICT (id) DO NOTHING
    )
    DELETE FROM users.outbox_mails WHERE id <= (
      SELECT id FROM users.outbox_mails ORDER BY id DESC OFFSET ${mostKept - 1}::int LIMIT 1
    )`;
}

export interface OutboxSelection {
  readonly to?: string | undefined;
  readonly limit: number;
}

/** Newest first. */
export function findOutboxMails(db: OutboxDb, { to, limit }: OutboxSelection): Promise<OutboxMailModel[]> {
  return db.outboxMail.findMany({ where: to === undefined ? {} : { to }, orderBy: { id: 'desc' }, take: limit });
}

export function findOutboxMail(db: OutboxDb, id: string): Promise<OutboxMailModel | null> {
  return db.outboxMail.findUnique({ where: { id } });
}
