// Forgets addresses that nobody has, once nobody has tried them for long.
import type { JobHandlers } from '../../../platform/jobs/job.ts';
import type { UsersParts } from '../users-parts.ts';
import { deleteUnknownAddresses } from './store.ts';

const keptMs = 30 * 24 * 60 * 60 * 1_000;

export function signInJobs({ database, clock }: Pick<UsersParts, 'database' | 'clock'>): JobHandlers {
  return {
    sweepUnknownAddresses: {
      cron: '20 3 * * *',
      run: async () => {
        await deleteUnknownAddresses(database.db, new Date(clock() - keptMs));
      },
    },
  };
}
