// Asks the service `data` which files belong to documents that a viewer may see: who sees a document sees its files.
import { invariant } from '../../platform/errors.ts';
import type { Identity } from '../../platform/identity/identity.ts';
import { identityFrom, isSignedIn } from '../../platform/identity/identity.ts';
import type { ServiceClient } from '../../platform/subgraph/service-client.ts';

export interface LinkedFiles {
  /** Those of these files that the viewer sees through a document. */
  among(fileIds: readonly string[], viewer: Identity): Promise<string[]>;
  /** All files that the viewer sees through documents. */
  all(viewer: Identity): Promise<string[]>;
  /** The same page by page, from new to old, as long as they are asked for; only those older than this id, if given. */
  newestFirst(viewer: Identity, before?: string): AsyncIterable<readonly string[]>;
  /** Those of these files that belong to any document, whoever sees it. */
  amongAll(fileIds: readonly string[]): Promise<string[]>;
}

const pageSize = 1000;

/** Nobody, who sees every document: what this service asks for itself, and not for a viewer. */
const everyDocument = identityFrom({
  userId: '00000000-0000-0000-0000-000000000000',
  permissions: ['VIEW_DOCUMENTS'],
});

const amongQuery = 'query VisibleLinkedFiles($fileIds: [ID!]!) { visibleLinkedFiles(fileIds: $fileIds) }';
const pageQuery = 'query LinkedFileIds($before: ID, $first: Int!) { linkedFileIds(before: $before, first: $first) }';

export function createLinkedFiles(services: ServiceClient): LinkedFiles {
  const mayHaveAny = (viewer: Identity) => isSignedIn(viewer) && services.has('data');

  async function page(before: string | undefined, viewer: Identity): Promise<readonly string[]> {
    const { linkedFileIds } = await services.call<{ linkedFileIds: string[] }>('data', {
      query: pageQuery,
      variables: { before: before ?? null, first: pageSize },
      identity: viewer,
    });
    // Pages go from new to old; one that does not move on would be asked for without end.
    const newest = linkedFileIds[0];
    invariant(before === undefined || newest === undefined || newest < before, 'a page of linked files moves on');
    return linkedFileIds;
  }

  async function among(fileIds: readonly string[], viewer: Identity): Promise<string[]> {
    if (fileIds.length === 0 || !mayHaveAny(viewer)) return [];
    const linked: string[] = [];
    for (let start = 0; start < fileIds.length; start += pageSize) {
      const { visibleLinkedFiles } = await services.call<{ visibleLinkedFiles: string[] }>('data', {
        query: amongQuery,
        variables: { fileIds: fileIds.slice(start, start + pageSize) },
        identity: viewer,
      });
      linked.push(...visibleLinkedFiles);
    }
    return linked;
  }

  async function* newestFirst(viewer: Identity, before?: string): AsyncGenerator<readonly string[]> {
    if (!mayHaveAny(viewer)) return;
    for (let oldest = before; ; ) {
      const next = await page(oldest, viewer);
      yield next;
      if (next.length < pageSize) return;
      oldest = next.at(-1);
    }
  }

  return {
    among,
    amongAll: (fileIds) => among(fileIds, everyDocument),
    newestFirst,
    async all(viewer) {
      const linked: string[] = [];
      for await (const next of newestFirst(viewer)) linked.push(...next);
      return linked;
    },
  };
}
