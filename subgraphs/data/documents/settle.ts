// Writes down where a workflow stopped: at its end the document, its version, its event and its tasks; at a `delay` what
// is still to be done, the lock, and the job that goes on.
import { isDeepStrictEqual } from 'node:util';
import type { WriteTransaction } from '../../../platform/database/database.ts';
import { newId } from '../../../platform/ids.ts';
import type { UserIdentity } from '../../../platform/subgraph/context.ts';
import { documentEvent, documentTransitioned, documentTransitionFailed, taskRequested } from '../events.ts';
import { changesBetween } from '../history/document-changes.ts';
import type { DocumentModel, VersionKind } from '../models.ts';
import type { TaskAction } from '../schemas/transition-shape.ts';
import type { Outcome } from '../workflow/advance.ts';
import type { Draft } from '../workflow/draft.ts';
import { withUndeclared } from './declared-data.ts';
import { deleteRun, findRun, saveRun } from './run-store.ts';
import type { DocumentWithSchema } from './store.ts';
import type { DocumentWithFiles } from './tell-of-files.ts';
import { tellOfFiles } from './tell-of-files.ts';
import { setLock, writeDocument } from './write-store.ts';

export type DocumentTransaction = WriteTransaction<'document' | 'documentSchema' | 'documentFile'>;

/** Who starts a workflow, and when. */
export interface Initiator {
  readonly identity: UserIdentity;
  readonly now: number;
}

/** How a workflow came about. */
export interface Cause {
  /** Who started it. */
  readonly initiatorId: string;
  /** What the version is when no transition ran; with one, an update is a transition. */
  readonly kind: VersionKind;
  /** Epoch milliseconds. */
  readonly now: number;
  /** The run that goes on, when it is one. */
  readonly runId?: string;
}

/** The document as it is now. A workflow that changed nothing and ran no transition leaves no trace. */
export async function settle(
  tx: DocumentTransaction,
  found: DocumentWithSchema,
  { outcome, cause }: { readonly outcome: Outcome; readonly cause: Cause },
): Promise<DocumentModel> {
  const { document, schema } = found;
  if (outcome.delay !== undefined) {
    await endRun(tx, found, cause);
    return pause(tx, document, { outcome, cause, delay: outcome.delay });
  }
  const { transitions, draft } = outcome;
  const after = { ...document, ...contentOf(draft, document, schema.definition.properties) };
  const changed = await writeChange(tx, found, { after, transitions, cause });
  publishTasks(tx, changed, { tasks: [...outcome.tasks, ...outcome.afterTasks], initiatorId: cause.initiatorId });
  return changed;
}

export interface WrittenChange {
  readonly after: DocumentModel;
  readonly cause: Cause;
  /** Those that ran; one that did is a change in any case. */
  readonly transitions?: readonly string[];
  /** Files that were linked and unlinked by the change, which the row does not hold. */
  readonly files?: Pick<DocumentWithFiles, 'linked' | 'unlinked'>;
}

/** Writes what changed, if anything did, with its version and its event; the document as it is now, unlocked. */
export async function writeChange(
  tx: DocumentTransaction,
  found: DocumentWithSchema,
  { after, cause, transitions = [], files = {} }: WrittenChange,
): Promise<DocumentModel> {
  const { document: before, schema } = found;
  await endRun(tx, found, cause);
  const changes = changesBetween(before, after);
  const isMoved = transitions.length > 0;
  const isTouched = (files.linked ?? []).length + (files.unlinked ?? []).length > 0;
  const isSame = changes.length === 0 && isDeepStrictEqual(before.syncedGroupIds, after.syncedGroupIds);
  if (isSame && !isMoved && !isTouched) return { ...before, lockedAt: null };
  const changed = { ...after, version: before.version + 1, updatedAt: new Date(cause.now), lockedAt: null };
  const kind = isMoved && cause.kind === 'UPDATED' ? 'TRANSITIONED' : cause.kind;
  await writeDocument(tx.db, changed, { kind, transitions, userId: cause.initiatorId, changes });
  const states = { document: changed, before };
  tx.publish(
    isMoved
      ? documentTransitioned(states, schema.name, transitions)
      : documentEvent('document_updated', states, schema.name),
  );
  await tellOfFiles(tx, [{ before, after: changed, ...files }]);
  return changed;
}

/** Takes away the lock with its run. A run that is not the one that goes on has failed: an event tells. */
export async function endRun(
  tx: DocumentTransaction,
  { document, schema }: DocumentWithSchema,
  { runId }: Pick<Cause, 'runId'> = {},
): Promise<void> {
  if (document.lockedAt === null) return;
  const run = await findRun(tx.db, document.id);
  await deleteRun(tx.db, document.id);
  await setLock(tx.db, document.id, null);
  if (run !== undefined && run.runId !== runId) {
    tx.publish(documentTransitionFailed(document, schema.name, run.progress.step?.name ?? 'creation'));
  }
}

/** What a workflow made of a document, with what is stored in it beside. */
export function contentOf(
  { data, userIds, groupIds, syncedGroupIds, status, statusChangedAt }: Draft,
  before: Pick<DocumentModel, 'data'>,
  properties: DocumentWithSchema['schema']['definition']['properties'],
) {
  return {
    data: withUndeclared(data, before.data, properties),
    userIds,
    groupIds,
    syncedGroupIds,
    status,
    statusChangedAt: new Date(statusChangedAt),
  };
}

/** The tasks asked for so far leave now: what they do may be what the workflow waits for. */
export async function pause(
  tx: DocumentTransaction,
  document: DocumentModel,
  { outcome, cause, delay }: { readonly outcome: Outcome; readonly cause: Cause; readonly delay: number },
): Promise<DocumentModel> {
  const lockedAt = new Date(cause.now);
  const resumeAt = cause.now + delay;
  const { initiatorId, kind } = cause;
  const runId = newId();
  const { delay: _, ...progress } = outcome;
  await saveRun(tx.db, document.id, { runId, resumeAt, initiatorId, kind, progress: { ...progress, tasks: [] } });
  await setLock(tx.db, document.id, lockedAt);
  publishTasks(tx, document, { tasks: outcome.tasks, initiatorId });
  tx.enqueue({
    job: 'resumeDocument',
    data: { documentId: document.id, runId },
    startAfter: new Date(resumeAt),
  });
  return { ...document, lockedAt };
}

/** In the transaction of the change: they leave when it has committed, after its event. */
export function publishTasks(
  tx: DocumentTransaction,
  { id: documentId, schemaId }: DocumentModel,
  { tasks, initiatorId }: { readonly tasks: readonly TaskAction[]; readonly initiatorId: string },
): void {
  for (const { functionName, priority = null, data = {} } of tasks) {
    tx.publish(taskRequested({ functionName, priority, data: { ...data, schemaId, documentId }, initiatorId }));
  }
}
