// The only user of the tables of second factors: reads rows and writes them, and decides nothing.
import type { MfaMethod } from '../../../generated/prisma/client.ts';
import type { Models } from '../../../platform/database/database.ts';
import type { AuthTable } from '../auth-parts.ts';
import type { MfaMethodModel, MfaSettingModel } from '../models.ts';
import type { Failures } from './reattempt-delay.ts';

type Db = Models<AuthTable>;

const settingColumns = { userId: true, enabled: true, updatedAt: true } as const;

/** Those of the settings that there are. */
export function findSettings(db: Db, userIds: readonly string[]): Promise<MfaSettingModel[]> {
  return db.mfaSetting.findMany({ where: { userId: { in: [...userIds] } }, select: settingColumns });
}

export function getSetting(db: Db, userId: string): Promise<MfaSettingModel> {
  return db.mfaSetting.findUniqueOrThrow({ where: { userId }, select: settingColumns });
}

/** Settings of users who have none yet: the second factor is off. */
export async function insertSettings(db: Db, userIds: readonly string[]): Promise<void> {
  await db.mfaSetting.createMany({ data: userIds.map((userId) => ({ userId })), skipDuplicates: true });
}

export interface LockedSetting extends Failures {
  readonly enabled: boolean;
}

export function findFailures(db: Db, userId: string): Promise<LockedSetting | null> {
  const select = { enabled: true, failedAttempts: true, lastFailedAt: true } as const;
  return db.mfaSetting.findUnique({ where: { userId }, select });
}

/**
 * Locks the setting, made if there was none: whatever changes a user's methods, or looks at a code, does so under this
 * lock, one after the other.
 */
export async function lockSetting(db: Db, userId: string): Promise<LockedSetting> {
  await insertSettings(db, [userId]);
  const rows = await db.$queryRaw<LockedSetting[]>`
    SELECT enabled, failed_attempts AS "failedAttempts", last_failed_at AS "lastFailedAt"
    FROM auth.mfa_settings WHERE user_id = ${userId}::uuid FOR UPDATE`;
  const [setting] = rows;
  if (setting === undefined) throw new Error('The setting was deleted while it was being locked');
  return setting;
}

export interface SettingChange {
  readonly enabled?: boolean;
  readonly now: number;
}

/** Also marks a change of the methods. */
export async function changeSetting(db: Db, userId: string, { now, ...change }: SettingChange): Promise<void> {
  await db.mfaSetting.update({ where: { userId }, data: { ...change, updatedAt: new Date(now) } });
}

// Failures do not count as changes of the setting: plain SQL leaves `updated_at` as it is.

export async function insertFailure(db: Db, userId: string, now: number): Promise<void> {
  await db.$executeRaw`
    UPDATE auth.mfa_settings SET failed_attempts = failed_attempts + 1, last_failed_at = ${new Date(now)}
    WHERE user_id = ${userId}::uuid`;
}

export async function clearFailures(db: Db, userId: string): Promise<void> {
  await db.$executeRaw`
    UPDATE auth.mfa_settings SET failed_attempts = 0, last_failed_at = NULL WHERE user_id = ${userId}::uuid`;
}

/** A registered passkey, as its signatures are checked with it. */
export interface Passkey {
  readonly credentialId: string;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly counter: number;
  readonly transports: string[];
}

/** A method with what it is checked against. Not for clients. */
export interface StoredMethod {
  readonly model: MfaMethodModel;
  readonly sealedSecret: string | null;
  readonly lastStep: number | null;
  readonly codeHashes: readonly string[];
  /** Of a registration that was not confirmed yet. */
  readonly challenge: string | null;
  readonly passkey: Passkey | null;
}

/** The methods of these users, oldest first; of those that were not confirmed, the ones added after `since`. */
export async function findMethods(db: Db, userIds: readonly string[], since: Date): Promise<StoredMethod[]> {
  const rows = await db.mfaMethod.findMany({
    where: { userId: { in: [...userIds] }, OR: [{ verified: true }, { createdAt: { gt: since } }] },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });
  return rows.map(storedMethod);
}

function storedMethod(row: MfaMethod): StoredMethod {
  const { id, userId, name, tags, verified, createdAt, updatedAt, codeHashes, transports } = row;
  const type = row.type as MfaMethodModel['type'];
  const codesLeft = type === 'RECOVERY_CODES' ? codeHashes.length : null;
  return {
    model: { id, userId, type, name, tags, verified, codesLeft, createdAt, updatedAt },
    sealedSecret: row.sealedSecret,
    lastStep: row.lastStep === null ? null : Number(row.lastStep),
    codeHashes,
    challenge: row.challenge,
    passkey:
      row.credentialId === null || row.publicKey === null
        ? null
        : { credentialId: row.credentialId, publicKey: row.publicKey, counter: Number(row.counter), transports },
  };
}

export interface NewMethod {
  readonly id: string;
  readonly userId: string;
  readonly type: MfaMethodModel['type'];
  readonly name: string | null;
  readonly tags: string[];
  readonly verified: boolean;
  readonly createdAt: Date;
  readonly sealedSecret?: string;
  readonly codeHashes?: string[];
  readonly challenge?: string;
}

export async function insertMethod(db: Db, method: NewMethod): Promise<MfaMethodModel> {
  return storedMethod(await db.mfaMethod.create({ data: method })).model;
}

/** What changes of a method when it is confirmed or used. */
export interface MethodChange {
  readonly verified?: true;
  readonly lastStep?: number;
  readonly codeHashes?: string[];
  readonly challenge?: null;
  readonly credentialId?: string;
  readonly publicKey?: Uint8Array<ArrayBuffer>;
  readonly counter?: number;
  readonly transports?: string[];
}

export async function updateMethod(db: Db, id: string, change: MethodChange): Promise<MfaMethodModel> {
  return storedMethod(await db.mfaMethod.update({ where: { id }, data: change })).model;
}

/** Whether somebody has registered it; nobody else does until the transaction ends. */
export async function lockCredential(db: Db, credentialId: string): Promise<boolean> {
  await db.$executeRaw`SELECT pg_advisory_xact_lock(hashtext(${`auth: passkey ${credentialId}`}))`;
  return (await db.mfaMethod.count({ where: { credentialId } })) > 0;
}

export async function deleteMethods(db: Db, ids: readonly string[]): Promise<void> {
  await db.mfaMethod.deleteMany({ where: { id: { in: [...ids] } } });
}

/** Those that were not confirmed and were added before; their ids. */
export async function deleteUnconfirmed(db: Db, userId: string, before: Date): Promise<string[]> {
  const where = { userId, verified: false, createdAt: { lte: before } };
  const rows = await db.mfaMethod.findMany({ where, select: { id: true } });
  const ids = rows.map(({ id }) => id);
  await deleteMethods(db, ids);
  return ids;
}

/** With its methods. */
export async function deleteSetting(db: Db, userId: string): Promise<void> {
  await db.mfaSetting.deleteMany({ where: { userId } });
}
