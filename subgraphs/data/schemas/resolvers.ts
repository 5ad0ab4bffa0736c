// GraphQL in, use case out. No logic.
import type { DocumentIndexType, Resolvers } from '../../../generated/resolvers/data.ts';
import { isId } from '../../../platform/ids.ts';
import type { Context } from '../../../platform/subgraph/context.ts';
import type { DataLoaders } from '../loaders.ts';
import type { DocumentSchemaModel } from '../models.ts';
import type { DataParts } from '../parts.ts';
import type { ChangedSchema } from './change-schema.ts';
import { createDocumentSchema } from './create-document-schema.ts';
import { deleteDocumentSchema } from './delete-document-schema.ts';
import type { EditRequest } from './edit-definition.ts';
import { listDocumentSchemas } from './list-document-schemas.ts';
import type { SchemaLoaders } from './loaders.ts';
import { createSchemaIndex, deleteSchemaIndex } from './schema-indexes.ts';
import { createSchemaProperty, deleteSchemaProperty, updateSchemaProperty } from './schema-properties.ts';
import { createSchemaStatus, deleteSchemaStatus, updateSchemaStatus } from './schema-statuses.ts';
import {
  createSchemaTransition,
  deleteSchemaTransition,
  updateCreationTransition,
  updateSchemaTransition,
} from './schema-transitions.ts';
import { setSchemaDisabled } from './set-schema-disabled.ts';
import { updateDocumentSchema } from './update-document-schema.ts';

type SchemaContext = Context<DataLoaders & SchemaLoaders>;

export function schemasResolvers(parts: DataParts): Resolvers<SchemaContext> {
  const { db } = parts.database;
  return {
    Query: {
      documentSchema: async (_parent, { name }, { loaders }) => ifSeen(await loaders.schemaByName.load(name), loaders),
      documentSchemas: (_parent, args, { identity }) => listDocumentSchemas(db, identity, args),
    },
    Mutation: {
      createDocumentSchema: async (_parent, { input }, { now }) => ({
        schema: await createDocumentSchema(input, now, parts),
      }),
      updateDocumentSchema: (_parent, { input }, context) =>
        answer(updateDocumentSchema(input, context.now, parts), context),
      deleteDocumentSchema: async (_parent, { input: { name } }, { now, loaders }) => {
        const deletedId = await deleteDocumentSchema(name, now, parts);
        loaders.schemaById.clearAll();
        loaders.schemaByName.clearAll();
        return { deletedId };
      },
      disableDocumentSchema: (_parent, { input: { name } }, context) =>
        answer(setSchemaDisabled({ name, disabled: true }, context.now, parts), context),
      enableDocumentSchema: (_parent, { input: { name } }, context) =>
        answer(setSchemaDisabled({ name, disabled: false }, context.now, parts), context),
      createSchemaProperty: edit(createSchemaProperty),
      updateSchemaProperty: edit(updateSchemaProperty),
      deleteSchemaProperty: edit(deleteSchemaProperty),
      createSchemaStatus: edit(createSchemaStatus),
      updateSchemaStatus: edit(updateSchemaStatus),
      deleteSchemaStatus: edit(deleteSchemaStatus),
      updateCreationTransition: edit(updateCreationTransition),
      createSchemaTransition: edit(createSchemaTransition),
      updateSchemaTransition: edit(updateSchemaTransition),
      deleteSchemaTransition: edit(deleteSchemaTransition),
      createSchemaIndex: edit(createSchemaIndex),
      deleteSchemaIndex: edit(deleteSchemaIndex),
    },
    DocumentSchema: {
      __resolveReference: async (reference, { loaders }) => {
        if ('name' in reference) return ifSeen(await loaders.schemaByName.load(reference.name), loaders);
        if (!isId(reference.id)) return null;
        return ifSeen(await loaders.schemaById.load(reference.id.toLowerCase()), loaders);
      },
      indexes: async ({ id }, _args, { loaders }) => [...(await loaders.indexesOf.load(id))],
    },
    DocumentIndexField: { type: ({ type }) => type.toUpperCase() as DocumentIndexType },
    DocumentSchemaConnection: { totalCount: ({ totalCount }) => totalCount() },
  };

  function edit<Given extends EditRequest>(change: (given: Given, parts: DataParts) => Promise<ChangedSchema>) {
    return (_parent: unknown, { input }: { readonly input: Omit<Given, 'now'> }, context: SchemaContext) =>
      answer(change({ ...input, now: context.now } as Given, parts), context);
  }
}

async function ifSeen(
  schema: DocumentSchemaModel | null,
  { seesSchema }: SchemaLoaders,
): Promise<DocumentSchemaModel | null> {
  return schema !== null && (await seesSchema.load(schema)) ? schema : null;
}

/** What was loaded before the change is old. */
async function answer(changing: Promise<ChangedSchema>, { loaders }: SchemaContext) {
  const { schema, changes } = await changing;
  loaders.schemaById.clearAll();
  loaders.schemaByName.clearAll();
  loaders.indexesOf.clear(schema.id);
  return { schema, changes: [...changes] };
}
