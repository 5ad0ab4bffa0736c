// The rows of tokens. A token is good while its file exists, until it expires, is revoked or, for single use, is used.
import type { Prisma } from '../../../generated/prisma/client.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Database, Models } from '../../../platform/database/database.ts';
import { momentSql } from '../../../platform/database/moment-sql.ts';
import { AppError } from '../../../platform/errors.ts';
import type { Sealing } from '../../../platform/sealing.ts';
import { fileTokenCreated, fileTokenRevoked } from '../events.ts';
import type { FileAccessLevel, FileModel, FileTokenModel } from '../models.ts';
import { hashToken, newToken, openedToken, type WantedToken } from './new-token.ts';

/** What a good token gives access to. */
export interface FoundToken {
  readonly tokenId: string;
  readonly file: FileModel;
  readonly accessLevel: FileAccessLevel;
  readonly singleUse: boolean;
}

export interface TokenStore {
  /** What the token gives access to, if it is good. Read anew each time: what was revoked is good for nothing more. */
  findByToken(token: string): Promise<FoundToken | undefined>;
  /** The file of a good token, by the token's id. */
  findFileOf(tokenId: string): Promise<FileModel | undefined>;
  /** The newest of the good tokens of each of these files, newest first. */
  listGood(fileIds: readonly string[]): Promise<FileTokenModel[]>;
  /** Null when the file is gone. ILLEGAL_STATE when it has too many good tokens. */
  create(wanted: WantedToken): Promise<FileTokenModel | null>;
  /** Whether it was good until now. ILLEGAL_STATE (2607) for the last good `FULL` token. */
  revoke(tokenId: string, fileId: string): Promise<boolean>;
  /** Ends a token for single use; whether it was good until now: of uses at the same time, one gets true. */
  useUp(tokenId: string): Promise<boolean>;
}

/** Good tokens that one file may have. */
const mostTokens = 1_000;
/** Of one file: each of them has to be opened. */
const mostListed = 100;

type ListedToken = Parameters<typeof openedToken>[0];

type TokenTables = 'file' | 'fileToken';

export function createTokenStore(database: Database, sealing: Sealing, clock: Clock): TokenStore {
  const { db, write } = database.forService<TokenTables>('files');
  const good = (): Prisma.FileTokenWhereInput => ({
    usedAt: null,
    OR: [{ expiresAt: null }, { expiresAt: { gt: new Date(clock()) } }],
  });

  return {
    async findByToken(token) {
      const row = await db.fileToken.findFirst({
        where: { hash: hashToken(token), ...good() },
        include: { file: true },
      });
      if (row === null) return undefined;
      const accessLevel = row.accessLevel as FileAccessLevel;
      return { tokenId: row.id, file: row.file, accessLevel, singleUse: row.singleUse };
    },
    async findFileOf(tokenId) {
      const row = await db.fileToken.findFirst({ where: { id: tokenId, ...good() }, select: { file: true } });
      return row?.file;
    },
    async listGood(fileIds) {
      const rows = await db.$queryRaw<ListedToken[]>`
        SELECT newest.* FROM unnest(${fileIds}::uuid[]) AS file (id)
        CROSS JOIN LATERAL (
          SELECT t.id::text, t.file_id::text AS "fileId", t.sealed, t.access_level AS "accessLevel",
            t.creator_id::text AS "creatorId", t.expires_at AS "expiresAt", t.single_use AS "singleUse",
            t.created_at AS "createdAt"
          FROM files.tokens t
          WHERE t.file_id = file.id AND t.used_at IS NULL
            AND (t.expires_at IS NULL OR t.expires_at > ${momentSql(new Date(clock()))})
          ORDER BY t.id DESC LIMIT ${mostListed}
        ) AS newest ORDER BY newest.id DESC`;
      return rows.map((row) => openedToken(row, sealing));
    },
    create: (wanted) =>
      write(async (tx) => {
        const file = await lockFile(tx.db, wanted.fileId);
        if (file === undefined) return null;
        if ((await tx.db.fileToken.count({ where: { fileId: file.id, ...good() } })) >= mostTokens) {
          throw new AppError('ILLEGAL_STATE', `A file has at most ${mostTokens} tokens that are good: revoke some.`);
        }
        const row = await tx.db.fileToken.create({ data: newToken(wanted, sealing) });
        tx.publish(fileTokenCreated(row, file));
        return openedToken(row, sealing);
      }),
    revoke: (tokenId, fileId) =>
      write(async (tx) => {
        const file = await lockFile(tx.db, fileId);
        const where = { id: tokenId, fileId, ...good() };
        const token = file && (await tx.db.fileToken.findFirst({ where }));
        if (!token) return false;
        await tx.db.fileToken.delete({ where: { id: tokenId } });
        if (token.accessLevel === 'FULL') await requireFullTokenLeft(tx.db, { fileId, ...good() });
        tx.publish(fileTokenRevoked(token, file));
        return true;
      }),
    async useUp(tokenId) {
      const where = { id: tokenId, singleUse: true, usedAt: null };
      return (await db.fileToken.updateMany({ where, data: { usedAt: new Date(clock()) } })).count === 1;
    },
  };
}

/** Keeps others from changing the file's tokens until the transaction ends: what was counted stays so. */
async function lockFile(db: Models<TokenTables>, id: string) {
  const [file] = await db.$queryRaw<Pick<FileModel, 'id' | 'creatorId'>[]>`
    SELECT id::text, creator_id::text AS "creatorId" FROM files.files WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
  return file;
}

async function requireFullTokenLeft(db: Models<TokenTables>, good: Prisma.FileTokenWhereInput): Promise<void> {
  if ((await db.fileToken.count({ where: { ...good, accessLevel: 'FULL' } })) > 0) return;
  throw new AppError('ILLEGAL_STATE', 'This is the last FULL token of its file: make another one first.', {
    code: 2607,
  });
}
