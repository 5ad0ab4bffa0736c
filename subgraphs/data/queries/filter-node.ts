// A filter of documents as a tree: what every way of writing filters is read into, and what is compiled to SQL.
// Each node is true or false of a document, never unknown, so `not` means just that. Where a schema declares one value,
// `single` says of which type.
import type { DataPath } from '../json/data-path.ts';
import type { SingleType } from './typed-value-sql.ts';

export type Scalar = string | number | boolean | null;
export type Comparison = 'gt' | 'ge' | 'lt' | 'le';

/** Columns of documents that may be filtered by, with their kinds. */
export const filterColumns = {
  id: 'id',
  status: 'text',
  creatorId: 'id',
  userIds: 'ids',
  groupIds: 'ids',
  createdAt: 'moment',
  updatedAt: 'moment',
  statusChangedAt: 'moment',
} as const;

export type FilterColumn = keyof typeof filterColumns;

export type FilterNode =
  /** No parts: true. */
  | { readonly kind: 'all'; readonly of: readonly FilterNode[] }
  /** No parts: false. */
  | { readonly kind: 'any'; readonly of: readonly FilterNode[] }
  | { readonly kind: 'not'; readonly of: FilterNode }
  /** The column equals one of the values; a column of ids holds one of them. */
  | { readonly kind: 'columnEquals'; readonly column: FilterColumn; readonly values: readonly string[] }
  | {
      readonly kind: 'columnCompares';
      readonly column: FilterColumn;
      readonly operator: Comparison;
      readonly value: string;
    }
  | { readonly kind: 'columnLike'; readonly column: FilterColumn; readonly text: string }
  /**
   * The value equals one of these, or is a list that has one of them. Null equals what is absent, too. With `single`,
   * a stored value of another type equals nothing else.
   */
  | {
      readonly kind: 'equals';
      readonly path: DataPath;
      readonly single: SingleType | undefined;
      readonly values: readonly Scalar[];
    }
  /** The value, or one in the list that it is, has the type of this one and compares so. Text compares by code points. */
  | {
      readonly kind: 'compares';
      readonly path: DataPath;
      readonly single: SingleType | undefined;
      readonly operator: Comparison;
      readonly value: string | number;
    }
  /** The text, or one in the list that it is, contains this text, whatever the case. */
  | {
      readonly kind: 'like';
      readonly path: DataPath;
      readonly single: SingleType | undefined;
      readonly text: string;
    }
  | { readonly kind: 'present'; readonly path: DataPath }
  /** The value is a list with an object of which `where` is true; paths in there count from the object. */
  | { readonly kind: 'element'; readonly path: DataPath; readonly where: FilterNode };

export const never: FilterNode = { kind: 'any', of: [] };
export const always: FilterNode = { kind: 'all', of: [] };

export function negatedIf(negated: boolean, node: FilterNode): FilterNode {
  return negated ? { kind: 'not', of: node } : node;
}
