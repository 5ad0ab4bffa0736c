// events: the log of everything that changed, as a list and live.

import { defineSubgraph } from '../../platform/subgraph/define-subgraph.ts';
import { eventsSource } from './events-source.ts';
import type { EventLoaders } from './loaders.ts';
import { createEventLoaders } from './loaders.ts';
import { permissions } from './permissions.ts';
import { createResolvers } from './resolvers.ts';
import { createEventStore } from './store.ts';

export const events = defineSubgraph<EventLoaders>({
  name: 'events',
  permissions,
  build({ database }) {
    const store = createEventStore(database);
    return {
      resolvers: createResolvers(store),
      loaders: (identity) => createEventLoaders(store, identity),
      subscriptions: { events: eventsSource },
    };
  },
});
