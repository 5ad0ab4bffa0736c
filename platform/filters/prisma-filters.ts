// The shared filter inputs (schema/shared.graphql) as Prisma `where` conditions on one field.
import type { Where } from '../access/condition-where.ts';
import { nothing } from '../access/condition-where.ts';
import { invalidInput } from '../errors.ts';
import { requireId } from '../ids.ts';
import { requireText } from '../text.ts';

export type Maybe<T> = T | null | undefined;

export interface IdFilter {
  readonly eq?: Maybe<string>;
  readonly ne?: Maybe<string>;
  readonly in?: Maybe<readonly string[]>;
  readonly out?: Maybe<readonly string[]>;
}

export interface StringFilter extends IdFilter {
  readonly like?: Maybe<string>;
}

export interface StringListFilter {
  readonly contains?: Maybe<string>;
  readonly excludes?: Maybe<string>;
}

export interface DateTimeFilter {
  readonly eq?: Maybe<Date>;
  readonly ne?: Maybe<Date>;
  readonly gt?: Maybe<Date>;
  readonly ge?: Maybe<Date>;
  readonly lt?: Maybe<Date>;
  readonly le?: Maybe<Date>;
}

const mostValues = 100;
const textLimits = { most: 10_000 };

/** `path` names the filter in a refusal, for example `filter.id`. */
export function idWhere(field: string, filter: Maybe<IdFilter>, path: string): Where[] {
  const id = (value: string, operator: string) => requireId(value, `${path}.${operator}`);
  return scalarWhere(field, filter, path, id);
}

export function stringWhere(field: string, filter: Maybe<StringFilter>, path: string): Where[] {
  const like = present(filter?.like);
  return [
    ...scalarWhere(field, filter, path, (value, operator) => requireText(value, `${path}.${operator}`, textLimits)),
    ...(like === undefined ? [] : [{ [field]: { contains: likePattern(like, path), mode: 'insensitive' } }]),
  ];
}

/**
 * A filter on a value that rows can be without; `missing` says which those are. They have none that is equal, and every
 * value is another: never SQL's "unknown", also within `not`.
 */
export function optionalWhere(
  filter: Maybe<StringFilter>,
  missing: Where,
  compile: (filter: StringFilter) => Where[],
): Where[] {
  const { ne, out, ...others } = filter ?? {};
  return [
    ...compile(others).map((part) => ({ AND: [{ NOT: missing }, part] })),
    ...compile({ ne, out }).map((part) => ({ OR: [missing, part] })),
  ];
}

export function stringListWhere(field: string, filter: Maybe<StringListFilter>, path: string = field): Where[] {
  const element = (operator: keyof StringListFilter) => {
    const value = present(filter?.[operator]);
    return value === undefined ? undefined : requireText(value, `${path}.${operator}`, textLimits);
  };
  const contains = element('contains');
  const excludes = element('excludes');
  return [
    ...(contains === undefined ? [] : [{ [field]: { has: contains } }]),
    ...(excludes === undefined ? [] : [{ NOT: { [field]: { has: excludes } } }]),
  ];
}

const momentOperators = { eq: 'equals', ne: 'not', gt: 'gt', ge: 'gte', lt: 'lt', le: 'lte' } as const;

export function dateTimeWhere(field: string, filter: Maybe<DateTimeFilter>): Where[] {
  return Object.entries(momentOperators).flatMap(([operator, prismaOperator]) => {
    const value = present(filter?.[operator as keyof DateTimeFilter]);
    return value === undefined ? [] : [{ [field]: { [prismaOperator]: value } }];
  });
}

/** What every filter of a list has beside conditions of its own: filters inside. */
export interface Combined<F> {
  readonly and?: Maybe<readonly F[]>;
  readonly or?: Maybe<readonly F[]>;
  readonly not?: Maybe<F>;
}

/** What a filter may be made of; more would keep the database busy with one question. */
const mostFilters = 100;
const deepestFilter = 10;

/**
 * `and`, `or` and `not` of a filter whose own parts `parts` compiles; `{}` when it asks for nothing. `path` names the
 * filter in a refusal: BAD_USER_INPUT for more than 100 filters in one, or nested deeper than 10.
 */
export function booleanWhere<F extends Combined<F>>(
  filter: Maybe<F>,
  path: string,
  parts: (filter: F, path: string) => Where[],
): Where {
  let count = 0;
  const compile = (given: F, at: string, depth: number): Where => {
    count += 1;
    if (count > mostFilters) throw invalidInput(path, `at most ${mostFilters} filters may stand in one.`);
    if (depth > deepestFilter) throw invalidInput(at, `filters may be nested ${deepestFilter} deep at most.`);
    const inner = (other: F, name: string) => compile(other, `${at}.${name}`, depth + 1);
    return conjunction([
      ...parts(given, at),
      ...(given.and ?? []).map((other, index) => inner(other, `and.${index}`)),
      ...(given.or ? [disjunction(given.or.map((other, index) => inner(other, `or.${index}`)))] : []),
      ...(given.not ? [negation(inner(given.not, 'not'))] : []),
    ]);
  };
  return filter ? compile(filter, path, 1) : {};
}

// Prisma leaves out what is empty instead of counting it as true or false, so nothing empty may be left inside.

function isEmpty(where: Where): boolean {
  return Object.keys(where).length === 0;
}

function conjunction(parts: readonly Where[]): Where {
  const kept = parts.filter((part) => !isEmpty(part));
  return kept.length === 0 ? {} : { AND: kept };
}

function disjunction(parts: readonly Where[]): Where {
  if (parts.some(isEmpty)) return {};
  return parts.length === 0 ? nothing : { OR: parts };
}

function negation(part: Where): Where {
  return isEmpty(part) ? nothing : { NOT: part };
}

function scalarWhere(
  field: string,
  filter: Maybe<IdFilter>,
  path: string,
  check: (value: string, operator: string) => string,
): Where[] {
  const values = (list: readonly string[], operator: string) => {
    if (list.length > mostValues)
      throw invalidInput(`${path}.${operator}`, `at most ${mostValues} values are allowed.`);
    return list.map((value) => check(value, operator));
  };
  const eq = present(filter?.eq);
  const ne = present(filter?.ne);
  const among = present(filter?.in);
  const notAmong = present(filter?.out);
  return [
    ...(eq === undefined ? [] : [{ [field]: check(eq, 'eq') }]),
    ...(ne === undefined ? [] : [{ [field]: { not: check(ne, 'ne') } }]),
    ...(among === undefined ? [] : [{ [field]: { in: values(among, 'in') } }]),
    ...(notAmong === undefined ? [] : [{ [field]: { notIn: values(notAmong, 'out') } }]),
  ];
}

/** Prisma passes `contains` to LIKE as it is. */
function likePattern(text: string, path: string): string {
  return requireText(text, `${path}.like`, textLimits).replace(/[\\%_]/g, (character) => `\\${character}`);
}

function present<T>(value: Maybe<T>): T | undefined {
  return value ?? undefined;
}
