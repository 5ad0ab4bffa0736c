// Queues the removal of objects from the store of bytes, in the transaction that removes the rows which referred to them.
import type { NewJob } from '../../platform/jobs/job.ts';

/** A file can have thousands of objects; a job is done in a minute, also where each takes its time. */
const keysPerJob = 500;

/** As many jobs as it takes; none for no keys. */
export function deleteBytesJobs(storeKeys: readonly string[]): NewJob[] {
  const starts = Array.from({ length: Math.ceil(storeKeys.length / keysPerJob) }, (_, index) => index * keysPerJob);
  return starts.map((start) => ({
    job: 'deleteBytes',
    data: { storeKeys: storeKeys.slice(start, start + keysPerJob) },
  }));
}
