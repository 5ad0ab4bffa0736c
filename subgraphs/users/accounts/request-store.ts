// The only user of the table of requests to confirm an address or to set a password. A request changes while its account
// is locked (store.ts).
import type { Prisma } from '../../../generated/prisma/client.ts';
import type { Models } from '../../../platform/database/database.ts';
import type { RowReader } from '../../../platform/paging/list-rows.ts';
import type { VerificationRequestModel } from '../models.ts';
import type { UsersTable } from '../store.ts';
import type { Purpose, VerificationMode } from './verification-rules.ts';

type Db = Models<UsersTable>;

/** A request with what its secret is compared with. */
export interface OpenRequest extends VerificationRequestModel {
  readonly purpose: Purpose;
  /** Null until the mail of the last initiation is written. */
  readonly secretHash: string | null;
}

const storedModes = { HASH: 'hash', PIN_CODE: 'pin_code' } as const;

function modeOf({ mode }: { readonly mode: string }): VerificationMode {
  return mode === storedModes.PIN_CODE ? 'PIN_CODE' : 'HASH';
}

async function findOpenRequest(db: Db, where: Prisma.VerificationRequestWhereUniqueInput): Promise<OpenRequest | null> {
  const row = await db.verificationRequest.findUnique({ where });
  return row === null ? null : { ...row, mode: modeOf(row), purpose: row.purpose as Purpose };
}

export function findRequest(db: Db, userId: string, purpose: Purpose): Promise<OpenRequest | null> {
  return findOpenRequest(db, { userId_purpose: { userId, purpose } });
}

export function findRequestById(db: Db, id: string): Promise<OpenRequest | null> {
  return findOpenRequest(db, { id });
}

/** Whose request has this digest of a hash. */
export async function findOwnerOfHash(db: Db, purpose: Purpose, secretHash: string): Promise<string | null> {
  const where = { purpose, secretHash, mode: storedModes.HASH };
  return (await db.verificationRequest.findFirst({ where, select: { userId: true } }))?.userId ?? null;
}

export interface Initiation {
  readonly mode: VerificationMode;
  readonly requestCount: number;
  readonly lastRequestAt: Date;
  readonly expiresAt: Date;
}

export async function insertRequest(
  db: Db,
  { mode, ...request }: Initiation & { readonly id: string; readonly userId: string; readonly purpose: Purpose },
): Promise<void> {
  await db.verificationRequest.create({ data: { ...request, mode: storedModes[mode] }, select: { id: true } });
}

/** What the last mail held is worth nothing any more. */
export async function updateInitiation(db: Db, id: string, { mode, ...initiation }: Initiation): Promise<void> {
  const fresh = { secretHash: null, failedAttempts: 0, lastFailedAt: null };
  const data = { ...initiation, ...fresh, mode: storedModes[mode] };
  await db.verificationRequest.update({ where: { id }, data, select: { id: true } });
}

export async function updateSecret(
  db: Db,
  id: string,
  data: { readonly secretHash: string; readonly expiresAt: Date },
): Promise<void> {
  await db.verificationRequest.update({ where: { id }, data, select: { id: true } });
}

export async function countFailedAttempt(db: Db, id: string, now: Date): Promise<void> {
  const data = { failedAttempts: { increment: 1 }, lastFailedAt: now };
  await db.verificationRequest.update({ where: { id }, data, select: { id: true } });
}

/** Whether there was one. */
export async function deleteRequest(db: Db, userId: string, purpose: Purpose): Promise<boolean> {
  return (await db.verificationRequest.deleteMany({ where: { userId, purpose } })).count === 1;
}

/** Without the secret. */
export const requestRows: RowReader<Db, VerificationRequestModel> = {
  find: async (db, selection) => {
    const rows = await db.verificationRequest.findMany({
      ...(selection as Prisma.VerificationRequestFindManyArgs),
      omit: { secretHash: true },
    });
    return rows.map((row) => ({ ...row, mode: modeOf(row) }));
  },
  count: (db, where) => db.verificationRequest.count({ where: where as Prisma.VerificationRequestWhereInput }),
};
