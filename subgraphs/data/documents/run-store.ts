// The table of workflows that wait at a `delay`: the only place that reads and writes it.
import { Prisma } from '../../../generated/prisma/client.ts';
import type { VersionKind } from '../models.ts';
import type { Progress } from '../workflow/advance.ts';
import type { Db } from './store.ts';

/** What a job needs to go on with a workflow. */
export interface WaitingRun {
  /** Tells it apart from other runs of the same document. */
  readonly runId: string;
  /** Epoch milliseconds. */
  readonly resumeAt: number;
  /** Who started it. */
  readonly initiatorId: string;
  /** What its version is, when no transition ran. */
  readonly kind: VersionKind;
  readonly progress: Progress;
}

export async function findRun(db: Db, documentId: string): Promise<WaitingRun | undefined> {
  const rows = await db.$queryRaw<{ state: WaitingRun }[]>(Prisma.sql`
    SELECT state FROM data.document_runs WHERE document_id = ${documentId}::uuid`);
  return rows[0]?.state;
}

/** Takes the place of another run of the document. */
export async function saveRun(db: Db, documentId: string, run: WaitingRun): Promise<void> {
  await db.$executeRaw(Prisma.sql`
    INSERT INTO data.document_runs (document_id, state, updated_at)
    VALUES (${documentId}::uuid, ${JSON.stringify(run)}::text::jsonb, now())
    ON CONFLICT (document_id) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at`);
}

export async function deleteRun(db: Db, documentId: string): Promise<void> {
  await db.$executeRaw(Prisma.sql`DELETE FROM data.document_runs WHERE document_id = ${documentId}::uuid`);
}
