// The background work of group synchronisation: what an enlistment or another mode of a schema means for documents that
// are there. It goes through them in batches, by id, and puts the rest into a job of its own; doing a part of it twice
// does no harm.
import type { JobHandler, JobHandlers, NewJob } from '../../../platform/jobs/job.ts';
import type { DataParts } from '../parts.ts';
import { findAllSchemas } from '../schemas/store.ts';
import { syncingUsers, withGroupsOf, withKeptGroups } from '../workflow/synced-groups.ts';
import type { FollowingSchemas, IdPage } from './store.ts';
import { listDocumentIds, listFollowers } from './store.ts';
import { type Syncing, syncDocuments } from './sync-documents.ts';

/**
 * Who writes a document asks about enlistments before, and about its schema; what changes between that and the end of
 * the transaction is looked at again when every request of that time is over.
 */
const secondLook = 2 * 60_000;

const batch = 200;
const batchesPerJob = 20;

/** Which job is to go through the documents of a user. */
export interface FollowingJob {
  /** `keepGroups` when the user is gone. */
  readonly job: 'syncGroups' | 'keepGroups';
  readonly data: {
    readonly userId: string;
    /** The enlistment that began; without it, groups go and none comes. */
    readonly joined?: { readonly groupId: string; readonly since: string } | undefined;
  };
}

/** For the documents whose groups follow this user's enlistments. */
export function syncGroupsJobs(job: FollowingJob, now: number): NewJob[] {
  return withSecondLook(job, now);
}

/** For all documents of a schema whose `groupSyncMode` is another now. */
export function syncSchemaJobs(schemaId: string, now: number): NewJob[] {
  return withSecondLook({ job: 'syncSchema', data: { schemaId, since: new Date(now).toISOString() } }, now);
}

function withSecondLook(job: NewJob, now: number): NewJob[] {
  return [job, { ...job, startAfter: new Date(now + secondLook) }];
}

export interface SyncLimits {
  /** Documents in one transaction. */
  readonly batch: number;
  readonly batchesPerJob: number;
}

export function groupSyncJobs(parts: DataParts, limits: SyncLimits = { batch, batchesPerJob }): JobHandlers {
  const { db } = parts.database;
  const followers: Going['begin'] = async ({ userId }) => {
    const schemas = await findFollowingSchemas(parts);
    return (page) => listFollowers(db, String(userId), { schemas, ...page });
  };
  return {
    syncGroups: goThrough('syncGroups', parts, { limits, syncing: ofEnlistment, begin: followers }),
    keepGroups: goThrough('keepGroups', parts, { limits, syncing: ofUserGone, begin: followers }),
    syncSchema: goThrough('syncSchema', parts, {
      limits,
      syncing: ofMode,
      begin:
        async ({ schemaId }) =>
        (page) =>
          listDocumentIds(db, String(schemaId), page),
    }),
  };
}

/** An enlistment that began brings its group alone, one that ended brings none: what was unlinked does not come back. */
function ofEnlistment(data: NewJob['data']): Syncing {
  const { userId, joined } = data as FollowingJob['data'];
  return {
    since: joined && new Date(joined.since),
    formula: (document, patientGroups, { mode, isTaken }) => {
      const comes = (groupId: string) => groupId === joined?.groupId && !isTaken(groupId);
      return withGroupsOf(document, patientGroups, { mode, joining: [userId], comes });
    },
  };
}

function ofUserGone(): Syncing {
  return {
    since: undefined,
    formula: (document, patientGroups, { mode }) => withKeptGroups(document, patientGroups, mode),
  };
}

/** Another mode brings all groups, also those unlinked before it. */
function ofMode({ since }: NewJob['data']): Syncing {
  return {
    since: typeof since === 'string' ? new Date(since) : undefined,
    formula: (document, patientGroups, { mode, isTaken }) => {
      const rule = { mode, joining: syncingUsers(document, mode), comes: (id: string) => !isTaken(id) };
      return withGroupsOf(document, patientGroups, rule);
    },
  };
}

interface Going {
  readonly limits: SyncLimits;
  readonly syncing: (data: NewJob['data']) => Syncing;
  readonly begin: (data: NewJob['data']) => Promise<(page: IdPage) => Promise<string[]>>;
}

function goThrough(job: string, parts: DataParts, { limits, syncing, begin }: Going): JobHandler {
  return {
    async run(data) {
      const list = await begin(data);
      let after = typeof data.after === 'string' ? data.after : undefined;
      for (let count = 0; count < limits.batchesPerJob; count += 1) {
        const ids = await list({ after, first: limits.batch });
        if (ids.length > 0) await syncDocuments(ids, syncing(data), parts);
        if (ids.length < limits.batch) return;
        after = ids.at(-1);
      }
      await parts.database.write(async (tx) => tx.enqueue({ job, data: { ...data, after } }));
    },
    concurrency: 1,
    timeout: 300,
  };
}

async function findFollowingSchemas({ database }: DataParts): Promise<FollowingSchemas> {
  const schemas = await findAllSchemas(database.db);
  const following = (mode: string) =>
    schemas.filter(({ definition }) => definition.groupSyncMode === mode).map(({ id }) => id);
  return {
    creator: following('creatorPatientEnlistments'),
    linkedUsers: following('linkedUsersPatientEnlistments'),
  };
}
