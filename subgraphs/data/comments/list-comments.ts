// Pages of the comments on documents: those of all documents of a request are read together.
import DataLoader from 'dataloader';
import type { SortDirection } from '../../../generated/resolvers/data.ts';
import { matches } from '../../../platform/access/condition-matches.ts';
import type { PageArguments } from '../../../platform/paging/page.ts';
import { connection, pageRequest } from '../../../platform/paging/page.ts';
import type { Viewer } from '../access.ts';
import { loadListsTogether } from '../lists-together.ts';
import type { DocumentCommentConnectionModel, DocumentModel, DocumentSchemaModel } from '../models.ts';
import { commentsReadable } from './comment-access.ts';
import type { CommentDb, CommentListing } from './store.ts';
import { countComments, listCommentRows } from './store.ts';

export interface CommentListArguments extends PageArguments {
  readonly direction: SortDirection;
}

/** A list of the comments on a document. */
export interface CommentsOf {
  readonly documentId: string;
  readonly args: CommentListArguments;
}

export type CommentsLoader = DataLoader<CommentsOf, DocumentCommentConnectionModel, string>;

export interface CommentsViewer extends Viewer {
  readonly loaders: {
    readonly schemaById: DataLoader<string, DocumentSchemaModel | null>;
    readonly commentsOf: CommentsLoader;
  };
}

/** Null where the viewer sees the document, but not what is said about it. */
export async function findCommentsOf(
  document: DocumentModel,
  args: CommentListArguments,
  viewer: CommentsViewer,
): Promise<DocumentCommentConnectionModel | null> {
  const schema = await viewer.loaders.schemaById.load(document.schemaId);
  if (schema === null || !matches(commentsReadable(viewer, schema), { ...document })) return null;
  return viewer.loaders.commentsOf.load({ documentId: document.id, args });
}

/** Knows nothing of access: ask with `findCommentsOf`. */
export function createCommentsLoader(db: CommentDb): CommentsLoader {
  const lists = {
    alike: ({ args }: CommentsOf) => args,
    load: (keys: readonly CommentsOf[]) => listTogether(db, keys),
  };
  return new DataLoader((keys) => loadListsTogether(keys, lists), {
    cacheKeyFn: ({ documentId, args }) => JSON.stringify([documentId, args]),
  });
}

/** The keys have the same arguments. */
async function listTogether(db: CommentDb, keys: readonly CommentsOf[]): Promise<DocumentCommentConnectionModel[]> {
  const documentIds = keys.map(({ documentId }) => documentId);
  const listing = readListing((keys[0] as CommentsOf).args);
  const pages = await listCommentRows(db, documentIds, listing);
  let counts: Promise<ReadonlyMap<string, number>> | undefined;
  return documentIds.map((documentId) =>
    connection(
      listing.page,
      pages.get(documentId) ?? [],
      ({ id }) => ({ key: null, id }),
      async () => {
        counts ??= countComments(db, documentIds);
        return (await counts).get(documentId) ?? 0;
      },
    ),
  );
}

function readListing({ direction, ...page }: CommentListArguments): CommentListing {
  const ascending = direction === 'ASC';
  return { page: pageRequest(page, ascending ? 'id asc' : 'id desc'), ascending };
}
