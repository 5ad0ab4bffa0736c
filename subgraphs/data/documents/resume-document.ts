// The job that goes on with a workflow after a `delay`. It may run twice: the second time it finds nothing to do.
import { AppError, errorCatalogue } from '../../../platform/errors.ts';
import { anonymous } from '../../../platform/identity/identity.ts';
import type { JobHandler } from '../../../platform/jobs/job.ts';
import type { DataParts } from '../parts.ts';
import { advance, requireConforming, withPeopleOf } from '../workflow/advance.ts';
import type { Draft } from '../workflow/draft.ts';
import { onKnownFacts } from '../workflow/facts.ts';
import { newPatternTime, withinPatternTime } from '../workflow/pattern-time.ts';
import { draftOf, requireOpen } from './change-document.ts';
import { declaredData } from './declared-data.ts';
import { explainingIndexes } from './index-refusals.ts';
import { withFacts } from './learn-facts.ts';
import type { WaitingRun } from './run-store.ts';
import { findRun } from './run-store.ts';
import type { DocumentTransaction } from './settle.ts';
import { endRun, settle } from './settle.ts';
import type { Db, DocumentWithSchema } from './store.ts';
import { findDocumentWithSchema } from './store.ts';

interface Waiting {
  readonly documentId: string;
  readonly runId: string;
}

export function resumeDocumentJob(parts: DataParts): JobHandler {
  return {
    async run(data) {
      const waiting = { documentId: String(data.documentId), runId: String(data.runId) };
      try {
        await explainingIndexes(parts, 'data', () => resume(waiting, parts));
      } catch (error) {
        // What may go well another time is tried again by whoever runs jobs.
        if (!(error instanceof AppError) || errorCatalogue[error.code].retryable) throw error;
        await parts.database.write((tx) => giveUp(tx, waiting));
      }
    },
  };
}

function resume(waiting: Waiting, parts: DataParts): Promise<void> {
  const now = parts.clock();
  const patternTime = newPatternTime();
  return withFacts(parts.services, anonymous, (known) =>
    parts.database.write(async (tx) => {
      const found = await findWaiting(tx.db, waiting);
      if (found === undefined) return;
      const { document, schema, run } = found;
      requireOpen(schema);
      const outcome = onKnownFacts(known, (facts) => {
        const setting = { schema, document, checks: parts.checksOf(schema), facts, now, field: 'data' };
        requireStatus(run.progress.step?.toStatus, schema);
        const waited = withPeopleOf(onPresentLinks(run.progress.draft, found), document, setting);
        return withinPatternTime(patternTime, 'data', () => {
          const draft = { ...waited, data: requireConforming(waited.data, setting) };
          return advance({ ...run.progress, draft }, setting);
        });
      });
      const { initiatorId, kind, runId } = run;
      await settle(tx, found, { outcome, cause: { initiatorId, kind, runId, now } });
    }),
  );
}

/** ILLEGAL_STATE when the schema lost the status while the transition waited. */
function requireStatus(status: string | undefined, { name, definition }: DocumentWithSchema['schema']): void {
  if (status === undefined || Object.hasOwn(definition.statuses, status)) return;
  throw new AppError('ILLEGAL_STATE', `The schema ${name} has no status ${status} any more.`, { code: 27 });
}

interface Found extends DocumentWithSchema {
  readonly run: WaitingRun;
}

/** Undefined when the document is gone, or another run took the place of this one. */
async function findWaiting(db: Db, { documentId, runId }: Waiting): Promise<Found | undefined> {
  const found = await findDocumentWithSchema(db, documentId, { lock: true });
  if (found === undefined) return undefined;
  const run = await findRun(db, documentId);
  return run === undefined || run.runId !== runId ? undefined : { ...found, run };
}

/** The draft of the run, on the links that the document has now: enlistments go on changing them while it waits. */
function onPresentLinks(draft: Draft, found: Found): Draft {
  const present = draftOf(found);
  const manual = (links: Draft) => links.groupIds.filter((id) => !links.syncedGroupIds.includes(id));
  const linked = new Set([...manual(present), ...manual(draft)]);
  return {
    ...draft,
    data: declaredData(draft.data, found.schema.definition.properties),
    userIds: [...new Set([...present.userIds, ...draft.userIds])],
    groupIds: [...new Set([...present.groupIds, ...linked])],
    syncedGroupIds: present.syncedGroupIds.filter((id) => !linked.has(id)),
  };
}

/** The document stays as it was before its transition began, and is free again. */
async function giveUp(tx: DocumentTransaction, waiting: Waiting): Promise<void> {
  const found = await findWaiting(tx.db, waiting);
  if (found !== undefined) await endRun(tx, found);
}
