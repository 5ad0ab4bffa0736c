// Schemas and documents over the public API, in short: each operation by its name, its answer or its refusal, and what
// the log of events has about a document.
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './data-service.ts';
import { type DocumentMutation, mutations, readDocument, readVersions } from './document-operations.ts';
import type { GraphqlClient } from './graphql-client.ts';
import { readSchema, schemaMutation } from './schema-operations.ts';

// Tests read answers loosely; what they expect stands in their assertions.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Answer = any;

export interface ApiDocuments {
  /** The name of a new schema. */
  schema(definition?: object): Promise<string>;
  readSchema(name: string, who?: GraphqlClient): Promise<Answer>;
  /** The payload of a mutation of schemas. */
  change(mutation: string, input: object, who?: GraphqlClient): Promise<Answer>;
  /** Its refusal. */
  refusedChange(mutation: string, input: object, who?: GraphqlClient): Promise<Fault>;
  /** The new document. */
  create(who: GraphqlClient, schemaName: string, data?: object): Promise<Answer>;
  /** The document that a mutation of documents answers with. */
  send(who: GraphqlClient, mutation: DocumentMutation, input: object): Promise<Answer>;
  /** Its refusal. */
  refused(who: GraphqlClient, mutation: DocumentMutation, input: object): Promise<Fault>;
  /** The refusal of a mutation that has left the document as it was. */
  refusedWithoutChange(who: GraphqlClient, mutation: DocumentMutation, input: Targeted): Promise<Fault>;
  read(who: GraphqlClient, id: string): Promise<Answer>;
  /** Newest first. */
  versions(who: GraphqlClient, id: string): Promise<Answer[]>;
  /** What the log has about the document, in order; waits until there are so many. */
  eventsOf(id: string, count: number): Promise<readonly LoggedEvent[]>;
}

/** The input of a mutation of a document that there is. */
export interface Targeted {
  readonly id: string;
  readonly [field: string]: unknown;
}

export interface LoggedEvent {
  readonly type: string;
  readonly content: Answer;
}

const readLog = `query ($after: Position) {
  events(after: $after, first: 100) { nodes { type content } pageInfo { hasNextPage endCursor } }
}`;
const patienceMilliseconds = 30_000;

/** `admin` may do everything. */
export function apiDocuments(admin: GraphqlClient): ApiDocuments {
  async function payload(who: GraphqlClient, text: string, input: object): Promise<Answer> {
    return Object.values((await who.run(text, { input })) as object)[0];
  }
  async function faultOf(who: GraphqlClient, text: string, input: object): Promise<Fault> {
    const { data, errors } = await who.ask(text, { input });
    const [error] = errors ?? [];
    if (error === undefined) throw new Error(`no refusal, but ${JSON.stringify(data)}`);
    return { message: error.message, ...error.extensions };
  }
  async function wholeLog(): Promise<LoggedEvent[]> {
    const found: LoggedEvent[] = [];
    for (let after: string | null = null; ; ) {
      const { nodes, pageInfo }: Answer = (await admin.run(readLog, { after })).events;
      found.push(...nodes);
      if (!pageInfo.hasNextPage) return found;
      after = pageInfo.endCursor;
    }
  }
  const read = async (who: GraphqlClient, id: string) => (await who.run(readDocument, { id })).document;
  const refused: ApiDocuments['refused'] = (who, mutation, input) => faultOf(who, mutations[mutation], input);

  return {
    async schema(definition = {}) {
      const name = `schema-${Math.random().toString(36).slice(2, 12)}`;
      await payload(admin, schemaMutation('createDocumentSchema'), { name, definition });
      return name;
    },
    readSchema: async (name, who = admin) => (await who.run(readSchema, { name })).documentSchema,
    change: (mutation, input, who = admin) => payload(who, schemaMutation(mutation), input),
    refusedChange: (mutation, input, who = admin) => faultOf(who, schemaMutation(mutation), input),
    create: async (who, schemaName, data = {}) => (await payload(who, mutations.create, { schemaName, data })).document,
    send: async (who, mutation, input) => (await payload(who, mutations[mutation], input)).document,
    refused,
    async refusedWithoutChange(who, mutation, input) {
      const before = await read(admin, input.id);
      const fault = await refused(who, mutation, input);
      const after = await read(admin, input.id);
      if (JSON.stringify(after) !== JSON.stringify(before)) {
        throw new Error(`refused, but changed: ${JSON.stringify({ fault, before, after })}`);
      }
      return fault;
    },
    read,
    versions: async (who, id) => (await who.run(readVersions, { id })).document.versions.nodes,
    async eventsOf(id, count) {
      for (const deadline = Date.now() + patienceMilliseconds; ; await pause(50)) {
        const found = (await wholeLog()).filter(({ content }) =>
          [content.documentId, content.data?.documentId].includes(id),
        );
        if (found.length >= count || Date.now() > deadline) return found;
      }
    },
  };
}
