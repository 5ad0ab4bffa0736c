// Pages of the versions of documents, newest first.
import type { SlowReads } from '../../../platform/database/query-gate.ts';
import type { PageArguments } from '../../../platform/paging/page.ts';
import { connection, foreignCursor, pageRequest } from '../../../platform/paging/page.ts';
import type { DocumentModel, DocumentVersionConnectionModel } from '../models.ts';
import type { VersionSelection } from './store.ts';
import { listVersionRows } from './store.ts';

/** The largest integer that the column holds. */
const newestPossible = 2 ** 31 - 1;

function isVersion(key: unknown): boolean {
  return Number.isInteger(key) && Number(key) >= 1 && Number(key) <= newestPossible;
}

/** The page of each document, in their order. BAD_USER_INPUT where the arguments are not valid. */
export async function listVersions(
  db: SlowReads,
  documents: readonly Pick<DocumentModel, 'id' | 'schemaId' | 'version'>[],
  { withChanges, ...args }: PageArguments & VersionSelection,
): Promise<DocumentVersionConnectionModel[]> {
  const page = pageRequest(args, 'version');
  for (const [field, cursor] of [['after', page.after] as const, ['before', page.before] as const]) {
    if (cursor !== undefined && !isVersion(cursor.key)) throw foreignCursor(field);
  }
  const ids = documents.map(({ id }) => id);
  const pages = await listVersionRows(db, ids, { ...page, withChanges });
  return documents.map(({ id, schemaId, version }) => {
    const rows = (pages.get(id) ?? []).map((row) => ({ ...row, id, schemaId }));
    // Versions have no gaps: the newest tells how many there are.
    return connection(
      page,
      rows,
      (row) => ({ key: row.version, id }),
      async () => version,
    );
  });
}
