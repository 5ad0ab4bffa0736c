// The jobs that scan files: one for each file as its bytes arrive, and one that comes round for those left over, as after
// a long absence of the scanner.
import type { Clock } from '../../../platform/clock.ts';
import type { JobHandlers } from '../../../platform/jobs/job.ts';
import { failureFacts } from '../../../platform/logging/failure-facts.ts';
import type { Logger } from '../../../platform/subgraph/context.ts';
import type { Scanner } from './clamd-client.ts';
import { type ScanParts, scanFile } from './scan-file.ts';

/** A file may wait so long for its own job, in milliseconds. */
const patience = 15 * 60 * 1_000;
/** Seconds: large files take their time. */
const hour = 3_600;
const batch = 100;

export function scanJobs(parts: ScanParts & { readonly clock: Clock }): JobHandlers {
  return {
    scanFile: {
      run: ({ fileId }) => scanFile(String(fileId), parts),
      timeout: hour,
      concurrency: 2,
    },
    scanWaitingFiles: {
      cron: '*/15 * * * *',
      run: () => scanWaitingFiles(parts),
      timeout: hour,
      retries: 0,
      concurrency: 1,
    },
  };
}

/** Until none is left or the scanner is away. A file that it cannot judge keeps no other one waiting. */
async function scanWaitingFiles(parts: ScanParts & { readonly clock: Clock }): Promise<void> {
  const { store, scanner, log, clock } = parts;
  const before = new Date(clock() - patience);
  for (let after: string | undefined; ; ) {
    const ids = await store.listWaitingSince(before, { after, first: batch });
    for (const fileId of ids) {
      if (!(await isThere(scanner, log))) return;
      await scanFile(fileId, parts).catch((error: unknown) =>
        log.warn({ fileId, failure: failureFacts(error) }, 'a file could not be scanned; it is tried again'),
      );
    }
    if (ids.length < batch) return;
    after = ids.at(-1);
  }
}

async function isThere(scanner: Scanner, log: Logger): Promise<boolean> {
  return scanner.ping().then(
    () => true,
    (err: unknown) => {
      log.error({ err }, 'files wait for the virus scanner, which cannot be used');
      return false;
    },
  );
}
