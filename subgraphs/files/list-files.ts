// Lists of files: filter, order and page, always within what the viewer may see.

import type { Condition } from '../../platform/access/condition.ts';
import { toWhere, type Where } from '../../platform/access/condition-where.ts';
import type {
  DateTimeFilter,
  IdFilter,
  StringFilter,
  StringListFilter,
} from '../../platform/filters/prisma-filters.ts';
import {
  booleanWhere,
  dateTimeWhere,
  idWhere,
  stringListWhere,
  stringWhere,
} from '../../platform/filters/prisma-filters.ts';
import type { PageArguments } from '../../platform/paging/page.ts';
import { connection, pageRequest } from '../../platform/paging/page.ts';
import { byCreation, prismaPage, type Sort, sortName } from '../../platform/paging/prisma-page.ts';
import type { FileConnectionModel, FileModel } from './models.ts';
import type { FileStore } from './store.ts';

type Maybe<T> = T | null | undefined;

export interface FileFilter {
  readonly id?: Maybe<IdFilter>;
  readonly name?: Maybe<StringFilter>;
  readonly mimeType?: Maybe<StringFilter>;
  readonly tags?: Maybe<StringListFilter>;
  readonly creatorId?: Maybe<IdFilter>;
  readonly createdAt?: Maybe<DateTimeFilter>;
  readonly and?: Maybe<readonly FileFilter[]>;
  readonly or?: Maybe<readonly FileFilter[]>;
  readonly not?: Maybe<FileFilter>;
}

export interface ListFilesArguments extends PageArguments {
  readonly filter?: Maybe<FileFilter>;
  readonly orderBy?: Maybe<{ readonly field: 'CREATED_AT' | 'NAME'; readonly direction?: 'ASC' | 'DESC' }>;
}

/** `visible`: what the viewer may see of the list, any of these; asked for only when the arguments are valid. */
export async function listFiles(
  args: ListFilesArguments,
  visible: () => Promise<readonly Condition[]>,
  store: FileStore,
): Promise<FileConnectionModel> {
  const sort = sortBy(args.orderBy);
  const request = pageRequest(args, sortName(sort));
  const filter = booleanWhere(args.filter, 'filter', filterParts);
  const parts = disjoint(await visible()).map((part): Where => ({ AND: [part, filter] }));
  const read = (where: Where) => store.list(prismaPage(request, sort, where));
  const cursorKey = (file: FileModel) => ({ key: sort.field === 'name' ? file.name : null, id: file.id });
  return connection(request, await firstOf(parts, read), cursorKey, async () => {
    const counts = await Promise.all(parts.map((part) => store.count(part)));
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

function sortBy(orderBy: ListFilesArguments['orderBy']): Sort {
  if (!orderBy) return byCreation;
  // Ids grow with time, so they sort by creation, without ties.
  return {
    field: orderBy.field === 'NAME' ? 'name' : 'id',
    direction: orderBy.direction === 'DESC' ? 'desc' : 'asc',
  };
}

function filterParts(filter: FileFilter, path: string): Where[] {
  return [
    ...idWhere('id', filter.id, `${path}.id`),
    ...stringWhere('name', filter.name, `${path}.name`),
    ...stringWhere('mimeType', filter.mimeType, `${path}.mimeType`),
    ...stringListWhere('tags', filter.tags, `${path}.tags`),
    ...idWhere('creatorId', filter.creatorId, `${path}.creatorId`),
    ...dateTimeWhere('createdAt', filter.createdAt),
  ];
}
