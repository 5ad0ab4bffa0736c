// A page of files from new to old for who sees files through documents: of those, only as many ids are asked for as the
// page needs. However many files a viewer sees, the newest cost the same.
import { any, type Condition, isIn } from '../../platform/access/condition.ts';
import { toWhere } from '../../platform/access/condition-where.ts';
import { prismaPage } from '../../platform/paging/prisma-page.ts';
import type { NewestFirst } from './file-access.ts';
import type { FileModel } from './models.ts';
import type { FilePage } from './read-by-size.ts';
import type { FileStore } from './store.ts';

export function readsNewestFirst({ request, sort }: Pick<FilePage, 'request' | 'sort'>): boolean {
  return sort.field === 'id' && request.backward === (sort.direction === 'asc');
}

/** One more than the page holds, if there are more, from new to old. */
export async function readNewest(
  { request, sort, where }: FilePage,
  { alone, linked }: NewestFirst,
  store: Pick<FileStore, 'list'>,
): Promise<FileModel[]> {
  const take = request.limit + 1;
  const [newest, oldest] =
    sort.direction === 'desc' ? [request.after, request.before] : [request.before, request.after];
  const read = (part: Condition) => store.list(prismaPage(request, sort, { AND: [toWhere(part), where] }));
  let files: FileModel[] | undefined;
  for await (const ids of alone.kind === 'always' ? [] : linked(newest?.id.toLowerCase())) {
    const more = isIn('id', ids);
    files = newestOf([...(files ?? []), ...(await read(files === undefined ? any(alone, more) : more))], take);
    // Links that come now are older than all of these, and so not of this page when it is full or ends before.
    const end = files.length === take ? files.at(-1) : oldest;
    if ((ids.at(-1) ?? '') <= (end?.id.toLowerCase() ?? '')) break;
  }
  return files ?? read(alone);
}

function newestOf(files: readonly FileModel[], take: number): FileModel[] {
  const byId = new Map(files.map((file) => [file.id, file]));
  return [...byId.values()].sort((one, other) => (one.id < other.id ? 1 : -1)).slice(0, take);
}
