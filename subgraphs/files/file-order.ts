// The orders of lists of files, and how a page in them is read.

import { type ListArguments, namedFields, sortBy } from '../../platform/paging/list-arguments.ts';
import type { CursorKey } from '../../platform/paging/page.ts';
import { prismaPage, type Sort } from '../../platform/paging/prisma-page.ts';
import type { FileModel } from './models.ts';
import { type FilePage, readBySize } from './read-by-size.ts';
import type { FileStore } from './store.ts';

const fields = { ...namedFields, SIZE: 'size' } as const;
export type FileOrderField = keyof typeof fields;

export function fileSort(orderBy: ListArguments<unknown, FileOrderField>['orderBy']): Sort {
  return sortBy(fields, orderBy);
}

/** One more than the page holds, if there are more, in the direction of reading. */
export function readInOrder({ request, sort, where }: FilePage, store: Pick<FileStore, 'list'>): Promise<FileModel[]> {
  if (sort.field === 'size') return readBySize({ request, sort, where }, store);
  return store.list(prismaPage(request, sort, where));
}

export function cursorKey({ field }: Sort): (file: FileModel) => CursorKey {
  if (field === 'size') return ({ id, size }) => ({ key: size === null ? null : Number(size), id });
  // `id` needs no key beside itself.
  return ({ id, name }) => ({ key: field === 'name' ? name : null, id });
}
