// What the service does about enlistments: it queues the work on the documents that follow them. Of deleted users the
// enlistments are gone without an event each; their documents stay, with their groups.
import type { EventHandlers, LogEvent } from '../../../platform/events/event.ts';
import type { DataParts } from '../parts.ts';
import { syncGroupsJobs } from './jobs.ts';

export function groupSyncHandlers({ database, clock }: DataParts): EventHandlers {
  const follow =
    (job: 'syncGroups' | 'keepGroups', more: { readonly hasEnded?: boolean } = {}) =>
    async ({ content }: LogEvent): Promise<void> => {
      if (typeof content.userId !== 'string') return;
      const jobs = syncGroupsJobs({ job, data: { userId: content.userId, ...more } }, clock());
      await database.write(async (tx) => {
        for (const each of jobs) tx.enqueue(each);
      });
    };
  return {
    patient_enlistment_added: follow('syncGroups'),
    patient_enlistment_removed: follow('syncGroups', { hasEnded: true }),
    user_deleted: follow('keepGroups'),
  };
}
