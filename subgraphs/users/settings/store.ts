// The one row of settings: reads and writes it, and knows nothing of what it holds.
import type { Prisma } from '../../../generated/prisma/client.ts';
import type { Models } from '../../../platform/database/database.ts';
import type { JsonObject } from '../../../platform/events/event.ts';
import type { UsersTable } from '../store.ts';

type Db = Models<UsersTable>;

/** Null: nothing was ever set. */
export async function findStoredSettings(db: Db): Promise<unknown> {
  return (await db.userSettings.findUnique({ where: { id: 1 }, select: { settings: true } }))?.settings ?? null;
}

/** The same, and keeps others from changing them until the transaction ends. Inside a transaction. */
export async function lockStoredSettings(db: Db): Promise<unknown> {
  await db.$executeRaw`
    INSERT INTO users.settings (id, settings, updated_at) VALUES (1, '{}', now()) ON CONFLICT DO NOTHING`;
  const rows = await db.$queryRaw<{ settings: unknown }[]>`
    SELECT settings FROM users.settings WHERE id = 1 FOR UPDATE`;
  return rows[0]?.settings ?? null;
}

export async function updateStoredSettings(db: Db, settings: JsonObject): Promise<void> {
  await db.userSettings.update({ where: { id: 1 }, data: { settings: settings as Prisma.InputJsonObject } });
}
