// GraphQL in, use case out: users and groups. No logic: what a field answers stands in the file of its use case or in
// the loaders.
import type { Resolvers } from '../../generated/resolvers/users.ts';
import { matches } from '../../platform/access/condition-matches.ts';
import type { Database } from '../../platform/database/database.ts';
import { isId, requireId } from '../../platform/ids.ts';
import type { Context } from '../../platform/subgraph/context.ts';
import { createGroup } from './create-group.ts';
import { createUser } from './create-user.ts';
import { deleteUser } from './delete-user.ts';
import { findGroupIds } from './group-store.ts';
import { listGroups } from './list-groups.ts';
import { listPatients, listPatientsOfGroup, listStaff, listStaffOfGroup, listUsers } from './list-users.ts';
import type { UsersLoaders } from './loaders.ts';
import { readIdentity } from './read-identity.ts';
import { deleteProfileImage, setProfileImage } from './set-profile-image.ts';
import { findUserIds, type UsersDatabase } from './store.ts';
import { updateUser } from './update-user.ts';
import { visibleInFull } from './visible.ts';

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
      patients: (_parent, args, context) => listPatients(database, context, args),
      staff: (_parent, args, context) => listStaff(database, context, args),
      group: (_parent, { id }, { loaders }) => loaders.groups.load(requireId(id, 'id')),
      groups: (_parent, args, context) => listGroups(database, context, args),
      identity: (_parent, { userId }) => readIdentity(database, versions, userId),
      accessVersions: (_parent, { userIds }) => versions.accessVersions(userIds.map((id) => requireId(id, 'userIds'))),
      existingGroups: async (_parent, { ids }) => [...(await findGroupIds(database.db, ids.filter(isId)))],
      existingUsers: async (_parent, { ids }) => [...(await findUserIds(database.db, ids.filter(isId)))],
    },
    Mutation: {
      createUser: async (_parent, { input }, { now }) => ({ user: await createUser(database, input, now) }),
      createGroup: async (_parent, { input }) => ({ group: await createGroup(database, input) }),
      updateUser: async (_parent, { input }, context) => ({
        user: await context.loaders.users.load(await updateUser(database, context, input)),
      }),
      deleteUser: async (_parent, { input }, context) => ({ userId: await deleteUser(database, context, input) }),
      setProfileImage: async (_parent, { input }, context) => ({
        user: await context.loaders.users.load(await setProfileImage(database, context, input)),
      }),
      deleteProfileImage: async (_parent, { input }, context) => ({
        user: await context.loaders.users.load(await deleteProfileImage(database, context, input)),
      }),
    },
    User: {
      __resolveReference: ({ id }, { loaders }) => loaders.users.load(id),
      failedCount: (user, _args, viewer) => (matches(visibleInFull(viewer), { ...user }) ? user.failedCount : null),
      lastFailedAt: (user, _args, viewer) => (matches(visibleInFull(viewer), { ...user }) ? user.lastFailedAt : null),
      oidcLinks: ({ id }, _args, { loaders }) => loaders.oidcLinks.load(id),
    },
    OidcLink: {
      provider: ({ providerId }) => ({ id: providerId }),
    },
    Group: {
      __resolveReference: ({ id }, { loaders }) => loaders.groups.load(id),
      staff: ({ id }, args, context) => listStaffOfGroup(database, context, { ...args, groupId: id }),
      patients: ({ id }, args, context) => listPatientsOfGroup(database, context, { ...args, groupId: id }),
    },
    UserConnection: { totalCount: ({ totalCount }) => totalCount() },
    GroupConnection: { totalCount: ({ totalCount }) => totalCount() },
  };
}
