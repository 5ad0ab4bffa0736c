// Which files a viewer sees, by every path that there is: what one shows, all must show.
import { createFileTokenMutation, deleteFileMutation, fileQuestions } from './file-questions.ts';
import type { FileService, Person } from './file-service.ts';

/** The name of each path, and the ids of those of the files that the viewer sees by it, sorted. */
export type SeenFiles = Readonly<Record<string, readonly string[]>>;

export interface FilesInQuestion {
  /** Complete images. */
  readonly fileIds: readonly string[];
  /** Everybody who created any of them. */
  readonly creators: readonly Person[];
}

type Page = { readonly totalCount: number; readonly nodes: readonly { readonly id: string }[] };
type Questions = ReturnType<typeof fileQuestions>;

export async function seenFiles(files: FileService, viewer: Person, asked: FilesInQuestion): Promise<SeenFiles> {
  const questions = fileQuestions(() => files);
  const seen: Record<string, string[]> = {
    ...(await inLists(questions, viewer, asked)),
    ...(await byReference(questions, viewer, asked)),
  };
  const { fileIds } = asked;
  const ids = async (isSeen: (id: string) => Promise<boolean>) => {
    const answers = await Promise.all(fileIds.map(isSeen));
    return fileIds.filter((_id, index) => answers[index]);
  };
  const authorization = `Bearer ${viewer.userId}`;
  seen.byId = await ids(async (id) => (await files.file(viewer, id)) !== null);
  seen.bytes = await ids((id) => gives(`${files.url}/files/${id}`, authorization));
  seen.thumbnails = await ids((id) => gives(`${files.url}/files/${id}?width=8`, authorization));
  seen.urls = await ids((id) => gives(files.downloadUrl(viewer, id)));
  // Who may not see a file is not told either that there is something to be done with it.
  seen.tokens = await ids((id) => isKnown(questions, viewer, createFileTokenMutation, { fileId: id }));
  const own = new Set(asked.creators.includes(viewer) ? await ownOf(questions, viewer) : []);
  seen.deletion = await ids(
    async (id) => own.has(id) || (await isKnown(questions, viewer, deleteFileMutation, { fileId: id })),
  );
  const internal = await files.graph.execute('files', {
    query: 'query ($ids: [ID!]!) { visibleFiles(ids: $ids) }',
    variables: { ids: fileIds },
    identity: viewer,
    service: 'data',
  });
  seen.internal = internal.data.visibleFiles;
  return Object.fromEntries(Object.entries(seen).map(([path, found]) => [path, [...found].sort()]));
}

async function inLists({ ask }: Questions, viewer: Person, { fileIds }: FilesInQuestion) {
  const lists: Record<string, Page> = await ask(
    viewer,
    `query ($ids: [ID!]!) {
      list: files(first: 100) { totalCount nodes { id } }
      filtered: files(first: 100, filter: { id: { in: $ids } }, orderBy: { field: NAME }) { totalCount nodes { id } }
      bySize: files(first: 100, filter: { status: { eq: READY } }, orderBy: { field: SIZE }) { totalCount nodes { id } }
      fromBehind: files(last: 100) { totalCount nodes { id } }
    }`,
    { ids: fileIds },
  );
  return Object.fromEntries(Object.entries(lists).map(([path, page]) => [path, idsOf(page, fileIds)]));
}

async function byReference({ ask }: Questions, viewer: Person, { fileIds, creators }: FilesInQuestion) {
  const { _entities: entities } = await ask(
    viewer,
    `query ($all: [_Any!]!) { _entities(representations: $all) {
      ... on File { id }
      ... on User { files(first: 100) { totalCount nodes { id } } }
    } }`,
    {
      all: [
        ...fileIds.map((id) => ({ __typename: 'File', id })),
        ...creators.map(({ userId }) => ({ __typename: 'User', id: userId })),
      ],
    },
  );
  const references: ({ id: string } | null)[] = entities.slice(0, fileIds.length);
  const nested: { files: Page }[] = entities.slice(fileIds.length);
  return {
    references: references.flatMap((file) => (file === null ? [] : [file.id])),
    nested: nested.flatMap(({ files }) => idsOf(files, fileIds)),
  };
}

/** Those in question; the whole page is counted, for a count must tell no more than the page shows. */
function idsOf({ totalCount, nodes }: Page, fileIds: readonly string[]): string[] {
  if (totalCount !== nodes.length) throw new Error(`A list of ${nodes.length} files counts ${totalCount}`);
  return nodes.map(({ id }) => id).filter((id) => fileIds.includes(id));
}

async function gives(url: string | Promise<string>, authorization?: string): Promise<boolean> {
  const address = await url;
  if (!URL.canParse(address)) return false;
  const response = await fetch(address, { headers: authorization === undefined ? {} : { authorization } });
  await response.arrayBuffer();
  return response.status === 200;
}

async function isKnown({ refusal }: Questions, viewer: Person, mutation: string, input: Record<string, unknown>) {
  return (await refusal(viewer, mutation, { input })).code !== 'NOT_FOUND';
}

/** What the viewer could delete. */
async function ownOf({ ask }: Questions, viewer: Person): Promise<string[]> {
  const query = 'query ($id: ID!) { files(first: 100, filter: { creatorId: { eq: $id } }) { nodes { id } } }';
  const { files } = await ask(viewer, query, { id: viewer.userId });
  return files.nodes.map(({ id }: { id: string }) => id);
}
