// The one way in which the data of a document changes: found and locked, allowed, open, unlocked and as expected; then
// the workflow runs, and everything it did is written in one transaction.
import { AppError } from '../../../platform/errors.ts';
import { requireUser } from '../../../platform/subgraph/context.ts';
import type { Viewer } from '../access.ts';
import type { JsonObject } from '../json/plain-json.ts';
import type { VersionKind } from '../models.ts';
import type { DataParts } from '../parts.ts';
import type { Progress, WorkflowSetting } from '../workflow/advance.ts';
import { advance } from '../workflow/advance.ts';
import type { Draft } from '../workflow/draft.ts';
import type { KnownFacts } from '../workflow/facts.ts';
import { onKnownFacts } from '../workflow/facts.ts';
import { newPatternTime, withinPatternTime } from '../workflow/pattern-time.ts';
import { startChange } from '../workflow/start-workflow.ts';
import { declaredData } from './declared-data.ts';
import type { Expectation } from './expectation.ts';
import { requireExpected } from './expectation.ts';
import { explainingIndexes } from './index-refusals.ts';
import { withFacts } from './learn-facts.ts';
import { requireUnlocked } from './locked-document.ts';
import type { DocumentAction } from './require-document.ts';
import { requireDocument } from './require-document.ts';
import { settle } from './settle.ts';
import type { Db, DocumentWithSchema } from './store.ts';

export interface DocumentChange {
  readonly id: string;
  readonly action: DocumentAction;
  readonly expectation: Expectation;
  /** What the version is when no transition runs. */
  readonly kind: VersionKind;
  /** Names the data in refusals: where it was given, or `data` when the whole is what does not conform. */
  readonly field: string;
  /** What the workflow begins with. May be called more than once. */
  readonly begin: (draft: Draft, setting: WorkflowSetting, found: DocumentWithSchema) => Progress;
}

/**
 * Throws as `requireDocument`, `requireExpected` and the workflow do; ILLEGAL_STATE for a schema that is disabled,
 * LOCKED_DOCUMENT while a transition waits. Whatever is thrown, nothing has changed.
 */
export function changeDocument(change: DocumentChange, viewer: Viewer, parts: DataParts): Promise<DocumentWithSchema> {
  const cause = { initiatorId: requireUser(viewer.identity).userId, kind: change.kind, now: viewer.now };
  const patternTime = newPatternTime();
  const attempt = (known: KnownFacts) =>
    parts.database.write(async (tx) => {
      const found = await requireChangeable(tx.db, change, viewer);
      const { schema, document } = found;
      const outcome = onKnownFacts(known, (facts) => {
        const setting = {
          schema,
          document,
          checks: parts.checksOf(schema),
          facts,
          now: viewer.now,
          field: change.field,
        };
        return withinPatternTime(patternTime, change.field, () =>
          advance(change.begin(draftOf(found), setting, found), setting),
        );
      });
      return { schema, document: await settle(tx, found, { outcome, cause }) };
    });
  return explainingIndexes(parts, change.field, () => withFacts(parts.services, viewer.identity, attempt));
}

/** What a function makes of the data is what it becomes, as far as the schema declares it. */
export function changeOfData(
  change: (data: JsonObject, found: DocumentWithSchema) => JsonObject,
): DocumentChange['begin'] {
  return (draft, setting, found) => startChange(draft, change(draft.data, found), setting);
}

/** The document, locked until the transaction ends, for a change that `action` is about. */
export async function requireChangeable(
  db: Db,
  { id, action, expectation }: Pick<DocumentChange, 'id' | 'action' | 'expectation'>,
  viewer: Viewer,
): Promise<DocumentWithSchema> {
  const found = await requireDocument(db, { id, lock: true }, { viewer, action });
  requireOpen(found.schema);
  await requireUnlocked(db, found.document, viewer.now);
  requireExpected(expectation, found, viewer);
  return found;
}

/** ILLEGAL_STATE for a schema that is disabled. */
export function requireOpen({ name, disabled }: DocumentWithSchema['schema']): void {
  if (disabled) throw new AppError('ILLEGAL_STATE', `The schema ${name} is disabled.`, { code: 27 });
}

export function draftOf({ document, schema }: DocumentWithSchema): Draft {
  const { creatorId, userIds, groupIds, syncedGroupIds, status, statusChangedAt } = document;
  return {
    creatorId,
    userIds,
    groupIds,
    syncedGroupIds,
    status,
    statusChangedAt: statusChangedAt.getTime(),
    data: declaredData(document.data, schema.definition.properties),
  };
}
