// Whether a document passes the filter of a subscription after a change, or passed it before: by the stored versions.
import type { HistoryLoaders } from '../history/loaders.ts';
import type { DocumentChangeModel, DocumentModel } from '../models.ts';
import type { FilterNode } from '../queries/filter-node.ts';
import { matchesFilter } from '../queries/matches-filter.ts';
import type { DocumentEvent, DocumentEventState } from './document-states.ts';

export interface ChangedDocument {
  readonly event: DocumentEvent;
  /** As it is now; undefined when it is gone, and its versions with it. */
  readonly document: DocumentModel | undefined;
  readonly kind: DocumentChangeModel['kind'];
}

/**
 * True: it passes after the change. False: it does not, but did before, or that is not known any more. Undefined: whoever
 * shows what passes has nothing to do with it.
 */
export async function passesFilter(
  { event, document, kind }: ChangedDocument,
  filter: FilterNode | undefined,
  loaders: Pick<HistoryLoaders, 'earlierData'>,
): Promise<boolean | undefined> {
  if (filter === undefined) return true;
  if (document === undefined) return false;
  const passes = async (state: DocumentEventState | null, version: number): Promise<boolean | undefined> => {
    if (state === null || version === document.version) return matchesFilter(filter, document);
    const data = await loaders.earlierData.load({ documentId: event.documentId, version });
    return data === null ? undefined : matchesFilter(filter, { ...document, ...state, data });
  };
  const after = kind === 'ACCESS_LOST' ? false : await passes(event.after, event.version);
  if (after === true) return true;
  if (after === undefined) return false;
  if (event.before === null || kind === 'ACCESS_GAINED') return undefined;
  return (await passes(event.before, event.version - 1)) === false ? undefined : false;
}
