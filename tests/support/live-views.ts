// Lists that are kept by what is told live, as a client keeps them: each with its list query and its subscription.
import type { LogEvent } from '../../platform/events/event.ts';
import type { IdentityData } from '../../platform/identity/identity.ts';
import type { TestSubgraphs } from './subgraphs.ts';

export interface LiveView {
  readonly service: string;
  /** Answers `{ list: { nodes: [{ id }] } }`. */
  readonly list: string;
  /** Answers `{ change: { id entity { id } matchesFilter } }`. */
  readonly subscription: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

export async function readView(graph: TestSubgraphs, view: LiveView, identity: IdentityData): Promise<Set<string>> {
  const { service, list: query, variables } = view;
  const { data, errors } = await graph.execute(service, { query, variables: { ...variables }, identity });
  if (errors !== undefined) throw errors[0];
  return new Set(data.list.nodes.map(({ id }: { id: string }) => id));
}

/** The list afterwards. Payloads that name nothing ask for reading it again. */
export async function applyEvents(
  graph: TestSubgraphs,
  view: LiveView,
  { known, events, identity }: { known: ReadonlySet<string>; events: readonly LogEvent[]; identity: IdentityData },
): Promise<Set<string>> {
  const { service, subscription: query, variables } = view;
  const results = await graph.executeEvents(service, { query, variables: { ...variables }, identity, events });
  let ids = new Set(known);
  for (const result of results) {
    if (result === null) continue;
    if (result.errors !== undefined) throw result.errors[0];
    const { id, entity, matchesFilter } = result.data.change;
    if (id === null) ids = await readView(graph, view, identity);
    else if (entity !== null && matchesFilter) ids.add(id);
    else ids.delete(id);
  }
  return ids;
}

const documentArguments = '$schemaName: String!, $filter: DocumentFilter';

export function documentsView(schemaName: string, filter?: object): LiveView {
  return {
    service: 'data',
    list: `query (${documentArguments}) { list: documents(schemaName: $schemaName, filter: $filter, first: 100) { nodes { id } } }`,
    subscription: `subscription (${documentArguments}) {
      change: documentChanged(schemaName: $schemaName, filter: $filter) { id: documentId entity: document { id } matchesFilter }
    }`,
    variables: { schemaName, filter },
  };
}

export const filesView = (filter: object): LiveView => entityView('files', 'file', filter);
export const usersView = (filter: object): LiveView => entityView('users', 'user', filter);
export const groupsView = (filter: object): LiveView => entityView('users', 'group', filter);

function entityView(service: string, name: string, filter: object): LiveView {
  const argument = `$filter: ${name[0]?.toUpperCase()}${name.slice(1)}Filter`;
  return {
    service,
    list: `query (${argument}) { list: ${name}s(filter: $filter, first: 100) { nodes { id } } }`,
    subscription: `subscription (${argument}) {
      change: ${name}Changed(filter: $filter) { id: ${name}Id entity: ${name} { id } matchesFilter }
    }`,
    variables: { filter },
  };
}
