// GraphQL in, use case out. No logic: what a field answers stands in the file of its use case or in the loaders.
import type DataLoader from 'dataloader';
import type { Resolvers } from '../../generated/resolvers/users.ts';
import type { Database } from '../../platform/database/database.ts';
import { isId, requireId } from '../../platform/ids.ts';
import type { Context } from '../../platform/subgraph/context.ts';
import { addPatient } from './add-patient.ts';
import { addPermissionsToRoles } from './add-permissions-to-roles.ts';
import { addRolesToUsers } from './add-roles-to-users.ts';
import { addStaff } from './add-staff.ts';
import { authenticate } from './authenticate.ts';
import { createGroup } from './create-group.ts';
import { createRole } from './create-role.ts';
import { createUser } from './create-user.ts';
import { listGroups, listPatients, listRoles, listStaff, listUsers } from './lists.ts';
import type { UsersLoaders } from './loaders.ts';
import { readIdentity } from './read-identity.ts';
import { removePatient } from './remove-patient.ts';
import { removeStaff } from './remove-staff.ts';
import type { UsersDatabase } from './store.ts';
import { findGroupIds, findUserIds } from './store.ts';

export function usersResolvers(
  database: UsersDatabase,
  versions: Pick<Database, 'accessVersions'>,
): Resolvers<Context<UsersLoaders>> {
  return {
    Query: {
      me: (_parent, _args, { identity, loaders }) =>
        identity.userId === undefined ? null : loaders.users.load(identity.userId),
      user: (_parent, { id }, { loaders }) => loaders.users.load(requireId(id, 'id')),
      users: (_parent, args, context) => listUsers(database, context, args),
      group: (_parent, { id }, { loaders }) => loaders.groups.load(requireId(id, 'id')),
      groups: (_parent, args, context) => listGroups(database, context, args),
      role: (_parent, { id }, { loaders }) => loaders.roles.load(requireId(id, 'id')),
      roles: (_parent, args, context) => listRoles(database, context, args),
      authenticate: (_parent, { email, password }) => authenticate(database, email, password),
      identity: (_parent, { userId }) => readIdentity(database, versions, userId),
      accessVersions: (_parent, { userIds }) => versions.accessVersions(userIds.map((id) => requireId(id, 'userIds'))),
      existingGroups: async (_parent, { ids }) => [...(await findGroupIds(database.db, ids.filter(isId)))],
      existingUsers: async (_parent, { ids }) => [...(await findUserIds(database.db, ids.filter(isId)))],
    },
    Mutation: {
      createUser: async (_parent, { input }) => ({ user: await createUser(database, input) }),
      createGroup: async (_parent, { input }) => ({ group: await createGroup(database, input) }),
      createRole: async (_parent, { input }, { identity }) => ({ role: await createRole(database, identity, input) }),
      addPermissionsToRoles: async (_parent, { input }, context) => ({
        roles: await loadVisible(context.loaders.roles, await addPermissionsToRoles(database, context, input)),
      }),
      addRolesToUsers: async (_parent, { input }, { loaders }) => ({
        users: await loadVisible(loaders.users, await addRolesToUsers(database, input)),
      }),
      addStaff: async (_parent, { input }, { identity, loaders }) => ({
        users: await loadVisible(loaders.users, await addStaff(database, identity, input)),
      }),
      removeStaff: async (_parent, { input }, { identity, loaders }) => ({
        users: await loadVisible(loaders.users, await removeStaff(database, identity, input)),
      }),
      addPatient: async (_parent, { input }, { now, loaders }) => ({
        user: await loaders.users.load(await addPatient(database, now, input)),
      }),
      removePatient: async (_parent, { input }, { identity, loaders }) => ({
        user: await loaders.users.load(await removePatient(database, identity, input)),
      }),
    },
    User: {
      __resolveReference: ({ id }, { loaders }) => loaders.users.load(id),
      roles: async ({ id }, _args, { loaders }) => (await loaders.heldRoles.load(id)).everywhere,
      staffEnlistments: ({ id }, _args, { loaders }) => loaders.enlistments.staff(id),
      patientEnlistments: ({ id }, _args, { loaders }) => loaders.enlistments.patient(id),
    },
    Group: {
      __resolveReference: ({ id }, { loaders }) => loaders.groups.load(id),
      staff: ({ id }, args, context) => listStaff(database, context, { ...args, groupId: id }),
      patients: ({ id }, args, context) => listPatients(database, context, { ...args, groupId: id }),
      roles: ({ id }, _args, { loaders }) => loaders.groupRoles.load(id),
    },
    Role: {
      __resolveReference: ({ id }, { loaders }) => loaders.roles.load(id),
      group: ({ groupId }, _args, { loaders }) => (groupId === null ? null : loaders.groups.load(groupId)),
    },
    StaffEnlistment: {
      group: ({ groupId }, _args, { loaders }) => loaders.groups.load(groupId),
      roles: async ({ userId, groupId }, _args, { loaders }) => (await loaders.heldRoles.load(userId)).inGroup(groupId),
    },
    PatientEnlistment: {
      group: ({ groupId }, _args, { loaders }) => loaders.groups.load(groupId),
      expired: ({ expiresAt }, _args, { now }) => expiresAt !== null && expiresAt.getTime() <= now,
    },
    UserConnection: { totalCount: ({ totalCount }) => totalCount() },
    GroupConnection: { totalCount: ({ totalCount }) => totalCount() },
    RoleConnection: { totalCount: ({ totalCount }) => totalCount() },
  };
}

async function loadVisible<Row>(loader: DataLoader<string, Row | null>, ids: readonly string[]): Promise<Row[]> {
  return (await Promise.all(ids.map((id) => loader.load(id)))).filter((row) => row !== null);
}
