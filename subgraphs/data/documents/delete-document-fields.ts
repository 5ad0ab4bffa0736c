// Removes values at paths of a document's data. Automatic transitions follow.
import { invalidInput } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import { requireText } from '../../../platform/text.ts';
import type { Viewer } from '../access.ts';
import { removeAt, splitPath } from '../json/data-path.ts';
import type { DataParts } from '../parts.ts';
import { changeDocument, changeOfData } from './change-document.ts';
import type { Expectation } from './expectation.ts';
import type { DocumentWithSchema } from './store.ts';
import { updating } from './update-document.ts';

export interface FieldDeletion extends Expectation {
  readonly id: string;
  readonly fields: readonly string[];
}

const mostFields = 100;
const longestPath = 500;

/** Paths where nothing stands are passed over. Throws as `changeDocument` does. */
export async function deleteDocumentFields(
  { id: givenId, fields, ...expectation }: FieldDeletion,
  viewer: Viewer,
  parts: DataParts,
): Promise<DocumentWithSchema> {
  const id = requireId(givenId, 'input.id');
  const field = 'input.fields';
  if (fields.length === 0) throw invalidInput(field, 'name at least one.');
  if (fields.length > mostFields) throw invalidInput(field, `at most ${mostFields} are allowed.`);
  const paths = fields.map((path, index) => splitPath(requireText(path, `${field}.${index}`, { most: longestPath })));
  const begin = changeOfData((data) => paths.reduce(removeAt, data));
  return changeDocument({ id, action: updating, expectation, kind: 'UPDATED', field: 'data', begin }, viewer, parts);
}
