// Writes events into the outbox, inside the transaction of the change that they tell of. Their position in the log
// comes later, from the relay.
import { Prisma } from '../../generated/prisma/client.ts';
import { newId } from '../ids.ts';
import type { NewEvent } from './event.ts';

interface SqlClient {
  $executeRaw(query: Prisma.Sql): PromiseLike<number>;
}

/** One statement, whatever the number of events. They keep their order. */
export async function insertEvents(db: SqlClient, service: string, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  // As JSON, because the arrays of PostgreSQL hold no null and no nested values.
  const rows = events.map(({ type, content, access }) => ({ id: newId(), type, content, access: access ?? null }));
  await db.$executeRaw(Prisma.sql`
    INSERT INTO events.outbox (id, service, type, content, access)
    SELECT (event->>'id')::uuid, ${service}, event->>'type', event->'content', NULLIF(event->'access', 'null')
    FROM jsonb_array_elements(${JSON.stringify(rows)}::jsonb) WITH ORDINALITY AS given(event, place)
    ORDER BY place`);
}
