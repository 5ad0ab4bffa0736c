// Gives a document's data the content of an earlier version, as far as the schema declares it now; status and links
// stay. Automatic transitions follow.
import { AppError, invalidInput } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import type { Viewer } from '../access.ts';
import { findEarlierData } from '../history/earlier-data.ts';
import type { JsonObject } from '../json/plain-json.ts';
import type { DataParts } from '../parts.ts';
import { changeDocument, changeOfData } from './change-document.ts';
import { declaredData } from './declared-data.ts';
import type { Expectation } from './expectation.ts';
import type { DocumentWithSchema } from './store.ts';
import { updating } from './update-document.ts';

export interface Restoration extends Expectation {
  readonly id: string;
  readonly version: number;
}

/** Throws as `changeDocument` does; NOT_FOUND when there is no such version. */
export async function restoreDocument(
  { id: givenId, version, ...expectation }: Restoration,
  viewer: Viewer,
  parts: DataParts,
): Promise<DocumentWithSchema> {
  const id = requireId(givenId, 'input.id');
  const field = 'input.version';
  if (version < 1) throw invalidInput(field, 'must be 1 or more.');
  // Versions never change: what one was needs no lock.
  const [earlier = null] = await findEarlierData(parts.database.db, [{ documentId: id, version }]);
  const begin = changeOfData((_data, { document, schema }): JsonObject => {
    if (earlier === null || version > document.version) {
      throw new AppError('NOT_FOUND', `${field}: the document has no such version.`, { field, code: 16 });
    }
    return declaredData(earlier, schema.definition.properties);
  });
  return changeDocument({ id, action: updating, expectation, kind: 'RESTORED', field: 'data', begin }, viewer, parts);
}
