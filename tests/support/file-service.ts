// The service `files` with its HTTP routes, as a client meets it: GraphQL for what is known of files, HTTP for bytes.
import { rm } from 'node:fs/promises';
import { pino } from 'pino';
import { freePort, temporaryFolder } from '../../operations/servers/throwaway-process.ts';
import { createHttpServer } from '../../platform/http/create-http-server.ts';
import type { IdentityData } from '../../platform/identity/identity.ts';
import type { SubgraphDefinition } from '../../platform/subgraph/define-subgraph.ts';
import { files } from '../../subgraphs/files/index.ts';
import { authenticationOf } from './route-authentication.ts';
import { startTestSubgraphs, type TestSubgraphs } from './subgraphs.ts';

export interface Person extends IdentityData {
  readonly userId: string;
}

export interface CreatedFile {
  readonly id: string;
  readonly uploadUrl: string;
  readonly resumableUploadUrl: string;
  /** `FULL`. */
  readonly token: string;
}

export interface FileService {
  readonly graph: TestSubgraphs;
  readonly url: string;
  readonly dataDir: string;
  /** HTTP requests so far: those that have arrived, and those that failed, with all that they leave tidied away. */
  readonly requests: { readonly arrived: number; readonly failed: number };
  /** Whoever stands here is known, with these rights, from now on: their access token is their id. */
  know(person: Person): Person;
  forget(person: Person): void;
  /** `createFile` with this input; it must succeed. */
  createFile(creator: Person, input?: Record<string, unknown>): Promise<CreatedFile>;
  /** A file with these bytes, uploaded. */
  uploadedFile(creator: Person, bytes: Uint8Array, input?: Record<string, unknown>): Promise<CreatedFile>;
  /** The fields of a file as a viewer sees them, or null. */
  file(viewer: Person, id: string): Promise<Record<string, unknown> | null>;
  downloadUrl(viewer: Person, id: string): Promise<string>;
  close(): Promise<void>;
}

export interface FileServiceOptions {
  readonly others?: readonly SubgraphDefinition[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly now?: () => number;
  /** An empty database on a server, to use instead of an embedded one. */
  readonly databaseUrl?: string;
}

const createFileMutation = `mutation ($input: CreateFileInput!) { createFile(input: $input) { file { id } uploadUrl resumableUploadUrl token { token } } }`;
const fileQuery = `query ($id: ID!) {
  file(id: $id) { id name mimeType size sha256 tags downloadUrl creator { id } createdAt updatedAt }
}`;

export async function startFileService(options: FileServiceOptions = {}): Promise<FileService> {
  const dataDir = temporaryFolder('files');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const graph = await startTestSubgraphs([...(options.others ?? []), files] as SubgraphDefinition[], {
    environment: { DATA_DIR: dataDir, PUBLIC_URL: url, ...options.environment },
    ...(options.now === undefined ? {} : { now: options.now }),
    ...(options.databaseUrl === undefined ? {} : { databaseUrl: options.databaseUrl }),
  });
  const people = new Map<string, Person>();
  const app = createHttpServer({ log: pino({ level: 'silent' }), bodyLimit: 1000 });
  const requests = { arrived: 0, failed: 0 };
  app.addHook('onRequest', async () => {
    requests.arrived += 1;
  });
  app.addHook('onError', async () => {
    requests.failed += 1;
  });
  await graph.subgraph('files').parts.routes?.(app, authenticationOf(people));
  await app.listen({ port, host: '127.0.0.1' });

  const service: FileService = {
    graph,
    url,
    dataDir,
    requests,
    know(person) {
      people.set(person.userId, person);
      return person;
    },
    forget: (person) => people.delete(person.userId),
    async createFile(creator, input = {}) {
      const variables = { input: { name: 'trace.ecg', ...input } };
      const { data, errors } = await graph.execute('files', {
        query: createFileMutation,
        variables,
        identity: creator,
      });
      if (errors !== undefined) throw new Error(JSON.stringify(errors));
      const { file, token, ...urls } = data.createFile;
      return { id: file.id, token: token.token, ...urls };
    },
    async uploadedFile(creator, bytes, input) {
      const created = await service.createFile(creator, input);
      const response = await fetch(created.uploadUrl, { method: 'PUT', body: bytes });
      if (response.status !== 201) throw new Error(await response.text());
      return created;
    },
    async file(viewer, id) {
      const { data, errors } = await graph.execute('files', { query: fileQuery, variables: { id }, identity: viewer });
      if (errors !== undefined) throw new Error(JSON.stringify(errors));
      return data.file;
    },
    downloadUrl: async (viewer, id) => String((await service.file(viewer, id))?.downloadUrl),
    async close() {
      // A connection that is about to become idle would be waited for.
      app.server.closeAllConnections();
      await app.close();
      await graph.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  return service;
}
