// What the lists of this service share: filter arguments and order.
import type { PageArguments } from '../../platform/paging/page.ts';
import type { Sort } from '../../platform/paging/prisma-page.ts';
import { byCreation } from '../../platform/paging/prisma-page.ts';

export type Maybe<T> = T | null | undefined;
export type Combined<F> = {
  readonly and?: Maybe<readonly F[]>;
  readonly or?: Maybe<readonly F[]>;
  readonly not?: Maybe<F>;
};

interface Order<Field extends string> {
  readonly field: Field;
  /** Upwards unless told. */
  readonly direction?: 'ASC' | 'DESC';
}

export interface ListArguments<Filter, Field extends string> extends PageArguments {
  readonly filter?: Maybe<Filter>;
  readonly orderBy?: Maybe<Order<Field>>;
}

/** Groups and roles can be sorted by the same. Ids grow with time: they sort by creation. */
export const namedFields = { CREATED_AT: 'id', NAME: 'name' } as const;
export type NamedField = keyof typeof namedFields;

export function sortBy<Field extends string>(
  fields: Readonly<Record<Field, string>>,
  order: Maybe<Order<Field>>,
): Sort {
  if (order === null || order === undefined) return byCreation;
  return { field: fields[order.field], direction: order.direction === 'DESC' ? 'desc' : 'asc' };
}
