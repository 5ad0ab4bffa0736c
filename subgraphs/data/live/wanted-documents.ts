// What a viewer subscribes to: documents of a schema, one document, those that a filter lets through.
import type { DocumentFilter } from '../../../generated/resolvers/data.ts';
import { invalidInput } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import type { Db } from '../documents/store.ts';
import { findDocuments } from '../documents/store.ts';
import type { DocumentSchemaModel } from '../models.ts';
import { readFilters } from '../queries/filter.ts';
import type { FilterNode } from '../queries/filter-node.ts';
import { readRqlConditions } from '../queries/rql.ts';
import { schemaNotFound } from '../schemas/schema-not-found.ts';
import { findAllSchemas, findSchemasById, findSchemasByName } from '../schemas/store.ts';

interface WantedArguments {
  readonly schemaName?: string | null;
  readonly documentId?: string | null;
  readonly filter?: DocumentFilter | null;
  readonly rql?: string | null;
}

export interface WantedDocuments {
  readonly schemaName: string | undefined;
  readonly documentId: string | undefined;
  /** Undefined: all. */
  readonly filter: FilterNode | undefined;
}

/** NOT_FOUND for an unknown schema, BAD_USER_INPUT naming the argument at fault. */
export async function requireWanted(db: Db, args: Readonly<Record<string, unknown>>): Promise<void> {
  const wanted = requirePlain(args);
  if (wanted.schemaName === undefined) return;
  const [schema] = await findSchemasByName(db, [wanted.schemaName]);
  if (schema === undefined) throw schemaNotFound('schemaName');
  readFilter(args, schema);
}

/**
 * The same while it is open. Of a schema that is gone there is nothing to filter; BAD_USER_INPUT where the schema changed
 * so that the filter is not valid any more.
 */
export async function readWanted(db: Db, args: Readonly<Record<string, unknown>>): Promise<WantedDocuments> {
  const wanted = requirePlain(args);
  if (!hasFilter(args) || wanted.schemaName === undefined) return { ...wanted, filter: undefined };
  const [schema] = await findSchemasByName(db, [wanted.schemaName]);
  return { ...wanted, filter: schema && readFilter(args, schema) };
}

/** The schemas whose documents are wanted: one, or all. */
export async function findWantedSchemas(
  db: Db,
  { schemaName, documentId }: WantedDocuments,
): Promise<readonly DocumentSchemaModel[]> {
  if (schemaName !== undefined) return findSchemasByName(db, [schemaName]);
  const schemaId = documentId === undefined ? undefined : await findSchemaId(db, documentId);
  return schemaId === undefined ? findAllSchemas(db) : findSchemasById(db, [schemaId]);
}

async function findSchemaId(db: Db, documentId: string): Promise<string | undefined> {
  const [document] = await findDocuments(db, [documentId], { withData: false });
  return document?.schemaId;
}

function hasFilter({ filter, rql }: WantedArguments): boolean {
  return (filter !== undefined && filter !== null) || typeof rql === 'string';
}

function readFilter({ filter, rql }: WantedArguments, { definition }: DocumentSchemaModel): FilterNode | undefined {
  if (!hasFilter({ filter, rql })) return undefined;
  const { properties } = definition;
  return readFilters(
    filter,
    typeof rql === 'string' ? readRqlConditions(rql, properties, 'rql') : undefined,
    properties,
  );
}

function requirePlain(args: WantedArguments): Pick<WantedDocuments, 'schemaName' | 'documentId'> {
  const { schemaName, documentId } = args;
  if (typeof schemaName !== 'string' && hasFilter(args)) {
    throw invalidInput(typeof args.rql === 'string' ? 'rql' : 'filter', 'say of which schema: give `schemaName`, too.');
  }
  return {
    schemaName: schemaName ?? undefined,
    documentId: typeof documentId === 'string' ? requireId(documentId, 'documentId') : undefined,
  };
}
