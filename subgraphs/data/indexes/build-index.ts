// The jobs that make and remove PostgreSQL's own indexes, while documents are read and written. One at a time: two
// builds on one table would wait for each other until PostgreSQL ended one of them.
import { findIndexViolation } from '../../../platform/database/violated-index.ts';
import type { JsonObject } from '../../../platform/events/event.ts';
import type { JobAttempt, JobHandlers } from '../../../platform/jobs/job.ts';
import type { DataParts } from '../parts.ts';
import { buildStatements, dropStatements, indexPrefix } from './index-statements.ts';
import type { StoredIndex } from './store.ts';
import { findIndex, removeIndex, writeIndexOutcome } from './store.ts';
import { findTrigramSchema } from './trigram-schema.ts';

type Parts = Pick<DataParts, 'database' | 'clock'>;

const lease = 'indexes';
const retries = 8;
const waitMilliseconds = 5_000;

export function indexJobs(parts: Parts): JobHandlers {
  // A build may take longer than an attempt: then it goes on, and the next attempt waits for it.
  const settings = { retries, timeout: 600, concurrency: 1 };
  return {
    buildIndex: { ...settings, run: (data, attempt) => buildIndex(data, attempt, parts) },
    dropIndex: { ...settings, run: (data) => dropIndex(data, parts) },
  };
}

async function buildIndex({ indexId }: JsonObject, { number }: JobAttempt, parts: Parts): Promise<void> {
  const { db } = parts.database;
  const index = await findIndex(db, String(indexId));
  if (index?.state !== 'BUILDING') return;
  const trigramSchema = index.fields[0]?.type === 'text' ? await findTrigramSchema(parts.database) : '';
  if (trigramSchema === undefined) {
    await writeIndexOutcome(db, index.id, { state: 'FAILED', failure: 'The database lacks the extension pg_trgm.' });
    return;
  }
  const build = buildStatements(index, { trigramSchema });
  try {
    // Whoever drops it waits for the lease: looked at under it, an index that is wanted stays so until it is built.
    const wanted = async () => ((await findIndex(db, index.id))?.state === 'BUILDING' ? build : []);
    if (!(await parts.database.runAlone(lease, wanted))) {
      return later('buildIndex', index.id, parts);
    }
  } catch (error) {
    const failure = failureOf(error, index) ?? (number > retries ? 'The database could not build it.' : undefined);
    if (failure === undefined) throw error;
    // What is left of it would slow writes down, or refuse them.
    if (!(await parts.database.runAlone(lease, dropStatements(index.id)))) return later('buildIndex', index.id, parts);
    await writeIndexOutcome(db, index.id, { state: 'FAILED', failure });
    return;
  }
  if (await writeIndexOutcome(db, index.id, { state: 'READY', failure: null })) return;
  // Its row may be gone with its drop: nobody would come back for what stands.
  if (!(await parts.database.runAlone(lease, dropStatements(index.id)))) await later('dropIndex', index.id, parts);
}

async function dropIndex({ indexId }: JsonObject, parts: Parts): Promise<void> {
  if (!(await dropIndexNow(String(indexId), parts))) await later('dropIndex', String(indexId), parts);
}

/** False while another index is being built or dropped. */
export async function dropIndexNow(id: string, { database }: Pick<DataParts, 'database'>): Promise<boolean> {
  const index = await findIndex(database.db, id);
  if (index?.state !== 'DROPPING') return true;
  const done = await database.runAlone(lease, dropStatements(index.id));
  if (done) await removeIndex(database.db, index.id);
  return done;
}

async function later(job: string, indexId: string, { database, clock }: Parts): Promise<void> {
  const startAfter = new Date(clock() + waitMilliseconds);
  await database.write(async (tx) => tx.enqueue({ job, data: { indexId }, startAfter }));
}

/** Why these documents cannot have the index, without saying what is in them; undefined when it may go better later. */
function failureOf(error: unknown, { fields }: StoredIndex): string | undefined {
  const violation = findIndexViolation(error, indexPrefix);
  const names = fields.map(({ name }) => name).join(', ');
  if (violation?.kind === 'unique') return `Two documents have the same values in ${names}.`;
  return violation && `A document has a value in ${names} that is too long for an index.`;
}
