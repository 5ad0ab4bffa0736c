// Orders of document lists: reads what a client asks for, and tells the place of a document in an order.
import type { DocumentOrder as OrderInput } from '../../../generated/resolvers/data.ts';
import { invalidInput } from '../../../platform/errors.ts';
import type { CursorKey, KeyPart, PageRequest } from '../../../platform/paging/page.ts';
import { foreignCursor } from '../../../platform/paging/page.ts';
import { requireText } from '../../../platform/text.ts';
import { splitPath } from '../json/data-path.ts';
import { findMoment } from '../json/moment.ts';
import type { DocumentModel } from '../models.ts';
import type { Properties } from '../schemas/type-configuration.ts';
import { findQueryable } from './queryable-field.ts';
import type { SingleField } from './typed-value-sql.ts';
import { findSingleField } from './typed-value-sql.ts';

export interface SortKey {
  readonly field: SingleField;
  readonly descending: boolean;
}

/** Documents sort by the keys, first by the first; what a document has not comes last. Their ids break ties. */
export interface DocumentOrder {
  /** Names the order in cursors. */
  readonly name: string;
  /** Never the id, which stands behind them all. */
  readonly keys: readonly SortKey[];
  /** The direction of the ids: that of the last key. */
  readonly descending: boolean;
}

export const newestFirst: DocumentOrder = { name: 'id DESC', keys: [], descending: true };
const longestField = 500;
const mostKeys = 5;
const columns = ['id', 'status', 'createdAt', 'updatedAt', 'statusChangedAt'];

/** The order, or BAD_USER_INPUT naming the place at fault below `path`. */
export function readOrder(
  given: readonly OrderInput[] | null | undefined,
  properties: Properties,
  path = 'orderBy',
): DocumentOrder {
  if (!given || given.length === 0) return newestFirst;
  if (given.length > mostKeys) throw invalidInput(path, `at most ${mostKeys} are allowed.`);
  const keys: SortKey[] = [];
  let descending = false;
  for (const [index, { field: name, direction }] of given.entries()) {
    const field = readField(name, properties, `${path}.${index}.field`);
    descending = direction === 'DESC';
    // No two documents have the same id: what comes behind decides nothing.
    if (field?.kind === 'column' && field.column === 'id') break;
    if (field !== undefined) keys.push({ field, descending });
  }
  const name = given.map(({ field, direction }) => `${field} ${direction}`).join(', ');
  return { name, keys, descending };
}

/** Undefined for a path where documents do not differ: it is not declared, or holds no single value. */
function readField(name: string, properties: Properties, path: string): SingleField | undefined {
  requireText(name, path, { most: longestField });
  if (!name.startsWith('data.') && !columns.includes(name)) {
    throw invalidInput(path, `must be one of ${columns.join(', ')}, or a path that begins with data.`);
  }
  if (name.startsWith('data.')) findQueryable({ type: 'object', properties }, splitPath(name).slice(1), path);
  return findSingleField(name, properties);
}

/** A document's values at the keys of an order. */
export type Place = readonly KeyPart[];

/** Where a document stands in the order; `values` are those of the keys that are no columns (order-sql.ts, placeSql). */
export function cursorOf(document: DocumentModel, values: Place, { keys }: DocumentOrder): CursorKey {
  if (keys.length === 0) return { key: null, id: document.id };
  const rest = [...values];
  const key = keys.map(({ field }): KeyPart => {
    if (field.kind === 'data') return rest.shift() ?? null;
    const value = document[field.column];
    return value instanceof Date ? value.toISOString() : value;
  });
  return { key, id: document.id };
}

/** The place that a cursor of the order holds. */
export function placeIn({ key }: CursorKey): Place {
  return key === null ? [] : (key as Place);
}

/** The page, once its cursors are known to hold places of this order: clients may have made them up. */
export function requirePlaces(page: PageRequest, { keys }: DocumentOrder): PageRequest {
  for (const name of ['after', 'before'] as const) {
    const cursor = page[name];
    if (cursor === undefined) continue;
    if (cursor.key !== null && !Array.isArray(cursor.key)) throw foreignCursor(name);
    const place = placeIn(cursor);
    if (place.length !== keys.length || !keys.every(({ field }, index) => isPart(place[index], field))) {
      throw foreignCursor(name);
    }
  }
  return page;
}

function isPart(part: KeyPart | undefined, field: SingleField): boolean {
  // PostgreSQL stores no text with NUL, and 1e400 is a number to JSON, but none to it.
  const isStorable =
    typeof part === 'number' ? Number.isFinite(part) : typeof part !== 'string' || !part.includes('\0');
  if (!isStorable) return false;
  if (field.kind === 'data') return part === null || typeof part === field.type;
  if (field.column === 'status') return typeof part === 'string';
  // JavaScript takes the 31st of February for a day in March; PostgreSQL fails on it, and on the year 0.
  return typeof part === 'string' && findMoment(part) === part;
}
