// What resolvers of each GraphQL type get as their parent: the rows of this service, and stubs of other services'
// entities.
import type { Connection } from '../../platform/paging/page.ts';
import type { Json, JsonObject } from './json/plain-json.ts';
import type { SchemaDefinition } from './schemas/schema-definition.ts';

export interface DocumentSchemaModel {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly definition: SchemaDefinition;
  /** Closed: its documents can be read, but not changed. */
  readonly disabled: boolean;
  /** Whether it may have documents in more than two groups; not told where nobody lists documents. */
  readonly manyGroups?: boolean;
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
  /** Everything that is stored, also what the schema no longer declares; that is never shown. */
  readonly data: JsonObject;
  /** 1 when it was created, one more with every change. */
  readonly version: number;
  /** Of `groupIds` those that come from enlistments alone, and go with them. */
  readonly syncedGroupIds: readonly string[];
  /** Since when a transition waits. */
  readonly lockedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Paths in the data to which the request that read the document restricted it; all unless told. */
  readonly shown?: readonly string[];
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
  readonly kind: 'CREATED' | 'UPDATED' | 'TRANSITIONED' | 'DELETED' | 'ACCESS_GAINED' | 'ACCESS_LOST';
  readonly position: bigint;
  /** Null: other documents than before are seen, nobody says which. */
  readonly documentId: string | null;
  readonly document: DocumentModel | null;
  readonly matchesFilter: boolean;
  readonly groupId: string | null;
}

export interface DocumentIndexField {
  /** A root field, or a path that begins with `data.`. */
  readonly name: string;
  readonly type: 'asc' | 'desc' | 'text';
}

export interface DocumentIndexModel {
  readonly id: string;
  readonly schemaId: string;
  readonly fields: readonly DocumentIndexField[];
  readonly unique: boolean;
  readonly sparse: boolean;
  readonly system: boolean;
  readonly state: 'BUILDING' | 'READY' | 'FAILED';
  readonly failure: string | null;
}

/** A value that differs between two versions; what was or is not there is left out. */
export interface StoredChange {
  /** `['data', 'device', 'model']`, `['userIds']`, `['groupIds']`. */
  readonly path: readonly string[];
  readonly before?: Json;
  readonly after?: Json;
}

export type VersionKind = 'CREATED' | 'UPDATED' | 'TRANSITIONED' | 'LINKED' | 'RESTORED';

export interface DocumentVersionModel {
  readonly documentId: string;
  readonly schemaId: string;
  readonly version: number;
  readonly kind: VersionKind;
  readonly transitions: readonly string[];
  readonly status: string;
  /** Null: the platform itself. */
  readonly userId: string | null;
  readonly at: Date;
  readonly changes: readonly StoredChange[];
}

export interface DocumentCommentModel {
  readonly id: string;
  readonly documentId: string;
  readonly creatorId: string;
  readonly text: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type DocumentVersionConnectionModel = Connection<DocumentVersionModel & { readonly id: string }>;

export type DocumentCommentConnectionModel = Connection<DocumentCommentModel>;
