// What the service does about enlistments: it queues the work on the documents that follow them. Of deleted users the
// enlistments are gone without an event each; their documents stay, with their groups.
import type { EventHandlers, LogEvent } from '../../../platform/events/event.ts';
import type { DataParts } from '../parts.ts';
import type { FollowingJob } from './jobs.ts';
import { syncGroupsJobs } from './jobs.ts';

export function groupSyncHandlers({ database, clock }: DataParts): EventHandlers {
  const follow =
    (job: FollowingJob['job'], joined: (event: LogEvent) => FollowingJob['data']['joined'] = () => undefined) =>
    async (event: LogEvent): Promise<void> => {
      const { userId } = event.content;
      if (typeof userId !== 'string') return;
      const jobs = syncGroupsJobs({ job, data: { userId, joined: joined(event) } }, clock());
      await database.write(async (tx) => {
        for (const each of jobs) tx.enqueue(each);
      });
    };
  return {
    patient_enlistment_added: follow('syncGroups', ({ content: { groupId }, createdAt }) => {
      if (typeof groupId !== 'string') return undefined;
      // The database dates events, and this service versions: nothing is to come from the future of its clock.
      return { groupId, since: new Date(Math.min(createdAt.getTime(), clock())).toISOString() };
    }),
    patient_enlistment_removed: follow('syncGroups'),
    user_deleted: follow('keepGroups'),
  };
}
