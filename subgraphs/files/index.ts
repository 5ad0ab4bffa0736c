// The service `files`: what is known of files in GraphQL, their bytes over HTTP.
import { invariant } from '../../platform/errors.ts';
import { createSealing } from '../../platform/sealing.ts';
import { defineSubgraph } from '../../platform/subgraph/define-subgraph.ts';
import { createByteStore } from './create-byte-store.ts';
import { createUploads } from './create-uploads.ts';
import { deleteUnlinkedFiles } from './delete-unlinked-files.ts';
import { createEncryptedStore } from './encrypted-store.ts';
import { createFileAccess } from './file-access.ts';
import { createFileContent } from './file-content.ts';
import { createFileGrants } from './file-grants.ts';
import { createFileUrls } from './file-urls.ts';
import { createLinkedFiles } from './linked-files.ts';
import { createDocumentSight } from './live/document-sight.ts';
import { fileChanges } from './live/file-changes.ts';
import { createFileLoaders, type FileLoaders } from './loaders.ts';
import { createMasterKeys } from './master-keys.ts';
import { permissions } from './permissions.ts';
import { createResolvers } from './resolvers.ts';
import { patience, registerFileRoutes } from './routes.ts';
import { createScanning } from './scanning/scanning.ts';
import { createSegmentStore } from './segment-store.ts';
import { createSettingsStore } from './settings/settings-store.ts';
import { createFileStore } from './store.ts';
import { createThumbnailStore } from './thumbnails/thumbnail-store.ts';
import { createThumbnails } from './thumbnails/thumbnails.ts';
import { createTokenStore } from './tokens/token-store.ts';
import { createUpkeep } from './upkeep.ts';
import { createUploadStore } from './upload-store.ts';

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
    const urls = createFileUrls(config.publicUrl, grants);
    const sealing = createSealing(config.serviceSecret, 'file tokens');
    const tokens = createTokenStore(database, sealing, clock);
    const settings = createSettingsStore(database);
    const masterKeys = createMasterKeys({ fileKeys: config.fileKeys, serviceSecret: config.serviceSecret });
    const encrypted = createEncryptedStore(bytes);
    const { findSegments: segmentsOf } = createSegmentStore(database);
    const content = createFileContent({ segmentsOf, bytes: encrypted, masterKeys });
    const thumbnailStore = createThumbnailStore(database);
    const thumbnails = createThumbnails({ store: thumbnailStore, bytes: encrypted, content, masterKeys, log });
    const scanning = createScanning({ clamdUrl: config.clamdUrl, database, content, clock, log });
    const isScanned = config.clamdUrl !== undefined;
    const uploadStore = createUploadStore(database, { now: () => new Date(clock()), scanning: isScanned });
    const uploads = createUploads({
      ...{ store, uploads: uploadStore, access, masterKeys, sealing, settings, urls, clock, log },
      bytes: encrypted,
      mostBytes: config.maxFileBytes,
    });
    const upkeep = createUpkeep({
      ...{ database, bytes, encrypted, segmentsOf, masterKeys, clock, log },
      uploads: uploadStore,
    });
    return {
      resolvers: createResolvers({ store, access, tokens, settings, urls, masterKeys, sealing }),
      loaders: (identity) => createFileLoaders({ access, tokens }, identity),
      subscriptions: { fileChanged: fileChanges({ store, linkedFiles, sight: createDocumentSight(services) }) },
      jobs: { ...upkeep.jobs, ...scanning.jobs },
      handlers: {
        user_deleted: ({ content }) => deleteUnlinkedFiles(String(content.userId), store, linkedFiles),
      },
      routes: (app, authentication) =>
        registerFileRoutes(app, authentication, {
          ...{ grants, access, tokens, settings, content, thumbnails, patience, log },
          ...uploads,
        }),
      async start() {
        await scanning.start();
        await upkeep.start();
      },
      ready: () => bytes.ping(),
      otherChecks: scanning.checks,
      async close() {
        bytes.close();
      },
    };
  },
});
