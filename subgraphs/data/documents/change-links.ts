// The one way in which links of documents are made and ended by hand: who may, then everything in one transaction.
import { isDeepStrictEqual } from 'node:util';
import type { Condition } from '../../../platform/access/condition.ts';
import { all, always, never } from '../../../platform/access/condition.ts';
import { requireUser } from '../../../platform/subgraph/context.ts';
import type { Viewer } from '../access.ts';
import { mayLink, readable, writable } from '../access.ts';
import type { DataParts } from '../parts.ts';
import type { WorkflowSetting } from '../workflow/advance.ts';
import type { Draft } from '../workflow/draft.ts';
import type { KnownFacts } from '../workflow/facts.ts';
import { onKnownFacts } from '../workflow/facts.ts';
import { draftOf, requireChangeable } from './change-document.ts';
import type { Expectation } from './expectation.ts';
import { explainingIndexes } from './index-refusals.ts';
import { withFacts } from './learn-facts.ts';
import type { DocumentAction } from './require-document.ts';
import { writeChange } from './settle.ts';
import type { Db, DocumentWithSchema } from './store.ts';

export interface LinkChange {
  readonly id: string;
  readonly action: DocumentAction;
  readonly expectation: Expectation;
  /** What becomes of the links to users and groups. */
  readonly people: (draft: Draft, setting: Pick<WorkflowSetting, 'schema' | 'facts'>) => Draft;
  /** Changes the links to files; which ones changed. */
  readonly files: (db: Db, now: Date) => Promise<ChangedFiles>;
}

export interface ChangedFiles {
  readonly linked: readonly string[];
  readonly unlinked: readonly string[];
}

/** Throws as `changeDocument` does, without a workflow: links start none. */
export function changeLinks(change: LinkChange, viewer: Viewer, parts: DataParts): Promise<DocumentWithSchema> {
  const { now, identity } = viewer;
  const cause = { initiatorId: requireUser(identity).userId, kind: 'LINKED' as const, now };
  const attempt = (known: KnownFacts) =>
    parts.database.write(async (tx) => {
      const found = await requireChangeable(tx.db, change, viewer);
      const { document, schema } = found;
      const draft = onKnownFacts(known, (facts) => change.people(draftOf(found), { schema, facts }));
      const files = await change.files(tx.db, new Date(now));
      const isTouched = files.linked.length + files.unlinked.length > 0;
      const { userIds, groupIds, syncedGroupIds } = draft;
      const links = { userIds, groupIds, syncedGroupIds };
      // Whoever changes nothing may be somebody who only reads: a run that is late goes on all the same.
      if (!isTouched && isDeepStrictEqual(links, linksOf(document))) return found;
      const after = { ...document, ...links };
      return { schema, document: await writeChange(tx, found, { after, cause, files }) };
    });
  return explainingIndexes(parts, 'input', () => withFacts(parts.services, identity, attempt));
}

function linksOf({ userIds, groupIds, syncedGroupIds }: DocumentWithSchema['document']) {
  return { userIds, groupIds, syncedGroupIds };
}

/** Links to people take a permission of their own, because they change who sees the document. */
export function linking({ people, files }: { readonly people: boolean; readonly files: boolean }): DocumentAction {
  const allowed = (viewer: Viewer, schema: DocumentWithSchema['schema']): Condition => {
    if (!people && !files) return readable(viewer, schema);
    return all(people && !mayLink(viewer, schema) ? never : always, files ? writable(viewer, schema) : always);
  };
  return { allowed, permission: people ? 'UPDATE_ACCESS_TO_DOCUMENT' : 'UPDATE_DOCUMENTS' };
}
