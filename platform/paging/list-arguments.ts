// What a list is asked for beside its page: a filter and an order, as GraphQL hands them over.
import type { Maybe } from '../filters/prisma-filters.ts';
import type { PageArguments } from './page.ts';
import { byCreation, type Sort } from './prisma-page.ts';

interface Order<Field extends string> {
  readonly field: Field;
  /** Upwards unless told. */
  readonly direction?: 'ASC' | 'DESC';
}

export interface ListArguments<Filter, Field extends string> extends PageArguments {
  readonly filter?: Maybe<Filter>;
  readonly orderBy?: Maybe<Order<Field>>;
}

/** What every row can be sorted by. Ids grow with time: they sort by creation. */
export const createdFields = { CREATED_AT: 'id' } as const;
export type CreatedField = keyof typeof createdFields;

/** What rows with a name can be sorted by. */
export const namedFields = { ...createdFields, NAME: 'name' } as const;
export type NamedField = keyof typeof namedFields;

export function sortBy<Field extends string>(
  fields: Readonly<Record<Field, string>>,
  order: Maybe<Order<Field>>,
  unlessTold: Sort = byCreation,
): Sort {
  if (order === null || order === undefined) return unlessTold;
  return { field: fields[order.field], direction: order.direction === 'DESC' ? 'desc' : 'asc' };
}
