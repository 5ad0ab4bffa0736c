// The only user of the table of links to OpenID Connect providers. A link is made and undone while its account is locked
// (store.ts); one subject's links are put in order by a lock of their own, since there may be no account yet.
import type { Models } from '../../../platform/database/database.ts';
import type { UsersTable } from '../store.ts';

type Db = Models<UsersTable>;

export interface Subject {
  readonly providerId: string;
  readonly subjectId: string;
}

/** Lets one transaction at a time decide whose a subject is. */
export async function lockSubject(db: Db, { providerId, subjectId }: Subject): Promise<void> {
  const key = `users: oidc subject ${providerId} ${subjectId}`;
  await db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${key}, 0))`;
}

export interface LinkedUser {
  readonly userId: string;
  readonly credentialVersion: number;
}

/** Who is linked to the subject. */
export async function findLinkedUser(db: Db, { providerId, subjectId }: Subject): Promise<LinkedUser | null> {
  const link = await db.oidcLink.findUnique({
    where: { providerId_subjectId: { providerId, subjectId } },
    select: { userId: true, user: { select: { credentialVersion: true } } },
  });
  return link === null ? null : { userId: link.userId, credentialVersion: link.user.credentialVersion };
}

export async function isLinked(db: Db, userId: string): Promise<boolean> {
  return (await db.oidcLink.findUnique({ where: { userId }, select: { userId: true } })) !== null;
}

export function countLinks(db: Db, providerId: string): Promise<number> {
  return db.oidcLink.count({ where: { providerId } });
}

/** Whether neither the user nor the subject had a link before. */
export async function insertLink(db: Db, link: Subject & { readonly userId: string }): Promise<boolean> {
  return (await db.oidcLink.createMany({ data: [link], skipDuplicates: true })).count === 1;
}

/** The provider of the link that there was; null: there was none. */
export async function deleteLink(db: Db, userId: string): Promise<string | null> {
  const rows = await db.$queryRaw<{ providerId: string }[]>`
    DELETE FROM users.oidc_links WHERE user_id = ${userId}::uuid RETURNING provider_id::text AS "providerId"`;
  return rows[0]?.providerId ?? null;
}
