// The routes of the service `data` on a server of their own, and a client that reads exports.
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { createHttpServer } from '../../platform/http/create-http-server.ts';
import type { IdentityData } from '../../platform/identity/identity.ts';
import type { DataService, Person } from './data-service.ts';
import { authenticationOf } from './route-authentication.ts';

export interface ExportClient {
  readonly url: string;
  /** Whoever stands here is known, with these rights, from now on. */
  know(person: Person): void;
  forget(person: Person): void;
  /** The answer, as it is. */
  fetch(viewer: Person | undefined, schemaName: string, parameters?: Record<string, string>): Promise<Response>;
  /** The documents of an answer that is in order. */
  // Tests read answers loosely; what they expect stands in their assertions.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  documents(viewer: Person, schemaName: string, parameters?: Record<string, string>): Promise<any[]>;
  close(): Promise<void>;
}

export async function startExports(service: DataService): Promise<ExportClient> {
  const people = new Map<string, IdentityData>();
  const app = createHttpServer({ log: pino({ level: 'silent' }), bodyLimit: 1_000 });
  await service.graph.subgraph('data').parts.routes?.(app, authenticationOf(people));
  await app.listen({ port: 0, host: '127.0.0.1' });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const client: ExportClient = {
    url,
    know: (person) => people.set(person.userId, person),
    forget: (person) => people.delete(person.userId),
    fetch(viewer, schemaName, parameters = {}) {
      if (viewer !== undefined) client.know(viewer);
      const headers: Record<string, string> = viewer === undefined ? {} : { authorization: `Bearer ${viewer.userId}` };
      return fetch(`${url}/export/documents/${schemaName}?${new URLSearchParams(parameters)}`, { headers });
    },
    async documents(viewer, schemaName, parameters) {
      const answer = await client.fetch(viewer, schemaName, parameters);
      const text = await answer.text();
      if (answer.status !== 200) throw new Error(text);
      return readLines(text);
    },
    async close() {
      app.server.closeAllConnections();
      await app.close();
    },
  };
  return client;
}

/** Every line ends, also the last one. */
// biome-ignore lint/suspicious/noExplicitAny: as above
export function readLines(text: string): any[] {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line is cut off');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}
