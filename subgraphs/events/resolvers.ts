// GraphQL in, use case out. No logic.
import type { Resolvers } from '../../generated/resolvers/events.ts';
import type { AccessEntry } from '../../platform/access-log/access-entry.ts';
import { logEventData } from '../../platform/events/event.ts';
import type { Context } from '../../platform/subgraph/context.ts';
import { appendEntries } from './access-log/append-entries.ts';
import type { Chain } from './access-log/chain.ts';
import { listAccessLogs } from './access-log/list-access-logs.ts';
import type { AccessLogDatabase } from './access-log/store.ts';
import { listEvents } from './list-events.ts';
import type { EventLoaders } from './loaders.ts';
import type { EventStore } from './store.ts';

/** The most that one reader of the log gets at once. */
const mostOfLog = 1_000;

export interface EventParts {
  readonly store: EventStore;
  readonly accessLog: AccessLogDatabase;
  readonly chain: Chain;
}

export function createResolvers({ store, accessLog, chain }: EventParts): Resolvers<Context<EventLoaders>> {
  return {
    Query: {
      events: (_parent, args) => listEvents(store, args),
      accessLogs: (_parent, args) => listAccessLogs(accessLog.db, args),
      eventLog: async (_parent, { after, first }) => {
        const { oldest, newest, events } = await store.readLog(after, Math.min(first, mostOfLog));
        return { oldest, newest, events: events.map(logEventData) };
      },
      eventLogProgress: () => store.readLogProgress(),
    },
    Mutation: {
      recordAccess: async (_parent, { entries }) => {
        // Only gateways come here: entries are as access-entry.ts says.
        await appendEntries(accessLog, chain, entries as AccessEntry[]);
        return true;
      },
    },
    AccessLog: {
      sequence: ({ sequence }) => sequence.toString(),
      duration: ({ duration }) => duration / 1_000_000,
      user: ({ userId }) => (userId === null ? null : { id: userId }),
      responseBodySize: ({ responseBodySize }) => (responseBodySize === null ? null : Number(responseBodySize)),
    },
    AccessLogConnection: { totalCount: ({ totalCount }) => totalCount() },
    Event: { __resolveReference: ({ id }, { loaders }) => loaders.events.load(id) },
    EventConnection: { totalCount: ({ totalCount }) => totalCount() },
  };
}
