// The jobs of this module.
import type { JobHandlers } from '../../../platform/jobs/job.ts';
import type { UsersParts } from '../users-parts.ts';
import { endPatients } from './end-patients.ts';

/** Queued for the moment at which an enlistment ends; by schedule it finds what was there before, or was missed. */
export function enlistmentsJobs({ database, clock }: Pick<UsersParts, 'database' | 'clock'>): JobHandlers {
  return { endPatients: { run: () => endPatients(database, clock()), cron: '* * * * *', concurrency: 1 } };
}
