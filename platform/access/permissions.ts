// The catalogue of permissions. `scope()` takes only these names (with a suffix where one is allowed), so a
// misspelt permission does not compile. Roles may store any other name; the platform ignores those.

/** `group: true`: a role of a group can hold it for that group. `suffix: true`: `NAME:{schema}` narrows it. */
interface PermissionFacts {
  readonly group: boolean;
  readonly suffix: boolean;
  readonly description: string;
}

const everywhere = (description: string): PermissionFacts => ({ group: false, suffix: false, description });
const groupToo = (description: string): PermissionFacts => ({ group: true, suffix: false, description });

export const permissionCatalogue = {
  VIEW_USER: everywhere('See every user in full.'),
  CREATE_USER: everywhere('Create accounts for others.'),
  VIEW_STAFF: everywhere('See everybody who is staff of a group.'),
  VIEW_PATIENTS: groupToo('See everybody who is a patient of a group.'),
  VIEW_ROLE: everywhere('See every global role.'),
  CREATE_ROLE: everywhere('Create global roles.'),
  ADD_ROLE_PERMISSION: everywhere('Add permissions to global roles.'),
  ADD_ROLE_TO_USER: everywhere('Give global roles to users.'),
  VIEW_GROUP: everywhere('See every group and its roles.'),
  CREATE_GROUP: everywhere('Create groups.'),
  CREATE_GROUP_ROLE: groupToo('Create roles of a group.'),
  ADD_GROUP_ROLE_PERMISSION: groupToo('Add permissions to roles of a group.'),
  ADD_GROUP_ROLE_TO_STAFF: groupToo('Give roles of a group to its staff.'),
  ADD_STAFF: groupToo('Make users staff of a group.'),
  REMOVE_STAFF: groupToo('End staff enlistments.'),
  ADD_PATIENT: everywhere('Make users patients of a group.'),
  REMOVE_PATIENT: groupToo('End patient enlistments.'),
  CREATE_SCHEMAS: everywhere('Create document schemas.'),
  CREATE_DOCUMENTS: { group: false, suffix: true, description: 'Create documents, whatever the create mode.' },
  VIEW_DOCUMENTS: { group: true, suffix: true, description: 'See documents, whatever the read mode.' },
  UPDATE_DOCUMENTS: { group: true, suffix: true, description: 'Change documents, whatever the update mode.' },
  DELETE_DOCUMENTS: { group: true, suffix: true, description: 'Delete documents, whatever the delete mode.' },
  UPDATE_ACCESS_TO_DOCUMENT: { group: false, suffix: true, description: 'Link users and groups to documents.' },
  VIEW_FILES: everywhere('See every file.'),
  VIEW_EVENTS: everywhere('Read the log of events and follow it live.'),
} as const satisfies Record<string, PermissionFacts>;

export type PermissionName = keyof typeof permissionCatalogue;

type Suffixed = {
  [N in PermissionName]: (typeof permissionCatalogue)[N]['suffix'] extends true ? N : never;
}[PermissionName];

/** A permission of the catalogue, narrowed by a suffix where that is allowed. */
export type Permission = PermissionName | `${Suffixed}:${string}`;

export const permissionNames = Object.keys(permissionCatalogue) as PermissionName[];
