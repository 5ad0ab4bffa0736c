// The rows about files: finds, lists, makes and removes them. Uploads, tokens, settings and pictures have stores of their
// own; the bytes themselves are in a ByteStore.
import type { Prisma } from '../../generated/prisma/client.ts';
import type { Where } from '../../platform/access/condition-where.ts';
import type { Database, Models } from '../../platform/database/database.ts';
import { deleteBytesJobs } from './delete-bytes-jobs.ts';
import { fileDeleted } from './events.ts';
import { type InsertedFile, insertFile, type NewFile } from './insert-file.ts';
import { lowerUsage } from './lower-usage.ts';
import type { FileModel } from './models.ts';
import type { NewToken } from './tokens/new-token.ts';

/** Which rows, in which order, and how many. */
export interface FileSelection {
  readonly where: Where;
  readonly orderBy: Record<string, 'asc' | 'desc'>[];
  readonly take: number;
}

export interface FileStore {
  findByIds(ids: readonly string[]): Promise<FileModel[]>;
  list(page: FileSelection): Promise<FileModel[]>;
  count(where: Where): Promise<number>;
  /** A file and its first token. */
  create(file: NewFile, token: NewToken): Promise<InsertedFile>;
  /** The ids of files that a user created, oldest first, from after this one on. */
  listIdsOf(creatorId: string, page: { readonly after: string | undefined; readonly first: number }): Promise<string[]>;
  /**
   * Forgets the files with all that belongs to them, their keys too, and queues the job `deleteBytes` with the keys of
   * their objects. How many there were. `unfinished`: only those that still await their bytes.
   */
  remove(ids: readonly string[], only?: { readonly unfinished: true }): Promise<number>;
}

type FileTables = 'file' | 'fileToken' | 'fileSegment' | 'fileThumbnail' | 'fileUsage';
type RemovedFile = Pick<FileModel, 'id' | 'creatorId' | 'applicationId' | 'size'>;

export function createFileStore(database: Database): FileStore {
  const { db, write } = database.forService<FileTables>('files');
  return {
    findByIds: (ids) =>
      ids.length === 0 ? Promise.resolve([]) : db.file.findMany({ where: { id: { in: [...ids] } } }),
    list: ({ where, orderBy, take }) => db.file.findMany({ where: where as Prisma.FileWhereInput, orderBy, take }),
    count: (where) => db.file.count({ where: where as Prisma.FileWhereInput }),
    create: (file, firstToken) => write((tx) => insertFile(tx, file, firstToken)),
    async listIdsOf(creatorId, { after, first }) {
      const where = { creatorId, ...(after === undefined ? {} : { id: { gt: after } }) };
      const rows = await db.file.findMany({ where, orderBy: { id: 'asc' }, take: first, select: { id: true } });
      return rows.map(({ id }) => id);
    },
    remove: (ids, only) =>
      write(async (tx) => {
        // From here on no upload or picture can be added: bytes that are stored now are discarded by who stored them.
        const removed = await tx.db.$queryRaw<RemovedFile[]>`
          SELECT id::text, creator_id::text AS "creatorId", application_id::text AS "applicationId", size
          FROM files.files
          WHERE id = ANY(${ids}::uuid[]) AND (${only === undefined} OR status = 'AWAITING_BYTES')
          ORDER BY id FOR UPDATE`;
        if (removed.length === 0) return 0;
        const storeKeys = await objectsOf(tx.db, removed);
        await tx.db.file.deleteMany({ where: { id: { in: removed.map(({ id }) => id) } } });
        await lowerUsage(tx.db, removed);
        for (const file of removed) tx.publish(fileDeleted(file));
        for (const job of deleteBytesJobs(storeKeys)) tx.enqueue(job);
        return removed.length;
      }),
  };
}

/** The keys of all objects in the store that belong to the files. */
async function objectsOf(db: Models<FileTables>, files: readonly RemovedFile[]): Promise<string[]> {
  const where = { fileId: { in: files.map(({ id }) => id) } };
  const segments = await db.fileSegment.findMany({ where, select: { storeKey: true } });
  const thumbnails = await db.fileThumbnail.findMany({ where, select: { storeKey: true } });
  return [...segments, ...thumbnails].map(({ storeKey }) => storeKey);
}
