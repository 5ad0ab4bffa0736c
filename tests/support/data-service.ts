// The service `data`, as other services and the gateway meet it, with short ways to make schemas and documents.
import type { Database } from '../../platform/database/database.ts';
import type { IdentityData } from '../../platform/identity/identity.ts';
import { newId } from '../../platform/ids.ts';
import type { SubgraphDefinition } from '../../platform/subgraph/define-subgraph.ts';
import { data } from '../../subgraphs/data/index.ts';
import { startTestSubgraphs, type TestSubgraphOptions, type TestSubgraphs } from './subgraphs.ts';

export interface Person extends IdentityData {
  readonly userId: string;
}

export interface DataServiceOptions extends TestSubgraphOptions {
  readonly others?: readonly SubgraphDefinition[];
  /** Puts something around the database that the service gets. */
  readonly wrap?: (database: Database) => Database;
}

export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly details?: { readonly field?: string; readonly code?: number };
}

export interface DataService {
  readonly graph: TestSubgraphs;
  /** The data of an answer without errors. */
  // Tests read answers loosely; what they expect stands in their assertions.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  ask(viewer: IdentityData, query: string, variables?: Record<string, unknown>): Promise<any>;
  /** The first error of an answer that has one. */
  refusal(viewer: IdentityData, query: string, variables?: Record<string, unknown>): Promise<Fault>;
  /** The name of a new schema. */
  schema(definition?: Record<string, unknown>): Promise<string>;
  /** The id of a new document. */
  document(creator: Person, schemaName: string, data?: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

/** Somebody with these rights. */
export function person(rights: Partial<IdentityData> = {}): Person {
  return { userId: newId(), ...rights };
}

export const createSchemaMutation = `mutation ($input: CreateDocumentSchemaInput!) {
  createDocumentSchema(input: $input) { schema { id name description definition createdAt updatedAt } }
}`;

export const createDocumentMutation = `mutation ($input: CreateDocumentInput!) {
  createDocument(input: $input) { document { id status data users { id } groups { id } creator { id } } }
}`;

export async function startDataService({
  others = [],
  wrap,
  ...options
}: DataServiceOptions = {}): Promise<DataService> {
  const definition: SubgraphDefinition =
    wrap === undefined
      ? (data as SubgraphDefinition)
      : ({
          ...data,
          build: (platform) => data.build({ ...platform, database: wrap(platform.database) }),
        } as SubgraphDefinition);
  const graph = await startTestSubgraphs([...others, definition], options);
  const author = person({ permissions: ['CREATE_SCHEMAS'] });

  const service: DataService = {
    graph,
    async ask(viewer, query, variables = {}) {
      const { data: answer, errors } = await graph.execute('data', { query, variables, identity: viewer });
      if (errors !== undefined) throw new Error(JSON.stringify(errors));
      return answer;
    },
    async refusal(viewer, query, variables = {}) {
      const { data: answer, errors } = await graph.execute('data', { query, variables, identity: viewer });
      const [error] = errors ?? [];
      if (error === undefined) throw new Error(`no refusal, but ${JSON.stringify(answer)}`);
      return { message: error.message, ...(error.extensions as Omit<Fault, 'message'>) };
    },
    async schema(schemaDefinition = {}) {
      const name = `schema-${newId().slice(-12)}`;
      await service.ask(author, createSchemaMutation, { input: { name, definition: schemaDefinition } });
      return name;
    },
    async document(creator, schemaName, content = {}) {
      const identity = {
        ...creator,
        permissions: [...(creator.permissions ?? []), 'CREATE_DOCUMENTS', 'VIEW_DOCUMENTS'],
      };
      const input = { schemaName, data: content };
      return (await service.ask(identity, createDocumentMutation, { input })).createDocument.document.id;
    },
    close: () => graph.close(),
  };
  return service;
}
