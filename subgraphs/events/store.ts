// The only user of Prisma in this service. Only events that have a position exist for its readers.
import type { Where } from '../../platform/access/condition-where.ts';
import type { Database } from '../../platform/database/database.ts';
import type { LogPage } from '../../platform/events/event.ts';
import { countLog, findFirstSegment, type LogProgress, readLog, readLogProgress } from '../../platform/events/log.ts';
import type { EventModel } from './models.ts';

export interface EventStore {
  /** The log as it is, for those who follow it. */
  readLog(after: bigint, first: number): Promise<LogPage>;
  readLogProgress(): Promise<LogProgress>;
  /** In order of position. */
  listEvents(where: Where | undefined, range: EventRange, first: number): Promise<EventModel[]>;
  countEvents(where: Where | undefined, madeSince: Date | undefined): Promise<number>;
  findEvents(ids: readonly string[]): Promise<EventModel[]>;
}

/** What narrows the part of the log that is read, besides the filter itself. */
export interface EventRange {
  readonly after: bigint;
  /** The filter leaves out every event of a change made before. */
  readonly madeSince: Date | undefined;
}

const select = { id: true, position: true, type: true, content: true, createdAt: true } as const;

export function createEventStore(database: Database): EventStore {
  const { db } = database.forService<'event' | 'logHead'>('events');
  // The content of an event is always an object, which Prisma does not know.
  type Found = Promise<EventModel[]>;
  const segmentsOf = async ({ after, madeSince }: EventRange) => ({
    segment: { gte: await findFirstSegment(db, after, madeSince) },
  });
  return {
    readLog: (after, first) => readLog(db, after, first),
    readLogProgress: () => readLogProgress(db),
    listEvents: async (where, range, first) =>
      db.event.findMany({
        where: { AND: [await segmentsOf(range), { position: { gt: range.after } }, where ?? {}] },
        // In this order the segments are read one after the other, and not further than needed.
        orderBy: [{ segment: 'asc' }, { position: 'asc' }],
        take: first,
        select,
      }) as Found,
    countEvents: async (where, madeSince) => {
      if (where === undefined) return countLog(db);
      return db.event.count({ where: { AND: [await segmentsOf({ after: 0n, madeSince }), where] } });
    },
    findEvents: (ids) => db.event.findMany({ where: { id: { in: [...ids] } }, select }) as Found,
  };
}
