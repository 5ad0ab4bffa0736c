// The only user of Prisma in this service: the rows about files. Their bytes are in a ByteStore.
import type { Prisma } from '../../generated/prisma/client.ts';
import type { Where } from '../../platform/access/condition-where.ts';
import type { Database } from '../../platform/database/database.ts';
import type { PrismaPage } from '../../platform/paging/prisma-page.ts';
import { fileCreated, fileDeleted, fileUploaded } from './events.ts';
import type { FileModel } from './models.ts';

export type NewFile = Pick<FileModel, 'id' | 'name' | 'mimeType' | 'tags' | 'creatorId'>;

export interface StoredBytes {
  readonly storeKey: string;
  readonly size: bigint;
  readonly sha256: string;
}

export interface FileStore {
  findByIds(ids: readonly string[]): Promise<FileModel[]>;
  list(page: PrismaPage): Promise<FileModel[]>;
  count(where: Where): Promise<number>;
  create(file: NewFile): Promise<FileModel>;
  /** Puts the bytes in place unless others are already; answers whether it did. */
  complete(id: string, bytes: StoredBytes, at: Date): Promise<boolean>;
  /** The ids of files that a user created, oldest first, from after this one on. */
  listIdsOf(creatorId: string, page: { readonly after: string | undefined; readonly first: number }): Promise<string[]>;
  /** Forgets the files, and queues the job `deleteBytes` with the keys of their bytes. */
  remove(ids: readonly string[]): Promise<void>;
}

type RemovedFile = Pick<FileModel, 'id' | 'creatorId' | 'storeKey'>;

export function createFileStore(database: Database): FileStore {
  const { db, write } = database.forService<'file'>('files');
  return {
    findByIds: (ids) =>
      ids.length === 0 ? Promise.resolve([]) : db.file.findMany({ where: { id: { in: [...ids] } } }),
    list: ({ where, orderBy, take }) => db.file.findMany({ where: where as Prisma.FileWhereInput, orderBy, take }),
    count: (where) => db.file.count({ where: where as Prisma.FileWhereInput }),
    create: (data) =>
      write(async (tx) => {
        const file = await tx.db.file.create({ data });
        tx.publish(fileCreated(file));
        return file;
      }),
    complete: (id, bytes, at) =>
      write(async (tx) => {
        // Of uploads that end at the same time, one finds the place empty.
        const [file] = await tx.db.file.updateManyAndReturn({
          where: { id, storeKey: null },
          data: { ...bytes, uploadedAt: at },
        });
        if (file !== undefined) tx.publish(fileUploaded(file));
        return file !== undefined;
      }),
    async listIdsOf(creatorId, { after, first }) {
      const where = { creatorId, ...(after === undefined ? {} : { id: { gt: after } }) };
      const rows = await db.file.findMany({ where, orderBy: { id: 'asc' }, take: first, select: { id: true } });
      return rows.map(({ id }) => id);
    },
    remove: (ids) =>
      write(async (tx) => {
        // One statement: an upload that ends now either finds no row, or its bytes are among those to be deleted.
        const removed = await tx.db.$queryRaw<RemovedFile[]>`
          DELETE FROM files.files WHERE id = ANY(${ids}::uuid[])
          RETURNING id::text, creator_id::text AS "creatorId", store_key AS "storeKey"`;
        for (const file of removed) tx.publish(fileDeleted(file));
        const storeKeys = removed.flatMap(({ storeKey }) => storeKey ?? []);
        if (storeKeys.length > 0) tx.enqueue({ job: 'deleteBytes', data: { storeKeys } });
      }),
  };
}
