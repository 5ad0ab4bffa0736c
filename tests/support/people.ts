// People, groups and roles put straight into the tables of `users`, for tests of what is done with them afterwards.
import type { IdentityData } from '../../platform/identity/identity.ts';
import { newId } from '../../platform/ids.ts';
import type { TestSubgraphs } from './subgraphs.ts';

export interface People {
  user(columns?: { firstName?: string; lastName?: string; email?: string }): Promise<string>;
  group(name?: string): Promise<string>;
  role(columns?: { name?: string; groupId?: string; permissions?: string[] }): Promise<string>;
  /** The user holds the global role. */
  hold(userId: string, roleId: string): Promise<void>;
  staff(userId: string, groupId: string, roleIds?: readonly string[]): Promise<void>;
  patient(userId: string, groupId: string, expiresAt?: Date): Promise<void>;
  /** A new user who holds these permissions everywhere. */
  userWith(...permissions: string[]): Promise<string>;
  /** What the user may do and where, as the service itself reads it. */
  identityOf(userId: string): Promise<IdentityData>;
}

const identityQuery = `query ($userId: ID!) {
  identity(userId: $userId) { userId permissions staff { groupId permissions } patient { groupId expiresAt } }
}`;

export function peopleIn(graph: TestSubgraphs): People {
  const { db } = graph.database.forService<
    'user' | 'group' | 'role' | 'userRole' | 'staffEnlistment' | 'staffRole' | 'patientEnlistment'
  >('users');

  const people: People = {
    async user({ firstName = 'Ann', lastName = 'Other', email } = {}) {
      const id = newId();
      const columns = {
        firstName,
        lastName,
        language: 'EN',
        passwordHash: 'none',
        email: email ?? `${id}@example.org`,
      };
      await db.user.create({ data: { id, ...columns } });
      return id;
    },
    async group(name = 'Ward') {
      return (await db.group.create({ data: { id: newId(), name, description: '' } })).id;
    },
    async role({ name = 'role', groupId, permissions = [] } = {}) {
      const data = { id: newId(), name, description: '', permissions, groupId: groupId ?? null };
      return (await db.role.create({ data })).id;
    },
    async hold(userId, roleId) {
      await db.userRole.create({ data: { userId, roleId } });
    },
    async staff(userId, groupId, roleIds = []) {
      await db.staffEnlistment.create({ data: { userId, groupId } });
      await db.staffRole.createMany({ data: roleIds.map((roleId) => ({ userId, groupId, roleId })) });
    },
    async patient(userId, groupId, expiresAt) {
      await db.patientEnlistment.create({ data: { userId, groupId, expiresAt: expiresAt ?? null } });
    },
    async userWith(...permissions) {
      const userId = await people.user();
      await people.hold(userId, await people.role({ permissions }));
      return userId;
    },
    async identityOf(userId) {
      const result = await graph.execute('users', { query: identityQuery, variables: { userId }, service: 'test' });
      const { patient, ...rest } = result.data?.identity ?? {};
      const time = (moment: Date | string | null) => (moment === null ? null : new Date(moment).getTime());
      return {
        ...rest,
        patient: patient.map(({ groupId, expiresAt }: { groupId: string; expiresAt: Date | string | null }) => ({
          groupId,
          expiresAt: time(expiresAt),
        })),
      };
    },
  };
  return people;
}
