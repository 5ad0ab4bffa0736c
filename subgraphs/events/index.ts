// events: the log of everything that changed, as a list and live; and the access log, of who asked what.

import { invariant } from '../../platform/errors.ts';
import { defineSubgraph } from '../../platform/subgraph/define-subgraph.ts';
import { createChain } from './access-log/chain.ts';
import { dropOldEntries } from './access-log/drop-old-entries.ts';
import type { AccessLogTable } from './access-log/store.ts';
import { eventsSource } from './events-source.ts';
import type { EventLoaders } from './loaders.ts';
import { createEventLoaders } from './loaders.ts';
import { permissions } from './permissions.ts';
import { createResolvers } from './resolvers.ts';
import { createEventStore } from './store.ts';

export const events = defineSubgraph<EventLoaders>({
  name: 'events',
  permissions,
  build({ config, database, clock }) {
    const store = createEventStore(database);
    const accessLog = database.forService<AccessLogTable>('events');
    invariant(config.serviceSecret !== undefined, 'whoever runs services has the secret');
    const chain = createChain(config.serviceSecret);
    const keepMilliseconds = config.accessLogKeepDays * 24 * 3_600_000;
    return {
      resolvers: createResolvers({ store, accessLog, chain }),
      loaders: (identity) => createEventLoaders(store, identity),
      subscriptions: { events: eventsSource },
      jobs: {
        dropOldAccessLogs: {
          run: () => dropOldEntries(accessLog, chain, new Date(clock() - keepMilliseconds)),
          cron: '17 3 * * *',
          timeout: 3_600,
        },
      },
    };
  },
});
