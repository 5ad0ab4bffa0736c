// A document in the making, as the workflow engine sees it: what of it can change.
import type { JsonObject } from '../json/plain-json.ts';
import type { DocumentModel } from '../models.ts';
import type { SyncedLinks } from './synced-groups.ts';

export interface Draft extends SyncedLinks {
  /** Only what the schema declares. */
  readonly data: JsonObject;
  readonly status: string;
  /** Epoch milliseconds. */
  readonly statusChangedAt: number;
}

/** What conditions see of a document beside its draft. */
export type DocumentFacts = Pick<DocumentModel, 'id' | 'createdAt' | 'updatedAt'>;

/**
 * What `document` conditions look at: the root of the document, with the fields' names of today and those that the
 * reference gives to moments.
 */
export function conditionView({ id, createdAt, updatedAt }: DocumentFacts, draft: Draft): JsonObject {
  const { creatorId, userIds, groupIds, status, data } = draft;
  const moments = {
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    statusChangedAt: new Date(draft.statusChangedAt).toISOString(),
  };
  return {
    id,
    creatorId,
    userIds,
    groupIds,
    status,
    data,
    ...moments,
    creationTimestamp: moments.createdAt,
    updateTimestamp: moments.updatedAt,
    statusChangedTimestamp: moments.statusChangedAt,
  };
}
