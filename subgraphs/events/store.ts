// The only user of Prisma in this service. Only events that have a position exist for its readers.
import type { Where } from '../../platform/access/condition-where.ts';
import type { Database } from '../../platform/database/database.ts';
import type { LogPage } from '../../platform/events/event.ts';
import { readLog } from '../../platform/events/log.ts';
import type { EventModel } from './models.ts';

export interface EventStore {
  /** The log as it is, for those who follow it. */
  readLog(after: bigint, first: number): Promise<LogPage>;
  /** In order of position. */
  listEvents(where: Where, after: bigint, first: number): Promise<EventModel[]>;
  countEvents(where: Where): Promise<number>;
  findEvents(ids: readonly string[]): Promise<EventModel[]>;
}

const select = { id: true, position: true, type: true, content: true, createdAt: true } as const;

export function createEventStore(database: Database): EventStore {
  const { db } = database.forService<'event' | 'logHead'>('events');
  // Narrowed by `position: { not: null }` or a bound on it.
  type Found = Promise<EventModel[]>;
  return {
    readLog: (after, first) => readLog(db, after, first),
    listEvents: (where, after, first) =>
      db.event.findMany({
        where: { AND: [{ position: { gt: after } }, where] },
        orderBy: { position: 'asc' },
        take: first,
        select,
      }) as Found,
    countEvents: (where) => db.event.count({ where: { AND: [{ position: { not: null } }, where] } }),
    findEvents: (ids) =>
      db.event.findMany({ where: { id: { in: [...ids] }, position: { not: null } }, select }) as Found,
  };
}
