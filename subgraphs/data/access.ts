// Who may do what with documents: the rules of schemas' modes and of permissions, as conditions on documents. Every
// path to a document goes through these.
import type { Condition } from '../../platform/access/condition.ts';
import {
  all,
  always,
  any,
  equals,
  includesOwn,
  isIn,
  isOwn,
  never,
  overlaps,
} from '../../platform/access/condition.ts';
import type { Permission } from '../../platform/access/permissions.ts';
import { holdsEverywhere, scope } from '../../platform/access/scope.ts';
import type { Identity } from '../../platform/identity/identity.ts';
import { activePatientGroups, isSignedIn, staffGroups } from '../../platform/identity/identity.ts';
import type { DocumentSchemaModel } from './models.ts';
import type { Modes, ReadMode, Relation } from './schemas/modes.ts';
import { normalisedModes } from './schemas/modes.ts';

/** What of a schema decides on access. */
export type AccessSchema = Pick<DocumentSchemaModel, 'id' | 'name' | 'definition'>;

/** Who asks, and when. */
export interface Viewer {
  readonly identity: Identity;
  readonly now: number;
}

type DocumentPermission = 'VIEW_DOCUMENTS' | 'UPDATE_DOCUMENTS' | 'DELETE_DOCUMENTS';

/** The documents of a schema that the viewer sees: the `visible` rule of Document. Reads schemaId, creatorId, userIds, groupIds. */
export function readable(viewer: Viewer, schema: AccessSchema): Condition {
  return all(equals('schemaId', schema.id), granted(viewer, schema, { permission: 'VIEW_DOCUMENTS' }));
}

/** The documents of a schema that the viewer may change. */
export function writable(viewer: Viewer, schema: AccessSchema): Condition {
  return all(equals('schemaId', schema.id), granted(viewer, schema, { permission: 'UPDATE_DOCUMENTS' }));
}

/** The documents of a schema that the viewer may delete. */
export function deletable(viewer: Viewer, schema: AccessSchema): Condition {
  return all(equals('schemaId', schema.id), granted(viewer, schema, { permission: 'DELETE_DOCUMENTS' }));
}

/**
 * The documents of a schema that the viewer may move on by manual transitions of this name: those that the viewer may
 * change, and those where a permission for transitions holds: for all, for those of the schema, or for this one alone.
 */
export function transitionable(viewer: Viewer, schema: AccessSchema, transitionName: string): Condition {
  const forAll = 'TRANSITION_DOCUMENTS';
  const forSchema = `${forAll}:${schema.name}` as const;
  const also = [forAll, forSchema, `${forSchema}:${transitionName}`] as const;
  return all(equals('schemaId', schema.id), granted(viewer, schema, { permission: 'UPDATE_DOCUMENTS', also }));
}

/** The documents of all these schemas that the viewer sees. Schemas with the same rule share one part of the condition. */
export function readableOfAny(viewer: Viewer, schemas: readonly AccessSchema[]): Condition {
  const groups = new Map<string, { rule: Condition; schemaIds: string[] }>();
  for (const schema of schemas) {
    const rule = granted(viewer, schema, { permission: 'VIEW_DOCUMENTS' });
    const key = JSON.stringify(rule);
    const group = groups.get(key) ?? { rule, schemaIds: [] };
    group.schemaIds.push(schema.id);
    groups.set(key, group);
  }
  return any(...[...groups.values()].map(({ rule, schemaIds }) => all(isIn('schemaId', schemaIds), rule)));
}

/** Whether the viewer may create documents of the schema. Creation is decided globally: the document has no groups yet. */
export function mayCreate({ identity }: Viewer, { name, definition }: AccessSchema): boolean {
  if (!isSignedIn(identity)) return false;
  return (
    normalisedModes(definition).createMode === 'allUsers' ||
    holdsEverywhere(identity, 'CREATE_DOCUMENTS', `CREATE_DOCUMENTS:${name}`)
  );
}

/** Whether the viewer may link users and groups to documents of the schema. */
export function mayLink({ identity }: Viewer, { name }: AccessSchema): boolean {
  const permission = 'UPDATE_ACCESS_TO_DOCUMENT';
  return isSignedIn(identity) && holdsEverywhere(identity, permission, `${permission}:${name}`);
}

const modes = {
  VIEW_DOCUMENTS: 'readMode',
  UPDATE_DOCUMENTS: 'updateMode',
  DELETE_DOCUMENTS: 'deleteMode',
} as const satisfies Record<DocumentPermission, keyof Modes>;

/**
 * A global permission; else one held in a group of the document; else the schema's mode; else nothing. `also` are other
 * permissions that grant the same.
 */
function granted(
  { identity, now }: Viewer,
  { name, definition }: AccessSchema,
  { permission, also = [] }: { readonly permission: DocumentPermission; readonly also?: readonly Permission[] },
): Condition {
  if (!isSignedIn(identity)) return never;
  const where = scope(identity, permission, `${permission}:${name}`, ...also);
  const mode: ReadMode = normalisedModes(definition)[modes[permission]];
  if (where.everywhere || mode === 'allUsers') return always;
  const relations: ReadonlySet<Relation> = new Set(mode === 'permissionRequired' ? [] : mode);
  // One set of groups, so that the database looks only once.
  const groupIds = new Set([
    ...where.groups,
    ...(relations.has('linkedGroupStaff') ? staffGroups(identity) : []),
    ...(relations.has('linkedGroupPatients') ? activePatientGroups(identity, now) : []),
  ]);
  return any(
    relations.has('creator') ? isOwn('creatorId', identity) : never,
    relations.has('linkedUsers') ? includesOwn('userIds', identity) : never,
    overlaps('groupIds', groupIds),
  );
}
