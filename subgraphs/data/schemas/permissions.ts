// Who may ask for which operation on schemas.
import { can, signedIn, signedInAnd } from '../../../platform/access/rules.ts';
import type { PermissionMap } from '../../../platform/access/shield.ts';

const updating = can('UPDATE_SCHEMAS');
const disabling = can('DISABLE_SCHEMAS');

export const schemasPermissions: PermissionMap = {
  Query: {
    documentSchema: signedInAnd({
      description: 'DISABLE_SCHEMAS for schemas that are disabled',
      otherwise: 'schemas that are not, and those of documents that you see',
    }),
    documentSchemas: signedIn,
  },
  Mutation: {
    createDocumentSchema: can('CREATE_SCHEMAS'),
    updateDocumentSchema: updating,
    deleteDocumentSchema: can('DELETE_SCHEMAS'),
    disableDocumentSchema: disabling,
    enableDocumentSchema: disabling,
    createSchemaProperty: updating,
    updateSchemaProperty: updating,
    deleteSchemaProperty: updating,
    createSchemaStatus: updating,
    updateSchemaStatus: updating,
    deleteSchemaStatus: updating,
    updateCreationTransition: updating,
    createSchemaTransition: updating,
    updateSchemaTransition: updating,
    deleteSchemaTransition: updating,
    createSchemaIndex: updating,
    deleteSchemaIndex: updating,
  },
};
