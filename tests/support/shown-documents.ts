// Every path to documents, as a viewer meets it: what each shows of a set of documents, for comparing them with each
// other and with a model.

import type { LogEvent } from '../../platform/events/event.ts';
import { newId } from '../../platform/ids.ts';
import { documentEvent } from '../../subgraphs/data/events.ts';
import type { DataService } from './data-service.ts';
import type { ModelDocument, ModelIdentity } from './document-model.ts';
import { modelGroups, modelUsers } from './document-model.ts';
import type { ExportClient } from './export-client.ts';
import type { ModelFilter } from './filter-model.ts';

export interface Viewing {
  readonly service: DataService;
  readonly who: ModelIdentity;
}

export function idsOf(nodes: readonly { readonly id: string }[]): string[] {
  return nodes.map(({ id }) => id).sort();
}

export interface ShownOfSchema {
  readonly list: string[];
  readonly count: number;
  readonly pages: string[];
  readonly byStatus: Readonly<Record<string, number>>;
  readonly exported: string[];
}

/** What lists, counts, aggregates and exports show of a schema. */
export async function shownOfSchema(
  { service, who }: Viewing,
  exports: ExportClient,
  { name, filter }: { readonly name: string; readonly filter: ModelFilter },
): Promise<ShownOfSchema> {
  const { list, documentAggregate } = await service.ask(
    who,
    `query ($name: String!, $filter: DocumentFilter) {
      list: documents(schemaName: $name, filter: $filter, first: 100) { totalCount nodes { id } }
      documentAggregate(schemaName: $name, filter: $filter, groupBy: [{ field: "status" }]) { groups { keys count } }
    }`,
    { name, filter },
  );
  const groups: { keys: [string]; count: number }[] = documentAggregate.groups;
  return {
    list: idsOf(list.nodes),
    count: list.totalCount,
    pages: (await pageByPage({ service, who }, { name, filter })).sort(),
    byStatus: Object.fromEntries(groups.map(({ keys: [status], count }) => [status, count])),
    exported: idsOf(await exports.documents(who, name, { filter: JSON.stringify(filter) })),
  };
}

/** In short pages, sorted by a key that some documents share and others lack. */
async function pageByPage({ service, who }: Viewing, given: { name: string; filter: ModelFilter }): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | null = null; ; ) {
    const { documents } = await service.ask(
      who,
      `query ($name: String!, $filter: DocumentFilter, $after: String) {
        documents(schemaName: $name, filter: $filter, orderBy: [{ field: "data.n" }], first: 4, after: $after) {
          nodes { id } pageInfo { hasNextPage endCursor }
        }
      }`,
      { ...given, after },
    );
    ids.push(...documents.nodes.map(({ id }: { id: string }) => id));
    if (!documents.pageInfo.hasNextPage) return ids;
    after = documents.pageInfo.endCursor;
  }
}

export async function shownById({ service, who }: Viewing, documents: readonly ModelDocument[]) {
  const fields = documents.map(({ id }, index) => `d${index}: document(id: "${id}") { id }`);
  const byId = documents.length === 0 ? {} : await service.ask(who, `{ ${fields.join(' ')} }`);
  const { _entities } = await service.ask(
    who,
    'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Document { id } } }',
    { representations: documents.map(({ id }) => ({ __typename: 'Document', id })) },
  );
  const there = (entities: unknown[]) => idsOf(entities.filter((entity): entity is { id: string } => entity !== null));
  return { byId: there(Object.values(byId)), entities: there(_entities) };
}

/** What users or groups have under them, by their ids. */
export async function shownUnder(
  { service, who }: Viewing,
  typename: 'User' | 'Group',
  given: { readonly name: string; readonly filter: ModelFilter },
): Promise<ReadonlyMap<string, { readonly count: number; readonly list: string[] }>> {
  const ids = typename === 'User' ? modelUsers : modelGroups;
  const { _entities } = await service.ask(
    who,
    `query ($representations: [_Any!]!, $name: String!, $filter: DocumentFilter) {
      _entities(representations: $representations) {
        ... on ${typename} { id documents(schemaName: $name, filter: $filter, first: 100) { totalCount nodes { id } } }
      }
    }`,
    { representations: ids.map((id) => ({ __typename: typename, id })), ...given },
  );
  return new Map(
    _entities.map((entity: { id: string; documents: { totalCount: number; nodes: { id: string }[] } }) => [
      entity.id,
      { count: entity.documents.totalCount, list: idsOf(entity.documents.nodes) },
    ]),
  );
}

/** The documents of whose changes the viewer is told. */
export async function shownLive(
  { service, who }: Viewing,
  documents: readonly (ModelDocument & { readonly status: string })[],
): Promise<string[]> {
  const dates = { statusChangedAt: new Date(0), updatedAt: new Date(0) };
  const events = documents.map((document, index): LogEvent => {
    const { type, content, access } = documentEvent(
      'document_updated',
      { document: { ...document, ...dates, version: 2 } },
      'any',
    );
    const [position, createdAt] = [BigInt(index + 1), new Date(0)];
    return { id: newId(), position, service: 'data', type, content, access: access ?? null, createdAt };
  });
  const query = 'subscription { documentChanged { documentId document { id } } }';
  const results = await service.graph.executeEvents('data', { query, identity: who, events });
  const changes = results.flatMap((result) => (result === null ? [] : [result.data.documentChanged]));
  for (const { documentId, document } of changes) {
    if (document.id !== documentId) throw new Error('an event brought another document');
  }
  return changes.map(({ documentId }) => documentId).sort();
}

/** Each document has a file with its own id. */
export async function shownFiles({ service, who }: Viewing, documents: readonly ModelDocument[]) {
  const query = 'query ($ids: [ID!]!) { visibleLinkedFiles(fileIds: $ids) linkedFileIds(first: 1000) }';
  const variables = { ids: documents.map(({ id }) => id) };
  const { data } = await service.graph.execute('data', { query, variables, identity: who, service: 'files' });
  return { asked: [...data.visibleLinkedFiles].sort(), listed: [...data.linkedFileIds].sort() };
}
