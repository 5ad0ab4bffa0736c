// The service `files`: what is known of files in GraphQL, their bytes over HTTP.
import { join } from 'node:path';
import type { Config } from '../../platform/config.ts';
import { invariant } from '../../platform/errors.ts';
import { defineSubgraph } from '../../platform/subgraph/define-subgraph.ts';
import type { ByteStore } from './byte-store.ts';
import { deleteBytesJob } from './delete-bytes.ts';
import { deleteUnlinkedFiles } from './delete-unlinked-files.ts';
import { createDiskStore } from './disk-store.ts';
import { createFileAccess } from './file-access.ts';
import { createFileGrants } from './file-grants.ts';
import { createFileUrls } from './file-urls.ts';
import { createLinkedFiles } from './linked-files.ts';
import { createFileLoaders, type FileLoaders } from './loaders.ts';
import { permissions } from './permissions.ts';
import { createFileReader } from './read-file.ts';
import { createResolvers } from './resolvers.ts';
import { patience, registerFileRoutes } from './routes.ts';
import { createFileStore } from './store.ts';
import { createUploadFile } from './upload-file.ts';

const day = 24 * 60 * 60 * 1000;

export const files = defineSubgraph<FileLoaders>({
  name: 'files',
  permissions,
  async build({ config, database, services, log, clock }) {
    invariant(config.serviceSecret !== undefined, 'the composition root gives every process a service secret');
    const store = createFileStore(database);
    const bytes = await createByteStore(config);
    const linkedFiles = createLinkedFiles(services);
    const access = createFileAccess(store, linkedFiles);
    const grants = createFileGrants(config.serviceSecret, clock);
    const reader = createFileReader(access, bytes, log);
    const upload = createUploadFile({ store, access, bytes, clock, log });
    const mostBytes = config.maxFileBytes;
    return {
      resolvers: createResolvers(store, createFileUrls(config.publicUrl, grants)),
      loaders: (identity) => createFileLoaders(access, identity),
      jobs: { deleteBytes: deleteBytesJob(bytes) },
      handlers: {
        user_deleted: ({ content }) => deleteUnlinkedFiles(String(content.userId), store, linkedFiles),
      },
      routes: (app, authentication) =>
        registerFileRoutes(app, authentication, { grants, reader, upload, mostBytes, patience }),
      async start() {
        // A store that is away makes uploads fail, with a clear error; it is no reason to do without everything else.
        await bytes.ping().catch((err: unknown) => log.error({ err }, 'the store of file bytes cannot be used'));
        await bytes
          .removeLeftovers(new Date(clock() - day))
          .catch((err: unknown) => log.warn({ err }, 'what cut-off uploads left behind could not be removed'));
      },
      ready: () => bytes.ping(),
      async close() {
        bytes.close();
      },
    };
  },
});

async function createByteStore({ s3, dataDir, maxFileBytes }: Config): Promise<ByteStore> {
  if (s3 === undefined) return createDiskStore(join(dataDir, 'files'));
  // Amazon's client takes 20 MB of memory, so it is loaded only where it is used.
  const { createS3Store } = await import('./s3-store.ts');
  return createS3Store(s3, maxFileBytes);
}
