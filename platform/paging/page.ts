// Keyset paging: arguments in, connection out. Cursors are opaque to clients; inside is the sort key and the id of
// an item, so a page stays right while others insert, and costs the same at any depth.
import type { AppError } from '../errors.ts';
import { invalidInput } from '../errors.ts';
import { isId } from '../ids.ts';
import { isStorable } from '../text.ts';

/** The paging arguments of a list, as GraphQL hands them over. */
export interface PageArguments {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
}

export type KeyPart = string | number | boolean | null;

/** A decoded cursor: the sort key of an item (null: it has none; a list: it has several) and its id. */
export interface CursorKey {
  readonly key: KeyPart | readonly KeyPart[];
  readonly id: string;
}

export interface PageRequest {
  /** Items wanted; read one more to know whether there are more. */
  readonly limit: number;
  /** The page counts from the back. */
  readonly backward: boolean;
  readonly after: CursorKey | undefined;
  readonly before: CursorKey | undefined;
  /** Names the order that the cursors of this list are good for. */
  readonly order: string;
}

export interface PageLimits {
  readonly standard: number;
  readonly most: number;
}

export const pageLimits: PageLimits = { standard: 20, most: 100 };

/**
 * Checks the arguments. A larger number than allowed is cut to it; a negative one, both `first` and `last`, or a
 * cursor of another order is BAD_USER_INPUT.
 */
export function pageRequest(page: PageArguments, order: string, limits: PageLimits = pageLimits): PageRequest {
  const first = page.first ?? undefined;
  const last = page.last ?? undefined;
  if (first !== undefined && last !== undefined) throw invalidInput('last', 'give first or last, not both.');
  for (const [name, value] of [
    ['first', first],
    ['last', last],
  ] as const) {
    if (value !== undefined && value < 0) throw invalidInput(name, 'must not be negative.');
  }
  return {
    limit: Math.min(first ?? last ?? limits.standard, limits.most),
    backward: last !== undefined,
    after: decodeCursor(page.after ?? undefined, 'after', order),
    before: decodeCursor(page.before ?? undefined, 'before', order),
    order,
  };
}

export function encodeCursor(order: string, { key, id }: CursorKey): string {
  return Buffer.from(JSON.stringify([order, key, id])).toString('base64url');
}

/** The refusal of a cursor that this list did not give out. */
export function foreignCursor(field: string): AppError {
  return invalidInput(field, 'this is not a cursor of this list in this order.');
}

function decodeCursor(cursor: string | undefined, field: string, order: string): CursorKey | undefined {
  if (cursor === undefined) return undefined;
  const refusal = foreignCursor(field);
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw refusal;
  }
  if (!Array.isArray(parts) || parts.length !== 3) throw refusal;
  const [cursorOrder, key, id] = parts as unknown[];
  if (cursorOrder !== order || !isId(id)) throw refusal;
  if (!(Array.isArray(key) ? key : [key]).every(isKeyPart)) throw refusal;
  return { key: key as CursorKey['key'], id };
}

function isKeyPart(value: unknown): value is KeyPart {
  if (typeof value === 'string') return isStorable(value);
  return value === null || typeof value === 'number' || typeof value === 'boolean';
}

export interface Connection<Node> {
  readonly nodes: readonly Node[];
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  /** Counts only when the field is asked for. */
  readonly totalCount: () => Promise<number>;
}

/**
 * A connection from the rows read: up to `limit + 1` of them, in the direction of reading (for a backward page, from
 * the back).
 */
export function connection<Node>(
  request: PageRequest,
  rows: readonly Node[],
  cursorKey: (node: Node) => CursorKey,
  totalCount: () => Promise<number>,
): Connection<Node> {
  const more = rows.length > request.limit;
  const kept = rows.slice(0, request.limit);
  const nodes = request.backward ? kept.reverse() : kept;
  const edges = nodes.map((node) => ({ cursor: encodeCursor(request.order, cursorKey(node)), node }));
  return {
    nodes,
    edges,
    pageInfo: {
      hasNextPage: request.backward ? request.before !== undefined : more,
      hasPreviousPage: request.backward ? more : request.after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount,
  };
}
