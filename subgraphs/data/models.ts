// What resolvers of each GraphQL type get as their parent: the rows of this service, and stubs of other services'
// entities.
import type { Connection } from '../../platform/paging/page.ts';
import type { JsonObject } from './plain-json.ts';
import type { SchemaDefinition } from './schema-definition.ts';

export interface DocumentSchemaModel {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly definition: SchemaDefinition;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface DocumentModel {
  readonly id: string;
  readonly schemaId: string;
  readonly creatorId: string;
  readonly userIds: readonly string[];
  readonly groupIds: readonly string[];
  readonly status: string;
  readonly statusChangedAt: Date;
  readonly data: JsonObject;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface UserModel {
  readonly id: string;
}

export interface GroupModel {
  readonly id: string;
}

export interface FileModel {
  readonly id: string;
}

export type DocumentConnectionModel = Connection<DocumentModel>;

export type DocumentSchemaConnectionModel = Connection<DocumentSchemaModel>;

/** The payload of `documentChanged` for one event. */
export interface DocumentChangeModel {
  readonly kind: 'CREATED' | 'UPDATED' | 'DELETED';
  readonly position: bigint;
  readonly documentId: string;
  readonly document: DocumentModel | null;
}
