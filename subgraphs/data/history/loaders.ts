// This request's loaders of history: the versions of all documents that a request asks for are read together.
import DataLoader from 'dataloader';
import type { SlowReads } from '../../../platform/database/query-gate.ts';
import type { PageArguments } from '../../../platform/paging/page.ts';
import type { JsonObject } from '../json/plain-json.ts';
import { loadListsTogether } from '../lists-together.ts';
import type { DocumentModel, DocumentVersionConnectionModel } from '../models.ts';
import type { VersionKey } from './earlier-data.ts';
import { findEarlierData } from './earlier-data.ts';
import { listVersions } from './list-versions.ts';
import type { VersionSelection } from './store.ts';

/** A list of a document's versions. */
export interface VersionsOf {
  readonly document: Pick<DocumentModel, 'id' | 'schemaId' | 'version'>;
  readonly args: PageArguments & VersionSelection;
}

export interface HistoryLoaders {
  /** Of documents that the viewer sees. */
  readonly versionsOf: DataLoader<VersionsOf, DocumentVersionConnectionModel, string>;
  /** Everything that a version of a document held; null when the document is gone, or has no such version. */
  readonly earlierData: DataLoader<VersionKey, JsonObject | null, string>;
}

export function historyLoaders(db: SlowReads): HistoryLoaders {
  const lists = {
    alike: ({ args }: VersionsOf) => args,
    load: async (keys: readonly VersionsOf[]) => {
      const [first] = keys;
      if (first === undefined) return [];
      const documents = keys.map(({ document }) => document);
      return listVersions(db, documents, first.args);
    },
  };
  return {
    versionsOf: new DataLoader((keys) => loadListsTogether(keys, lists), {
      cacheKeyFn: ({ document, args }) => JSON.stringify([document.id, document.version, args]),
    }),
    earlierData: new DataLoader((keys) => findEarlierData(db, keys), {
      cacheKeyFn: ({ documentId, version }) => `${documentId} ${version}`,
    }),
  };
}
