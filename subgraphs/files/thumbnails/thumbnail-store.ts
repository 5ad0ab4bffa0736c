// The rows of small pictures that are kept. A picture belongs to its file: it goes with it.
import type { FileThumbnail } from '../../../generated/prisma/client.ts';
import type { Database } from '../../../platform/database/database.ts';
import type { ThumbnailBox } from './thumbnail-box.ts';

export type KeptThumbnail = Pick<FileThumbnail, 'fileId' | 'width' | 'height' | 'storeKey' | 'size'>;

export interface ThumbnailStore {
  find(fileId: string, box: ThumbnailBox): Promise<KeptThumbnail | undefined>;
  /** False: the file is gone, has many already, or another process was faster. Then the object is nobody's. */
  keep(thumbnail: KeptThumbnail & Pick<FileThumbnail, 'mimeType'>): Promise<boolean>;
  /** Forgets a picture whose object cannot be read any more, and queues the removal of the object. */
  forget(storeKey: string): Promise<void>;
}

/** Of one file. Whoever may see it could ask for millions. */
const mostKept = 32;

export function createThumbnailStore(database: Database): ThumbnailStore {
  const { db, write } = database.forService<'file' | 'fileThumbnail'>('files');
  return {
    find: async (fileId, { width, height }) =>
      (await db.fileThumbnail.findUnique({ where: { fileId_width_height: { fileId, width, height } } })) ?? undefined,
    keep: (thumbnail) =>
      write(async (tx) => {
        // Who removes a file holds its row: a picture is either among those removed, or finds no file.
        const files = await tx.db.$queryRaw<unknown[]>`
          SELECT FROM files.files WHERE id = ${thumbnail.fileId}::uuid FOR NO KEY UPDATE`;
        const { fileId, width, height } = thumbnail;
        const kept = await tx.db.fileThumbnail.findMany({ where: { fileId }, select: { width: true, height: true } });
        const isThere = kept.some((one) => one.width === width && one.height === height);
        if (files.length === 0 || kept.length >= mostKept || isThere) return false;
        await tx.db.fileThumbnail.create({ data: thumbnail });
        return true;
      }),
    forget: (storeKey) =>
      write(async (tx) => {
        const { count } = await tx.db.fileThumbnail.deleteMany({ where: { storeKey } });
        if (count > 0) tx.enqueue({ job: 'deleteBytes', data: { storeKeys: [storeKey] } });
      }),
  };
}
