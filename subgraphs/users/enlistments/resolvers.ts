// GraphQL in, use case out: staff and patients of groups. No logic.
import type { Resolvers } from '../../../generated/resolvers/users.ts';
import type { Context } from '../../../platform/subgraph/context.ts';
import { loadVisible, type UsersLoaders } from '../loaders.ts';
import type { UsersDatabase } from '../store.ts';
import { addPatient } from './add-patient.ts';
import { addRolesToStaff } from './add-roles-to-staff.ts';
import { addStaff } from './add-staff.ts';
import { findPatientGroups } from './patient-groups.ts';
import { removePatient } from './remove-patient.ts';
import { removeRolesFromStaff } from './remove-roles-from-staff.ts';
import { removeStaff } from './remove-staff.ts';

export function enlistmentsResolvers(database: UsersDatabase): Resolvers<Context<UsersLoaders>> {
  return {
    Query: {
      patientGroups: (_parent, { userIds }) => findPatientGroups(database, userIds),
    },
    Mutation: {
      addStaff: async (_parent, { input }, { identity, loaders }) => ({
        users: await loadVisible(loaders.users, await addStaff(database, identity, input)),
      }),
      removeStaff: async (_parent, { input }, { identity, loaders }) => ({
        users: await loadVisible(loaders.users, await removeStaff(database, identity, input)),
      }),
      addRolesToStaff: async (_parent, { input }, { identity, loaders }) => ({
        users: await loadVisible(loaders.users, await addRolesToStaff(database, identity, input)),
      }),
      removeRolesFromStaff: async (_parent, { input }, { identity, loaders }) => ({
        users: await loadVisible(loaders.users, await removeRolesFromStaff(database, identity, input)),
      }),
      addPatient: async (_parent, { input }, { now, loaders }) => ({
        user: await loaders.users.load(await addPatient(database, now, input)),
      }),
      removePatient: async (_parent, { input }, { identity, loaders }) => ({
        user: await loaders.users.load(await removePatient(database, identity, input)),
      }),
    },
    User: {
      staffEnlistments: ({ id }, _args, { loaders }) => loaders.enlistments.staff(id),
      patientEnlistments: ({ id }, _args, { loaders }) => loaders.enlistments.patient(id),
    },
    StaffEnlistment: {
      group: ({ groupId }, _args, { loaders }) => loaders.groups.load(groupId),
      roles: async ({ userId, groupId }, _args, { loaders }) => (await loaders.heldRoles.load(userId)).inGroup(groupId),
    },
    PatientEnlistment: {
      group: ({ groupId }, _args, { loaders }) => loaders.groups.load(groupId),
      expired: ({ expiresAt }, _args, { now }) => expiresAt !== null && expiresAt.getTime() <= now,
    },
  };
}
