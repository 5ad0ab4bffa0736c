// Puts together all ways in which bytes come in.
import type { Clock } from '../../platform/clock.ts';
import type { Sealing } from '../../platform/sealing.ts';
import type { Logger, UserIdentity } from '../../platform/subgraph/context.ts';
import { type CreateFileInput, createFile } from './create-file.ts';
import type { EncryptedStore } from './encrypted-store.ts';
import type { FileAccess } from './file-access.ts';
import type { FileUrls } from './file-urls.ts';
import type { MasterKeys } from './master-keys.ts';
import { createResumableUploads } from './resumable-uploads/resumable-uploads.ts';
import { createSegmentWriter } from './segment-writer.ts';
import type { SettingsStore } from './settings/settings-store.ts';
import type { FileStore } from './store.ts';
import { createUploadFile } from './upload-file.ts';
import { createUploadForm } from './upload-form.ts';
import { createLimitsFor } from './upload-limits.ts';
import type { UploadRouteParts } from './upload-routes.ts';
import type { UploadStore } from './upload-store.ts';
import { createKeyOf } from './uploadable-file.ts';

interface UploadsParts {
  readonly store: FileStore;
  readonly uploads: UploadStore;
  readonly access: FileAccess;
  readonly bytes: EncryptedStore;
  readonly masterKeys: MasterKeys;
  /** Of tokens. */
  readonly sealing: Sealing;
  readonly settings: SettingsStore;
  readonly urls: FileUrls;
  /** Of one file, as the configuration says. */
  readonly mostBytes: number;
  readonly clock: Clock;
  readonly log: Logger;
}

export type Uploads = Omit<UploadRouteParts, 'grants' | 'patience'>;

export function createUploads(parts: UploadsParts): Uploads {
  const { store, uploads, access, bytes, masterKeys, sealing, settings, urls, mostBytes, clock, log } = parts;
  const writeSegment = createSegmentWriter({ uploads, bytes, log });
  const limitsFor = createLimitsFor(settings, mostBytes);
  const keyOf = createKeyOf(masterKeys, uploads);
  return {
    ...{ access, urls, mostBytes },
    upload: createUploadFile({ access, uploads, writeSegment, limitsFor, keyOf }),
    uploadForm: createUploadForm({ uploads, writeSegment, limitsFor, masterKeys, sealing }),
    resumable: createResumableUploads({ uploads, writeSegment, limitsFor, keyOf, clock }),
    createFile: async (input: CreateFileInput, creator: UserIdentity) =>
      (await createFile(input, creator, { store, masterKeys, sealing })).file,
    removeUnfinished: (fileId) => store.remove([fileId], { unfinished: true }),
  };
}
