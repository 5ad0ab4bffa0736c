// A filter's tree as a predicate over a loaded document, or over an object of a list: true of exactly those that the
// SQL made of the tree (filter-sql.ts) finds.
import type { DataPath } from '../json/data-path.ts';
import { readAt } from '../json/data-path.ts';
import type { Json, JsonObject } from '../json/plain-json.ts';
import { isJsonObject } from '../json/plain-json.ts';
import type { DocumentModel } from '../models.ts';
import type { Comparison, FilterColumn, FilterNode } from './filter-node.ts';
import { filterColumns } from './filter-node.ts';
import type { SingleType } from './typed-value-sql.ts';

/** What filters look at. */
export type FilteredDocument = Pick<DocumentModel, FilterColumn | 'data'>;

export function matchesFilter(node: FilterNode, document: FilteredDocument): boolean {
  return matches(node, { document, json: document.data });
}

/** For filters read by `readItemFilter`: paths count from the object. */
export function matchesItemFilter(node: FilterNode, item: JsonObject): boolean {
  return matches(node, { document: undefined, json: item });
}

interface Subject {
  readonly document: FilteredDocument | undefined;
  readonly json: Json;
}

function matches(node: FilterNode, subject: Subject): boolean {
  switch (node.kind) {
    case 'all':
      return node.of.every((part) => matches(part, subject));
    case 'any':
      return node.of.some((part) => matches(part, subject));
    case 'not':
      return !matches(node.of, subject);
    case 'columnEquals':
      return columnValues(subject, node.column).some((value) => node.values.some((other) => other === value));
    case 'columnCompares':
      return columnValues(subject, node.column).some((value) => compares(value, node.operator, node.value));
    case 'columnLike':
      return columnValues(subject, node.column).some((value) => isLike(value, node.text));
    case 'present':
      return readAt(subject.json, node.path) !== undefined;
    case 'equals': {
      const value = readAt(subject.json, node.path) ?? null;
      if (value === null && node.values.includes(null)) return true;
      return candidates(value, node.single).some((one) => node.values.some((other) => other === one));
    }
    case 'compares':
      return valuesAt(subject, node).some((value) => compares(value, node.operator, node.value));
    case 'like':
      return valuesAt(subject, node).some((value) => typeof value === 'string' && isLike(value, node.text));
    case 'element': {
      const list = readAt(subject.json, node.path);
      const items: readonly Json[] = Array.isArray(list) ? list : [];
      return items.some((item) => isJsonObject(item) && matches(node.where, { ...subject, json: item }));
    }
  }
}

function columnValues({ document }: Subject, column: FilterColumn): readonly string[] {
  if (document === undefined) return [];
  const value = document[column];
  if (value instanceof Date) return [value.toISOString()];
  return filterColumns[column] === 'ids' ? (value as readonly string[]) : [value as string];
}

function valuesAt({ json }: Subject, { path, single }: { path: DataPath; single: SingleType | undefined }): Json[] {
  return candidates(readAt(json, path) ?? null, single);
}

/** The values that a comparison looks at: of the one type that is declared, or those of a list. */
function candidates(value: Json, single: SingleType | undefined): Json[] {
  if (single !== undefined) return typeof value === single ? [value] : [];
  return Array.isArray(value) ? [...value] : [value];
}

function compares(value: Json, operator: Comparison, other: string | number): boolean {
  const sign = orderOf(value, other);
  if (sign === undefined) return false;
  if (operator === 'gt') return sign > 0;
  if (operator === 'ge') return sign >= 0;
  return operator === 'lt' ? sign < 0 : sign <= 0;
}

/** Negative, 0 or positive; undefined for values of different types. Text goes by code points, as UTF-8 does. */
function orderOf(value: Json, other: string | number): number | undefined {
  if (typeof value === 'number' && typeof other === 'number') return value - other;
  if (typeof value !== 'string' || typeof other !== 'string') return undefined;
  return Buffer.compare(Buffer.from(value), Buffer.from(other));
}

function isLike(value: string, text: string): boolean {
  return value.toLowerCase().includes(text.toLowerCase());
}
