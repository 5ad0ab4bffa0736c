// Lists of files: filter, order and page, always within what the viewer may see.

import type { Condition } from '../../platform/access/condition.ts';
import { toWhere, type Where } from '../../platform/access/condition-where.ts';
import { booleanWhere } from '../../platform/filters/prisma-filters.ts';
import type { ListArguments } from '../../platform/paging/list-arguments.ts';
import { connection, pageRequest } from '../../platform/paging/page.ts';
import { sortName } from '../../platform/paging/prisma-page.ts';
import type { NewestFirst } from './file-access.ts';
import { type FileFilter, filterParts } from './file-filter.ts';
import { cursorKey, type FileOrderField, fileSort, readInOrder } from './file-order.ts';
import type { FileConnectionModel, FileModel } from './models.ts';
import { readNewest, readsNewestFirst } from './read-newest.ts';
import type { FileStore } from './store.ts';

export type ListFilesArguments = ListArguments<FileFilter, FileOrderField>;

/** What a viewer may see of a list. */
export interface VisibleList {
  /** Any of these; asked for only when the arguments are valid, and worked out once. See FileAccess. */
  conditions(): Promise<readonly Condition[]>;
  /** The same, where the list may be read so. */
  readonly newestFirst?: NewestFirst;
}

export async function listFiles(
  args: ListFilesArguments,
  visible: VisibleList,
  store: FileStore,
): Promise<FileConnectionModel> {
  const sort = fileSort(args.orderBy);
  const request = pageRequest(args, sortName(sort));
  const filter = booleanWhere(args.filter, 'filter', filterParts);
  const parts = async () => disjoint(await visible.conditions()).map((part): Where => ({ AND: [part, filter] }));
  const page = { request, sort, where: filter };
  const files =
    visible.newestFirst !== undefined && readsNewestFirst(page)
      ? await readNewest(page, visible.newestFirst, store)
      : await firstOf(await parts(), (where) => readInOrder({ request, sort, where }, store));
  return connection(request, files, cursorKey(sort), async () => {
    const counts = await Promise.all((await parts()).map((part) => store.count(part)));
    return counts.reduce((sum, count) => sum + count, 0);
  });
}

/** Conditions of which any may hold, so that no file meets two. All after the first name files that only they name. */
function disjoint([first, ...others]: readonly Condition[]): Where[] {
  if (first === undefined) return [];
  return [toWhere(first), ...others.map((other) => ({ AND: [toWhere(other), { NOT: toWhere(first) }] }))];
}

/** A page over several parts of a list: its files are among the first of each part, so these are put into order together. */
async function firstOf(parts: readonly Where[], read: (where: Where) => Promise<FileModel[]>): Promise<FileModel[]> {
  if (parts.length === 1) return read(parts[0] ?? {});
  const candidates = (await Promise.all(parts.map(read))).flat();
  return read({ id: { in: candidates.map(({ id }) => id) } });
}
