// People, groups and roles put straight into the tables of `users`, for tests of what is done with them afterwards.
import type { IdentityData } from '../../platform/identity/identity.ts';
import { newId } from '../../platform/ids.ts';
import type { TestSubgraphs } from './subgraphs.ts';

/** Columns of a user; what is left out gets a value of its own, or what the table says. */
export interface UserColumns {
  readonly firstName?: string;
  readonly lastName?: string;
  readonly email?: string;
  readonly language?: string;
  readonly phoneNumber?: string;
  readonly timeZone?: string;
  readonly activation?: boolean;
  readonly failedCount?: number;
  readonly lastFailedAt?: Date;
}

export interface People {
  user(columns?: UserColumns): Promise<string>;
  group(name?: string): Promise<string>;
  role(columns?: { name?: string; groupId?: string; permissions?: string[] }): Promise<string>;
  /** The user holds the global role. */
  hold(userId: string, roleId: string): Promise<void>;
  staff(userId: string, groupId: string, roleIds?: readonly string[]): Promise<void>;
  patient(userId: string, groupId: string, expiresAt?: Date): Promise<void>;
  /** The user is linked to an OpenID Connect provider; the id of the provider. */
  oidcLink(userId: string, subjectId: string): Promise<string>;
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
    'user' | 'group' | 'role' | 'userRole' | 'staffEnlistment' | 'staffRole' | 'patientEnlistment' | 'oidcLink'
  >('users');

  const people: People = {
    async user(columns = {}) {
      const id = newId();
      const unlessTold = { firstName: 'Ann', lastName: 'Other', language: 'EN', email: `${id}@example.org` };
      await db.user.create({ data: { id, passwordHash: 'none', ...unlessTold, ...columns } });
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
    async oidcLink(userId, subjectId) {
      return (await db.oidcLink.create({ data: { userId, providerId: newId(), subjectId } })).providerId;
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
