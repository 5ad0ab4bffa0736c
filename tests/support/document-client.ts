// Somebody who writes documents, as a test of the service `data` needs them: short ways to send each operation, and to
// see what is stored.
import type { LogEvent } from '../../platform/events/event.ts';
import type { IdentityData } from '../../platform/identity/identity.ts';
import type { DataService, Fault } from './data-service.ts';
import { type DocumentMutation, mutations, readDocument, readVersions } from './document-operations.ts';

/** What the tables hold about a document; two of these are equal when nothing was changed. */
export interface StoredTrace {
  readonly document: unknown;
  readonly versions: unknown;
  readonly run: unknown;
  readonly events: number;
  readonly jobs: number;
}

export interface DocumentClient {
  /** The payload of an operation without errors. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers loosely; what they expect stands in their assertions
  send(who: IdentityData, mutation: DocumentMutation, input: object): Promise<any>;
  /** The first error of an operation that has one. */
  refused(who: IdentityData, mutation: DocumentMutation, input: object): Promise<Fault>;
  /** The same, and nothing that is stored about the document has changed. */
  refusedWithoutChange(
    who: IdentityData,
    mutation: DocumentMutation,
    input: { readonly id: string; readonly [field: string]: unknown },
  ): Promise<Fault>;
  // biome-ignore lint/suspicious/noExplicitAny: see above
  read(who: IdentityData, id: string): Promise<any>;
  // biome-ignore lint/suspicious/noExplicitAny: see above
  versions(who: IdentityData, id: string, page?: object): Promise<any>;
  trace(id: string): Promise<StoredTrace>;
  /** What was published about the document, in order. */
  eventsOf(id: string): Promise<readonly LogEvent[]>;
}

export function documentClient(service: DataService): DocumentClient {
  const { graph } = service;
  const client: DocumentClient = {
    async send(who, mutation, input) {
      const answer = await service.ask(who, mutations[mutation], { input });
      return answer[Object.keys(answer)[0] as string];
    },
    refused: (who, mutation, input) => service.refusal(who, mutations[mutation], { input }),
    async refusedWithoutChange(who, mutation, input) {
      const before = await client.trace(input.id);
      const fault = await client.refused(who, mutation, input);
      const after = await client.trace(input.id);
      if (JSON.stringify(after) !== JSON.stringify(before)) {
        throw new Error(`refused, but changed: ${JSON.stringify({ fault, before, after })}`);
      }
      return fault;
    },
    read: async (who, id) => (await service.ask(who, readDocument, { id })).document,
    versions: async (who, id, page = {}) => (await service.ask(who, readVersions, { id, ...page })).document.versions,
    async trace(id) {
      type Events = 'event' | 'outboxEvent';
      const { db } = service.database.forService<'document' | 'documentVersion' | 'documentRun' | Events>('data');
      const [document, versions, run, events, jobs] = [
        await db.document.findUnique({ where: { id } }),
        await db.documentVersion.findMany({ where: { documentId: id }, orderBy: { version: 'asc' } }),
        await db.documentRun.findUnique({ where: { documentId: id } }),
        (await db.event.count()) + (await db.outboxEvent.count()),
        (await graph.jobs.queued()).length,
      ];
      return { document, versions, run, events, jobs };
    },
    eventsOf: async (id) =>
      (await graph.readLog()).filter(
        ({ content }) => content.documentId === id || (content.data as { documentId?: string })?.documentId === id,
      ),
  };
  return client;
}
