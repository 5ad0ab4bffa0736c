// The document that a mutation is about: found, and the viewer may do this to it. What the viewer may not see is as if
// it were not there.
import type { Condition } from '../../../platform/access/condition.ts';
import { matches } from '../../../platform/access/condition-matches.ts';
import { forbidden, notFound } from '../../../platform/errors.ts';
import type { Viewer } from '../access.ts';
import { readable } from '../access.ts';
import type { Db, DocumentWithSchema } from './store.ts';
import { findDocumentWithSchema } from './store.ts';

export interface DocumentAction {
  /** Which documents of the schema the viewer may do it to. */
  readonly allowed: (viewer: Viewer, schema: DocumentWithSchema['schema']) => Condition;
  /** Named when the viewer sees the document, but may not. */
  readonly permission: string;
  /** Names the id of the document in a refusal; `input.id` unless told. */
  readonly field?: string;
}

/** NOT_FOUND for an unknown or invisible document, FORBIDDEN for one that the viewer sees but may not do this to. */
export async function requireDocument(
  db: Db,
  { id, lock }: { readonly id: string; readonly lock: boolean },
  { viewer, action }: { readonly viewer: Viewer; readonly action: DocumentAction },
): Promise<DocumentWithSchema> {
  const found = await findDocumentWithSchema(db, id, { lock });
  const field = action.field ?? 'input.id';
  if (found === undefined) throw notFound('Document', field);
  const row = { ...found.document };
  if (matches(action.allowed(viewer, found.schema), row)) return found;
  throw matches(readable(viewer, found.schema), row) ? forbidden(action.permission) : notFound('Document', field);
}
