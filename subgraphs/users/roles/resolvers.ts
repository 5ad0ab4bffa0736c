// GraphQL in, use case out: roles and permissions. No logic.
import type { Resolvers } from '../../../generated/resolvers/users.ts';
import { isSignedIn } from '../../../platform/identity/identity.ts';
import { requireId } from '../../../platform/ids.ts';
import type { Context } from '../../../platform/subgraph/context.ts';
import { loadVisible, type UsersLoaders } from '../loaders.ts';
import type { UsersDatabase } from '../store.ts';
import { addPermissionsToRoles } from './add-permissions-to-roles.ts';
import { addRolesToUsers } from './add-roles-to-users.ts';
import { createRole } from './create-role.ts';
import { deleteRoles } from './delete-roles.ts';
import { findPermission, listPermissions } from './list-permissions.ts';
import { listRoles } from './list-roles.ts';
import { removePermissionsFromRoles } from './remove-permissions-from-roles.ts';
import { removeRolesFromUsers } from './remove-roles-from-users.ts';
import { updateRole } from './update-role.ts';

export function rolesResolvers(database: UsersDatabase): Resolvers<Context<UsersLoaders>> {
  return {
    Query: {
      permissions: (_parent, { scope }) => listPermissions(scope),
      role: (_parent, { id }, { loaders }) => loaders.roles.load(requireId(id, 'id')),
      roles: (_parent, args, context) => listRoles(database, context, args),
    },
    Mutation: {
      createRole: async (_parent, { input }, { identity }) => ({ role: await createRole(database, identity, input) }),
      updateRole: async (_parent, { input }, context) => ({
        role: await context.loaders.roles.load(await updateRole(database, context, input)),
      }),
      deleteRoles: async (_parent, { input }, context) => ({ roleIds: await deleteRoles(database, context, input) }),
      addPermissionsToRoles: async (_parent, { input }, context) => ({
        roles: await loadVisible(context.loaders.roles, await addPermissionsToRoles(database, context, input)),
      }),
      removePermissionsFromRoles: async (_parent, { input }, context) => ({
        roles: await loadVisible(context.loaders.roles, await removePermissionsFromRoles(database, context, input)),
      }),
      addRolesToUsers: async (_parent, { input }, { loaders }) => ({
        users: await loadVisible(loaders.users, await addRolesToUsers(database, input)),
      }),
      removeRolesFromUsers: async (_parent, { input }, { loaders }) => ({
        users: await loadVisible(loaders.users, await removeRolesFromUsers(database, input)),
      }),
    },
    User: {
      roles: async ({ id }, _args, { loaders }) => (await loaders.heldRoles.load(id)).everywhere,
    },
    Group: {
      roles: ({ id }, _args, { loaders }) => loaders.groupRoles.load(id),
    },
    Role: {
      __resolveReference: ({ id }, { loaders }) => loaders.roles.load(id),
      group: ({ groupId }, _args, { loaders }) => (groupId === null ? null : loaders.groups.load(groupId)),
    },
    Permission: {
      __resolveReference: ({ name }, { identity }) => (isSignedIn(identity) ? findPermission(name) : null),
    },
    RoleConnection: { totalCount: ({ totalCount }) => totalCount() },
  };
}
