// The job `deleteBytes`: removes bytes that no file refers to any more.
import { invariant } from '../../platform/errors.ts';
import type { JobHandler } from '../../platform/jobs/job.ts';
import type { ByteStore } from './byte-store.ts';

export function deleteBytesJob(bytes: ByteStore): JobHandler {
  return {
    async run({ storeKeys }) {
      invariant(Array.isArray(storeKeys), 'the job is queued with keys');
      for (const key of storeKeys) await bytes.delete(String(key));
    },
  };
}
