// Who may ask for which operation. `signedIn` stands where the use case decides, by role, group or person.
import { anyone, can, canSomewhere, internal, signedIn } from '../../platform/access/rules.ts';
import type { PermissionMap } from '../../platform/access/shield.ts';

export const usersPermissions: PermissionMap = {
  Query: {
    me: anyone,
    user: signedIn,
    users: signedIn,
    group: signedIn,
    groups: signedIn,
    role: signedIn,
    roles: signedIn,
    authenticate: internal,
    identity: internal,
    accessVersions: internal,
    existingGroups: internal,
    existingUsers: internal,
  },
  Mutation: {
    createUser: can('CREATE_USER'),
    createGroup: can('CREATE_GROUP'),
    createRole: signedIn,
    addPermissionsToRoles: signedIn,
    addRolesToUsers: can('ADD_ROLE_TO_USER'),
    addStaff: canSomewhere('ADD_STAFF'),
    removeStaff: canSomewhere('REMOVE_STAFF'),
    addPatient: can('ADD_PATIENT'),
    removePatient: signedIn,
  },
};
