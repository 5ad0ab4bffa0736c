// The job `sweepFiles`: removes what is over and what nothing refers to. Nothing depends on it: an expired upload or
// token is refused whether it is still there or not.
import type { Clock } from '../../platform/clock.ts';
import { isId } from '../../platform/ids.ts';
import type { JobHandler } from '../../platform/jobs/job.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import type { ByteStore, StoredObject } from './byte-store.ts';
import { isOwnStore, markerKey } from './store-marker.ts';
import type { SweepStore } from './sweep-store.ts';
import type { UploadStore } from './upload-store.ts';

export interface SweepParts {
  readonly rows: SweepStore;
  readonly uploads: Pick<UploadStore, 'drop'>;
  readonly bytes: ByteStore;
  readonly clock: Clock;
  readonly log: Logger;
}

const day = 24 * 60 * 60 * 1000;

/** Bytes are stored a moment before the row that refers to them; S3 dates what came in parts by its beginning. */
const youngest = day;
/** Keys that the database is asked about at once. */
const batch = 1_000;

export function sweepFilesJob(parts: SweepParts): JobHandler {
  return {
    run: () => sweepFiles(parts),
    cron: '17 * * * *',
    // It comes again by itself.
    retries: 0,
    timeout: 3_000,
    concurrency: 1,
  };
}

export async function sweepFiles(parts: SweepParts): Promise<void> {
  const now = new Date(parts.clock());
  // A store that is away must not keep the tables from being swept.
  for (const fileId of await parts.rows.expiredUploads(now)) await parts.uploads.drop(fileId, { expiredAt: now });
  while ((await parts.rows.deleteOldTokens(now)) > 0);
  await removeUnknownObjects(parts, now);
  await parts.bytes.removeLeftovers(new Date(now.getTime() - day));
}

async function removeUnknownObjects(parts: SweepParts, now: Date): Promise<void> {
  if (!(await isOwnStore(parts))) return;
  const before = now.getTime() - youngest;
  const isCandidate = ({ key, storedAt }: StoredObject) =>
    isId(key) && key !== markerKey && storedAt.getTime() < before;
  let candidates: string[] = [];
  let removed = 0;
  const removeUnknown = async () => {
    for (const key of await parts.rows.unknownOf(candidates)) {
      // Once more: the row may have come while others were removed.
      if ((await parts.rows.unknownOf([key])).length === 0) continue;
      await parts.bytes.delete(key);
      removed += 1;
    }
    candidates = [];
  };
  for await (const page of parts.bytes.list()) {
    candidates.push(...page.filter(isCandidate).map(({ key }) => key));
    if (candidates.length >= batch) await removeUnknown();
  }
  await removeUnknown();
  if (removed > 0) parts.log.info({ removed }, 'bytes that no file refers to were removed from the store');
}
