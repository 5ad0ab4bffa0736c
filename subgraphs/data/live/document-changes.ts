// The source of the subscription `documentChanged`: what of each event this viewer gets, as of now. Reads anew for every
// batch: a subscription may be open for long, and what its viewer may see changes.
import type { SubscriptionSource } from '../../../platform/subgraph/define-subgraph.ts';
import type { Db } from '../documents/store.ts';
import type { HistoryLoaders } from '../history/loaders.ts';
import type { DataLoaders } from '../loaders.ts';
import type { DocumentChangeModel } from '../models.ts';
import { selectAccessChanges } from './access-changes.ts';
import { selectDocumentEvents } from './document-events.ts';
import { readWanted, requireWanted } from './wanted-documents.ts';

export function documentChanges(db: Db): SubscriptionSource<DataLoaders & HistoryLoaders> {
  return {
    check: (args) => requireWanted(db, args),
    async select(events, args, viewer) {
      const selection = { wanted: await readWanted(db, args), viewer };
      const payloads = new Array<DocumentChangeModel | undefined>(events.length).fill(undefined);
      const placed = events.map((event, place) => ({ event, place }));
      for (const select of [selectDocumentEvents, selectAccessChanges]) {
        for (const { place, payload } of await select(db, placed, selection)) payloads[place] = payload;
      }
      return payloads;
    },
  };
}
