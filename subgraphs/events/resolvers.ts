// GraphQL in, use case out. No logic.
import type { Resolvers } from '../../generated/resolvers/events.ts';
import { logEventData } from '../../platform/events/event.ts';
import type { Context } from '../../platform/subgraph/context.ts';
import { listEvents } from './list-events.ts';
import type { EventLoaders } from './loaders.ts';
import type { EventStore } from './store.ts';

/** The most that one reader of the log gets at once. */
const mostOfLog = 1_000;

export function createResolvers(store: EventStore): Resolvers<Context<EventLoaders>> {
  return {
    Query: {
      events: (_parent, args) => listEvents(store, args),
      eventLog: async (_parent, { after, first }) => {
        const { oldest, newest, events } = await store.readLog(after, Math.min(first, mostOfLog));
        return { oldest, newest, events: events.map(logEventData) };
      },
    },
    Event: { __resolveReference: ({ id }, { loaders }) => loaders.events.load(id) },
    EventConnection: { totalCount: ({ totalCount }) => totalCount() },
  };
}
