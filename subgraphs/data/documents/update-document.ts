// Changes the data of a document: keys given replace those stored, null removes a key, and the whole is validated.
// Automatic transitions follow.
import { requireId } from '../../../platform/ids.ts';
import type { Viewer } from '../access.ts';
import { writable } from '../access.ts';
import { requireJsonObject } from '../json/plain-json.ts';
import type { DataParts } from '../parts.ts';
import { mergeData } from '../workflow/start-workflow.ts';
import { changeDocument, changeOfData } from './change-document.ts';
import type { Expectation } from './expectation.ts';
import type { DocumentAction } from './require-document.ts';
import type { DocumentWithSchema } from './store.ts';

export interface DocumentUpdate extends Expectation {
  readonly id: string;
  readonly data: unknown;
}

/** What changes of the data ask for. */
export const updating: DocumentAction = { allowed: writable, permission: 'UPDATE_DOCUMENTS' };

/** Throws as `changeDocument` does. */
export async function updateDocument(
  { id, data: given, ...expectation }: DocumentUpdate,
  viewer: Viewer,
  parts: DataParts,
): Promise<DocumentWithSchema> {
  const field = 'input.data';
  const changes = requireJsonObject(given, field);
  const begin = changeOfData((data) => mergeData(data, changes));
  const change = {
    id: requireId(id, 'input.id'),
    action: updating,
    expectation,
    kind: 'UPDATED' as const,
    field,
    begin,
  };
  return changeDocument(change, viewer, parts);
}
