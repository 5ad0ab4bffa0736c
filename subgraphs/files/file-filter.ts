// The filter of lists of files, as conditions on their rows.
import type { Where } from '../../platform/access/condition-where.ts';
import {
  type Combined,
  type DateTimeFilter,
  dateTimeWhere,
  type IdFilter,
  idWhere,
  type Maybe,
  optionalWhere,
  type StringFilter,
  type StringListFilter,
  stringListWhere,
  stringWhere,
} from '../../platform/filters/prisma-filters.ts';
import type { FileStatus } from './models.ts';

interface FileStatusFilter {
  readonly eq?: Maybe<FileStatus>;
  readonly ne?: Maybe<FileStatus>;
  readonly in?: Maybe<readonly FileStatus[]>;
  readonly out?: Maybe<readonly FileStatus[]>;
}

interface FileSizeFilter {
  readonly eq?: Maybe<number>;
  readonly ne?: Maybe<number>;
  readonly gt?: Maybe<number>;
  readonly ge?: Maybe<number>;
  readonly lt?: Maybe<number>;
  readonly le?: Maybe<number>;
}

export interface FileFilter extends Combined<FileFilter> {
  readonly id?: Maybe<IdFilter>;
  readonly name?: Maybe<StringFilter>;
  readonly mimeType?: Maybe<StringFilter>;
  readonly tags?: Maybe<StringListFilter>;
  readonly creatorId?: Maybe<IdFilter>;
  readonly status?: Maybe<FileStatusFilter>;
  readonly sha256?: Maybe<StringFilter>;
  readonly size?: Maybe<FileSizeFilter>;
  readonly createdAt?: Maybe<DateTimeFilter>;
}

const noSize: Where = { size: null };
const noSha256: Where = { sha256: null };

export function filterParts(filter: FileFilter, path: string): Where[] {
  return [
    ...idWhere('id', filter.id, `${path}.id`),
    ...stringWhere('name', filter.name, `${path}.name`),
    ...stringWhere('mimeType', filter.mimeType, `${path}.mimeType`),
    ...stringListWhere('tags', filter.tags, `${path}.tags`),
    ...idWhere('creatorId', filter.creatorId, `${path}.creatorId`),
    ...stringWhere('status', filter.status, `${path}.status`),
    ...optionalWhere(filter.sha256, noSha256, (part) => stringWhere('sha256', part, `${path}.sha256`)),
    ...sizeWhere(filter.size),
    ...dateTimeWhere('createdAt', filter.createdAt),
  ];
}

const sizeOperators = { eq: 'equals', gt: 'gt', ge: 'gte', lt: 'lt', le: 'lte' } as const;

/** Never SQL's "unknown", which `not` would leave unknown: files without bytes meet nothing but `ne`. */
function sizeWhere(filter: Maybe<FileSizeFilter>): Where[] {
  const compared = Object.entries(sizeOperators).flatMap(([operator, prismaOperator]): Where[] => {
    const value = filter?.[operator as keyof FileSizeFilter];
    return value === null || value === undefined ? [] : [{ size: { [prismaOperator]: BigInt(value) } }];
  });
  const ne = filter?.ne;
  return [
    ...compared.map((part) => ({ AND: [{ NOT: noSize }, part] })),
    ...(ne === null || ne === undefined ? [] : [{ OR: [noSize, { size: { not: BigInt(ne) } }] }]),
  ];
}
