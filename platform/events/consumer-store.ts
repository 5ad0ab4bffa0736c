// How far each service has come with the events that it handles.
import { Prisma } from '../../generated/prisma/client.ts';
import type { ServiceDatabase } from '../database/database.ts';

/** The service `events` owns this table; the platform writes and reads it for it. */
export type ConsumerDatabase = ServiceDatabase<'consumer'>;

/** Undefined for a service that never handled anything. */
export async function findPosition({ db }: ConsumerDatabase, service: string): Promise<bigint | undefined> {
  const [row] = await db.$queryRaw<{ position: bigint }[]>(Prisma.sql`
    SELECT position FROM events.consumers WHERE service = ${service}`);
  return row?.position;
}

/** Forward only: one that lost its lease in the middle of an event does not set its successor back. */
export async function savePosition({ db }: ConsumerDatabase, service: string, position: bigint): Promise<void> {
  await db.$executeRaw(Prisma.sql`
    INSERT INTO events.consumers (service, position, updated_at) VALUES (${service}, ${position}, now())
    ON CONFLICT (service) DO UPDATE SET position = EXCLUDED.position, updated_at = now()
    WHERE consumers.position < EXCLUDED.position`);
}

/** For a log that no longer agrees with what was saved. */
export async function resetPosition({ db }: ConsumerDatabase, service: string, position: bigint): Promise<void> {
  await db.consumer.upsert({ where: { service }, create: { service, position }, update: { position } });
}
