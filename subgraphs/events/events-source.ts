// The live feed of the log itself. Who may follow it is decided by the shield's rule, anew for each batch.
import type { SubscriptionSource } from '../../platform/subgraph/define-subgraph.ts';
import type { EventLoaders } from './loaders.ts';

export const eventsSource: SubscriptionSource<EventLoaders> = {
  async select(events, args) {
    const types = args.types as readonly string[] | null | undefined;
    return events.map((event) => (types == null || types.includes(event.type) ? event : undefined));
  },
};
