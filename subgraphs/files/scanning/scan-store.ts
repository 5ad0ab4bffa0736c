// The rows of files that wait for the scanner: finds them, and notes what the scanner says.
import type { Database } from '../../../platform/database/database.ts';
import { fileInfected, fileReady } from '../events.ts';
import { type CompleteFile, isComplete } from '../models.ts';
import type { Verdict } from './clamd-client.ts';

export interface ScanStore {
  /** Undefined for a file that is gone, or waits for no scan. */
  findWaiting(fileId: string): Promise<CompleteFile | undefined>;
  /** The ids of files whose bytes came before that moment and that still wait, oldest first, from after this one on. */
  listWaitingSince(
    before: Date,
    page: { readonly after: string | undefined; readonly first: number },
  ): Promise<string[]>;
  countWaiting(): Promise<number>;
  /** Publishes what the file is from now on; nothing when it does not wait any more. */
  settle(fileId: string, verdict: Verdict): Promise<void>;
}

export function createScanStore(database: Database): ScanStore {
  const { db, write } = database.forService<'file'>('files');
  const waiting = { status: 'SCANNING' };
  return {
    async findWaiting(id) {
      const file = await db.file.findFirst({ where: { id, ...waiting } });
      return file !== null && isComplete(file) ? file : undefined;
    },
    async listWaitingSince(before, { after, first }) {
      const where = { ...waiting, uploadedAt: { lt: before }, ...(after === undefined ? {} : { id: { gt: after } }) };
      const rows = await db.file.findMany({ where, orderBy: { id: 'asc' }, take: first, select: { id: true } });
      return rows.map(({ id }) => id);
    },
    countWaiting: () => db.file.count({ where: waiting }),
    settle: (id, verdict) =>
      write(async (tx) => {
        const data = { status: verdict.clean ? 'READY' : 'INFECTED' };
        const [file] = await tx.db.file.updateManyAndReturn({ where: { id, ...waiting }, data });
        if (file !== undefined) tx.publish(verdict.clean ? fileReady(file) : fileInfected(file, verdict.signature));
      }),
  };
}
