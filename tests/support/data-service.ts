// The service `data`, as other services and the gateway meet it, with short ways to make schemas and documents.
import { describe } from '@jest/globals';
import { pino } from 'pino';
import { startPostgres } from '../../operations/servers/postgres.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/database.ts';
import { openDatabase } from '../../platform/database/open-database.ts';
import { createQueryGate } from '../../platform/database/query-gate.ts';
import type { IdentityData } from '../../platform/identity/identity.ts';
import { newId } from '../../platform/ids.ts';
import { declareQueues } from '../../platform/jobs/declare-queues.ts';
import type { SubgraphDefinition } from '../../platform/subgraph/define-subgraph.ts';
import { data } from '../../subgraphs/data/index.ts';
import { describeOnServers } from './describe-on-servers.ts';
import { startTestSubgraphs, type TestSubgraphOptions, type TestSubgraphs } from './subgraphs.ts';

export interface Person extends IdentityData {
  readonly userId: string;
}

export interface DataServiceOptions extends TestSubgraphOptions {
  readonly others?: readonly SubgraphDefinition[];
  /** Puts something around the database that the service gets. */
  readonly wrap?: (database: Database) => Database;
  /** On a PostgreSQL server of its own; else on the embedded database. Events cannot be read there. */
  readonly onPostgres?: boolean;
}

export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly details?: { readonly field?: string; readonly code?: number };
}

export interface DataService {
  readonly graph: TestSubgraphs;
  /** The database of the service. */
  readonly database: Database;
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

export async function startDataService(options: DataServiceOptions = {}): Promise<DataService> {
  const { others = [], wrap = (database: Database) => database, onPostgres = false, ...rest } = options;
  const postgres = onPostgres ? await startPostgresDatabase() : undefined;
  const definition: SubgraphDefinition<never> = {
    ...(data as SubgraphDefinition<never>),
    build(platform) {
      const database = wrap(postgres?.database ?? platform.database);
      const queryGate = postgres?.queryGate(platform.clock) ?? platform.queryGate;
      return data.build({ ...platform, database, queryGate }) as never;
    },
  };
  const graph = await startTestSubgraphs([...others, definition as SubgraphDefinition], rest);
  if (postgres !== undefined) {
    const services = new Map([['data', graph.subgraph('data').parts.jobs ?? {}]]);
    await declareQueues(postgres.database.connection, { services, deadLetters: false });
  }
  const author = person({ permissions: ['CREATE_SCHEMAS'] });

  const service: DataService = {
    graph,
    database: postgres?.database ?? graph.database,
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
    async close() {
      await graph.close();
      await postgres?.close();
    },
  };
  return service;
}

async function startPostgresDatabase() {
  const server = await startPostgres();
  const log = pino({ level: 'silent' });
  const database = await openDatabase({ databaseUrl: await server.createDatabase(), dataDir: '', log });
  return {
    database,
    queryGate: (clock: Clock) => createQueryGate({ connections: database.connection.connections, clock }),
    async close() {
      await database.close();
      await server.stop();
    },
  };
}

type Start = (options?: TestSubgraphOptions) => Promise<DataService>;

/** The suite on the embedded database, and on PostgreSQL where that is installed. */
export function onEachDatabase(suite: (start: Start) => void): void {
  describe('on the embedded database', () => suite(startDataService));
  describeOnServers('on PostgreSQL', ['postgres'], () =>
    suite((options) => startDataService({ ...options, onPostgres: true })),
  );
}
