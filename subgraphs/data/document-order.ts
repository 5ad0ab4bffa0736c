// Orders of document lists: reads what a client asks for, and tells the place of a document in an order.
import type { DocumentOrder as OrderInput } from '../../generated/resolvers/data.ts';
import { invalidInput } from '../../platform/errors.ts';
import type { CursorKey, PageRequest } from '../../platform/paging/page.ts';
import { requireText } from '../../platform/text.ts';
import type { DataPath } from './data-path.ts';
import { readAt, splitPath } from './data-path.ts';
import type { DocumentModel } from './models.ts';
import type { Properties } from './type-configuration.ts';
import { findConfiguration } from './type-configuration.ts';

const momentColumns = ['createdAt', 'updatedAt', 'statusChangedAt'] as const;
type MomentColumn = (typeof momentColumns)[number];

/** What documents are sorted by; their ids break ties. */
export type SortKey =
  | { readonly kind: 'id' }
  | { readonly kind: 'text'; readonly column: 'status' }
  | { readonly kind: 'moment'; readonly column: MomentColumn }
  | { readonly kind: 'data'; readonly path: DataPath };

export interface DocumentOrder {
  /** Names the order in cursors. */
  readonly name: string;
  readonly ascending: boolean;
  readonly by: SortKey;
}

const newestFirst: DocumentOrder = { name: 'id DESC', ascending: false, by: { kind: 'id' } };
const longestField = 500;

/** The order, or BAD_USER_INPUT. Documents do not differ in a path that the schema does not declare. */
export function readOrder(input: OrderInput | null | undefined, properties: Properties): DocumentOrder {
  if (!input) return newestFirst;
  const { field, direction } = input;
  requireText(field, 'orderBy.field', { most: longestField });
  return { name: `${field} ${direction}`, ascending: direction === 'ASC', by: sortKey(field, properties) };
}

function sortKey(field: string, properties: Properties): SortKey {
  if (field.startsWith('data.')) {
    const path = splitPath(field).slice(1);
    const found = findConfiguration({ type: 'object', properties }, path);
    if (found === undefined) return { kind: 'id' };
    if (!found.queryable) throw invalidInput('orderBy.field', 'the schema says that this field is not queryable.');
    return { kind: 'data', path };
  }
  if (field === 'id') return { kind: 'id' };
  if (field === 'status') return { kind: 'text', column: field };
  const column = momentColumns.find((name) => name === field);
  if (column !== undefined) return { kind: 'moment', column };
  const known = ['id', 'status', ...momentColumns].join(', ');
  throw invalidInput('orderBy.field', `must be one of ${known}, or a path that begins with data.`);
}

/** The place of a document in the order. */
export function placeOf({ id, ...document }: DocumentModel, { by }: DocumentOrder): CursorKey {
  if (by.kind === 'id') return { key: null, id };
  if (by.kind === 'text') return { key: document[by.column], id };
  if (by.kind === 'moment') return { key: document[by.column].toISOString(), id };
  const key = readAt(document.data, by.path);
  return { key: typeof key === 'object' || key === undefined ? null : key, id };
}

/** The page, once its cursors are known to hold places of this order: clients may have made them up. */
export function requirePlaces(page: PageRequest, { by }: DocumentOrder): PageRequest {
  for (const name of ['after', 'before'] as const) {
    const place = page[name];
    if (place !== undefined && !isPlace(place, by)) {
      throw invalidInput(name, 'this is not a cursor of this list in this order.');
    }
  }
  return page;
}

const isoMoment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

function isPlace({ key }: CursorKey, by: SortKey): boolean {
  if (by.kind === 'id') return key === null;
  if (by.kind === 'moment') return typeof key === 'string' && isoMoment.test(key) && !Number.isNaN(Date.parse(key));
  return by.kind === 'data' || typeof key === 'string';
}
