// Writes changes of documents as the service `data` commits them, a document and its event in one transaction, but past
// its API: what an update costs is measured elsewhere, and would leave little of two cores for what is measured here.
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { Prisma } from '../../generated/prisma/client.ts';
import type { Cluster } from '../../operations/cluster/start-cluster.ts';
import { openDatabase } from '../../platform/database/open-database.ts';
import { openRedisBus } from '../../platform/events/redis-bus.ts';
import { documentEvent } from '../../subgraphs/data/events.ts';
import type { LiveSetting, Ward } from './setting.ts';
import { schemaName } from './setting.ts';

export interface Changes {
  /** Changes the document of a ward; `n` becomes what stands in it. Resolves once it is committed. */
  change(ward: Ward, n: number): Promise<void>;
  /** So many changes in one transaction, `n` counting up from `first`. */
  changeOften(ward: Ward, first: number, count: number): Promise<void>;
  close(): Promise<void>;
}

export async function openChanges(cluster: Cluster, { schemaId, creatorId }: LiveSetting): Promise<Changes> {
  const log = pino({ level: 'silent' });
  const bus = openRedisBus({ url: cluster.redisUrl, log });
  const database = await openDatabase({
    databaseUrl: cluster.databaseUrl,
    dataDir: '',
    onCommitWithEvents: () => bus.wake(),
    log,
  });
  const data = database.forService<'document'>('data');
  const changeOften = async ({ groupId, documentId }: Ward, first: number, count: number) => {
    await data.write(async (tx) => {
      const last = first + count - 1;
      await tx.db.$executeRaw(Prisma.sql`
        UPDATE data.documents SET data = jsonb_build_object('n', ${last}::int), version = version + ${count}, updated_at = now()
        WHERE id = ${documentId}::uuid`);
      const now = new Date();
      const links = { id: documentId, schemaId, creatorId, userIds: [], groupIds: [groupId] };
      const state = { ...links, status: 'recorded', statusChangedAt: now, updatedAt: now };
      for (let n = first; n <= last; n += 1) {
        tx.publish(documentEvent('document_updated', { document: { ...state, version: n } }, schemaName));
      }
    });
  };
  return {
    change: (ward, n) => changeOften(ward, n, 1),
    changeOften,
    async close() {
      await database.close();
      await bus.close();
    },
  };
}

/** Calls `work` so often a second, whether the calls before have ended or not; resolves when all have. */
export async function atRate(perSecond: number, seconds: number, work: (number: number) => Promise<void>) {
  const total = perSecond * seconds;
  const start = performance.now();
  const under: Promise<void>[] = [];
  for (let number = 0; number < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - start) / 1_000) * perSecond) + 1);
    while (number < due) {
      under.push(work(number));
      number += 1;
    }
    await pause(2);
  }
  await Promise.all(under);
}
