// Asks the service `data` who sees which documents, for those who follow files: who sees a document sees its files.
import type { Rights } from '../../../platform/access/rights-change.ts';
import type { JsonObject } from '../../../platform/events/event.ts';
import type { Identity } from '../../../platform/identity/identity.ts';
import { isSignedIn } from '../../../platform/identity/identity.ts';
import type { ServiceClient } from '../../../platform/subgraph/service-client.ts';

export interface DocumentSight {
  /** For each, whether the viewer sees a document with these links; false for null. */
  seesDocuments(documents: readonly (JsonObject | null)[], viewer: Identity): Promise<boolean[]>;
  /** For each, whether these rights by themselves show any document. */
  showsDocuments(rights: readonly Rights[], viewer: Identity): Promise<boolean[]>;
}

/** What `data` answers at once. */
const mostDocuments = 1_000;

const seesQuery = 'query SeesDocuments($documents: [LinkedDocumentInput!]!) { seesDocuments(documents: $documents) }';
const showsQuery = 'query ShowsDocuments($rights: [RightsInput!]!) { showsDocuments(rights: $rights) }';

export function createDocumentSight(services: ServiceClient): DocumentSight {
  const seesAny = (viewer: Identity) => isSignedIn(viewer) && services.has('data');

  return {
    async seesDocuments(documents, viewer) {
      const asked = documents.filter((document) => document !== null);
      if (asked.length === 0 || !seesAny(viewer)) return documents.map(() => false);
      const answers: boolean[] = [];
      for (let start = 0; start < asked.length; start += mostDocuments) {
        const { seesDocuments } = await services.call<{ seesDocuments: boolean[] }>('data', {
          query: seesQuery,
          variables: { documents: asked.slice(start, start + mostDocuments) },
          identity: viewer,
        });
        answers.push(...seesDocuments);
      }
      let next = 0;
      return documents.map((document) => document !== null && answers[next++] === true);
    },

    async showsDocuments(rights, viewer) {
      if (rights.length === 0 || !seesAny(viewer)) return rights.map(() => false);
      const asked = rights.map(({ groupId, permissions, relations }) => ({ groupId, permissions, relations }));
      const { showsDocuments } = await services.call<{ showsDocuments: boolean[] }>('data', {
        query: showsQuery,
        variables: { rights: asked },
        identity: viewer,
      });
      return showsDocuments;
    },
  };
}
