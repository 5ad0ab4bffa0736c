// What a batch of events is looked at with: what is wanted, and by whom; and what comes of it.
import type { LogEvent } from '../../../platform/events/event.ts';
import type { Context } from '../../../platform/subgraph/context.ts';
import type { HistoryLoaders } from '../history/loaders.ts';
import type { DataLoaders } from '../loaders.ts';
import type { DocumentChangeModel } from '../models.ts';
import type { WantedDocuments } from './wanted-documents.ts';

export interface Selection {
  readonly wanted: WantedDocuments;
  readonly viewer: Context<DataLoaders & HistoryLoaders>;
}

/** The events of a batch, each with its place in it. */
export type PlacedEvents = readonly { readonly event: LogEvent; readonly place: number }[];

export interface PlacedPayload {
  readonly place: number;
  readonly payload: DocumentChangeModel;
}
