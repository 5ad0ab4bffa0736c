// One request's reading of single events.
import DataLoader from 'dataloader';
import { holdsEverywhere } from '../../platform/access/scope.ts';
import type { Identity } from '../../platform/identity/identity.ts';
import { isId } from '../../platform/ids.ts';
import type { EventModel } from './models.ts';
import type { EventStore } from './store.ts';

export interface EventLoaders {
  /** By id; null for one that is missing, that is no id at all, or without VIEW_EVENTS. */
  readonly events: DataLoader<string, EventModel | null>;
}

export function createEventLoaders(store: EventStore, identity: Identity): EventLoaders {
  const visible = holdsEverywhere(identity, 'VIEW_EVENTS');
  return {
    events: new DataLoader(async (ids) => {
      const known = visible ? ids.filter(isId) : [];
      const found = known.length === 0 ? [] : await store.findEvents(known);
      const byId = new Map(found.map((event) => [event.id, event]));
      return ids.map((id) => byId.get(id.toLowerCase()) ?? null);
    }),
  };
}
