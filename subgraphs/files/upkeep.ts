// What keeps the store of bytes in order, besides uploads and downloads: its jobs, and what is looked at on start.
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/database.ts';
import type { JobHandlers } from '../../platform/jobs/job.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import type { ByteStore } from './byte-store.ts';
import { deleteBytesJob } from './delete-bytes.ts';
import type { EncryptedStore } from './encrypted-store.ts';
import type { MasterKeys } from './master-keys.ts';
import { checkFileKeys, rewrapFileKeysJob } from './rewrap-file-keys.ts';
import { createRewrapStore } from './rewrap-store.ts';
import type { SegmentStore } from './segment-store.ts';
import { isOwnStore } from './store-marker.ts';
import { sweepFilesJob } from './sweep-files.ts';
import { createSweepStore } from './sweep-store.ts';
import type { UploadStore } from './upload-store.ts';

export interface UpkeepParts {
  readonly database: Database;
  readonly bytes: ByteStore;
  readonly encrypted: EncryptedStore;
  readonly segmentsOf: SegmentStore['findSegments'];
  readonly uploads: Pick<UploadStore, 'drop'>;
  readonly masterKeys: MasterKeys;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Upkeep {
  readonly jobs: JobHandlers;
  start(): Promise<void>;
}

export function createUpkeep({ database, bytes, encrypted, segmentsOf, uploads, ...parts }: UpkeepParts): Upkeep {
  const { masterKeys, clock, log } = parts;
  const rows = createSweepStore(database);
  const rewrapping = { rows: createRewrapStore(database, clock), segmentsOf, bytes: encrypted, masterKeys, log };
  return {
    jobs: {
      deleteBytes: deleteBytesJob(bytes),
      sweepFiles: sweepFilesJob({ rows, uploads, bytes, clock, log }),
      rewrapFileKeys: rewrapFileKeysJob(rewrapping),
    },
    async start() {
      await checkFileKeys(rewrapping);
      try {
        await bytes.ping();
        await isOwnStore({ bytes, rows, log });
      } catch (err) {
        // Uploads fail meanwhile, with a clear error; it is no reason to do without everything else.
        log.error({ err }, 'the store of file bytes cannot be used');
      }
    },
  };
}
