// RQL as text: read into the same tree as typed filters, with the order, page and fields that it asks for.
import type { DocumentFilter, DocumentOrder as OrderInput } from '../../../generated/resolvers/data.ts';
import { AppError, invalidInput } from '../../../platform/errors.ts';
import { isStorable } from '../../../platform/text.ts';
import type { Properties } from '../schemas/type-configuration.ts';
import type { DocumentOrder } from './document-order.ts';
import { readOrder } from './document-order.ts';
import { readFilter } from './filter.ts';
import type { FilterNode } from './filter-node.ts';
import { filterOf } from './rql-filter.ts';
import { limitOf, orderOf, type RqlLimit, selectionOf } from './rql-page.ts';
import type { RqlTerm } from './rql-terms.ts';
import { parseRql, RqlFault } from './rql-terms.ts';

export interface RqlQuery {
  readonly filter: FilterNode;
  readonly order?: DocumentOrder;
  /** How many at most; 0 for none. */
  readonly limit?: number;
  /** How many to pass over. */
  readonly offset?: number;
  /** Paths into the data, without `data.` in front; all unless told. */
  readonly select?: readonly string[];
}

const longestText = 20_000;

/**
 * BAD_USER_INPUT naming `path`, with the reference's number 19, for text that is not RQL or asks for what there is not.
 * Where a filter alone can be used, `sort`, `limit` and `select` are read and left to the caller.
 */
export function readRql(text: string, properties: Properties, path: string): RqlQuery {
  try {
    if (text.length > longestText) throw new RqlFault(`at most ${longestText} characters are allowed.`);
    if (!isStorable(text)) throw new RqlFault('it holds a character that cannot be stored.');
    const { conditions, limit, order, select } = sorted(parseRql(text));
    return {
      filter: readFilter({ and: [...conditions] }, properties, path),
      ...(order && { order: readOrder(order, properties, path) }),
      ...limit,
      ...(select && { select }),
    };
  } catch (error) {
    throw refusal(error, path);
  }
}

/** The same where documents are not listed: BAD_USER_INPUT for `sort`, `limit` and `select`, too. */
export function readRqlConditions(text: string, properties: Properties, path: string): FilterNode {
  const { filter, ...rest } = readRql(text, properties, path);
  if (Object.values(rest).some((value) => value !== undefined)) {
    throw invalidInput(path, '`sort`, `limit` and `select` have no place here.', { code: 19 });
  }
  return filter;
}

interface SortedTerms {
  readonly conditions: readonly DocumentFilter[];
  readonly limit?: RqlLimit;
  readonly order?: readonly OrderInput[];
  /** Undefined also when the whole data is selected. */
  readonly select?: readonly string[] | undefined;
}

/** Terms that say which documents, apart from those that say how many of them, in which order, and what of each. */
function sorted(terms: readonly RqlTerm[]): SortedTerms {
  const found: { -readonly [Name in keyof SortedTerms]: SortedTerms[Name] } & { conditions: DocumentFilter[] } = {
    conditions: [],
  };
  for (const term of terms.flatMap(flattened)) {
    switch (term.operator) {
      case 'limit':
        once(found, 'limit', limitOf(term));
        break;
      case 'sort':
        once(found, 'order', orderOf(term));
        break;
      case 'select':
        once(found, 'select', selectionOf(term));
        break;
      case 'skipCount':
      case 'skip_count':
        // Documents are counted only when `totalCount` is asked for.
        if (term.args.length > 0) throw new RqlFault(`\`${term.operator}\` takes no values.`);
        break;
      default:
        found.conditions.push(filterOf(term));
    }
  }
  return found;
}

function once<Name extends 'limit' | 'order' | 'select'>(
  found: { [Key in Name]?: SortedTerms[Name] },
  name: Name,
  value: SortedTerms[Name],
): void {
  if (Object.hasOwn(found, name)) throw new RqlFault(`\`${name === 'order' ? 'sort' : name}\` stands there twice.`);
  found[name] = value;
}

/** What stands in `and` stands beside it. */
function flattened(term: RqlTerm): readonly RqlTerm[] {
  if (term.operator !== 'and' || !term.args.every(({ kind }) => kind === 'term')) return [term];
  return term.args.flatMap((argument) => (argument.kind === 'term' ? flattened(argument.term) : []));
}

function refusal(error: unknown, path: string): unknown {
  if (error instanceof RqlFault) return invalidInput(path, error.message, { code: 19 });
  if (!(error instanceof AppError) || error.code !== 'BAD_USER_INPUT') return error;
  return invalidInput(path, reasonOf(error), { code: 19 });
}

/** Without the place in the tree that it was read into, which its author does not know. */
function reasonOf({ message }: AppError): string {
  return message.slice(message.indexOf(': ') + 2);
}
