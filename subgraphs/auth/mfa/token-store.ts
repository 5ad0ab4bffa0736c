// The only user of the tables of presence tokens and of challenges: reads rows and writes them, and decides nothing.
import type { Models } from '../../../platform/database/database.ts';
import type { AuthTable } from '../auth-parts.ts';
import { hashToken } from '../tokens.ts';

type Db = Models<AuthTable>;

export interface PresenceRow {
  readonly userId: string;
  readonly credentialVersion: number;
  readonly expiresAt: Date;
}

export async function insertPresence(db: Db, token: string, presence: PresenceRow): Promise<void> {
  await db.presenceToken.create({ data: { tokenHash: hashToken(token), ...presence } });
}

export function findPresence(db: Db, token: string): Promise<PresenceRow | null> {
  return db.presenceToken.findUnique({ where: { tokenHash: hashToken(token) } });
}

/** A sign-in that waits for its second factor. */
export interface ChallengeRow {
  readonly userId: string;
  readonly credentialVersion: number;
  readonly applicationId: string | null;
  /** What a passkey has to sign; null when the user had none. */
  readonly passkeyChallenge: string | null;
  readonly expiresAt: Date;
}

export async function insertChallenge(db: Db, token: string, challenge: ChallengeRow): Promise<void> {
  await db.mfaChallenge.create({ data: { tokenHash: hashToken(token), ...challenge } });
}

export function findChallenge(db: Db, token: string): Promise<ChallengeRow | null> {
  return db.mfaChallenge.findUnique({ where: { tokenHash: hashToken(token) } });
}

/** Whether it was still there. */
export async function deleteChallenge(db: Db, token: string): Promise<boolean> {
  return (await db.mfaChallenge.deleteMany({ where: { tokenHash: hashToken(token) } })).count === 1;
}

export async function deleteChallengesOf(db: Db, userId: string): Promise<void> {
  await db.mfaChallenge.deleteMany({ where: { userId } });
}

export async function deletePresenceOf(db: Db, userId: string): Promise<void> {
  await db.presenceToken.deleteMany({ where: { userId } });
}
