// What the service `files` asks of documents for those who follow files: who sees a document sees its files.
import { matches } from '../../../platform/access/condition-matches.ts';
import type { GroupRelation } from '../../../platform/access/rights-change.ts';
import { showsAnything } from '../../../platform/access/rights-change.ts';
import { invalidInput } from '../../../platform/errors.ts';
import type { Viewer } from '../access.ts';
import { readable, readableOfAny } from '../access.ts';
import type { Db } from '../documents/store.ts';
import { findAllSchemas, findSchemasById } from '../schemas/store.ts';

/** What the rule of who sees a document reads. */
export interface DocumentLinks {
  readonly schemaId: string;
  readonly creatorId: string;
  readonly userIds: readonly string[];
  readonly groupIds: readonly string[];
}

/** Rights; everywhere unless a group is named. */
export interface AskedRights {
  readonly groupId?: string | null;
  readonly permissions: readonly string[];
  readonly relations: readonly GroupRelation[];
}

const most = 1_000;

/** For each, whether the viewer sees a document that is linked so. */
export async function seesDocuments(db: Db, viewer: Viewer, documents: readonly DocumentLinks[]): Promise<boolean[]> {
  if (documents.length > most) throw invalidInput('documents', `at most ${most} are allowed.`);
  const found = await findSchemasById(db, [...new Set(documents.map(({ schemaId }) => schemaId))]);
  const rules = new Map(found.map((schema) => [schema.id, readable(viewer, schema)]));
  return documents.map((document) => {
    const rule = rules.get(document.schemaId);
    return rule !== undefined && matches(rule, { ...document });
  });
}

/** For each, whether these rights by themselves show documents of any schema. */
export async function showsDocuments(db: Db, { now }: Viewer, rights: readonly AskedRights[]): Promise<boolean[]> {
  const schemas = rights.length === 0 ? [] : await findAllSchemas(db);
  return rights.map(({ groupId = null, ...each }) =>
    showsAnything({ groupId, ...each }, (identity) => readableOfAny({ identity, now }, schemas)),
  );
}
