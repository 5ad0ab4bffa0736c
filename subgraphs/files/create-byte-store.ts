// The store of bytes that the configuration names: a bucket, or a folder on this machine's disk.
import { join } from 'node:path';
import type { Config } from '../../platform/config.ts';
import type { ByteStore } from './byte-store.ts';
import { createDiskStore } from './disk-store.ts';
import { encryptedSize } from './encrypted-store.ts';

export async function createByteStore({
  s3,
  dataDir,
  maxFileBytes,
}: Pick<Config, 's3' | 'dataDir' | 'maxFileBytes'>): Promise<ByteStore> {
  if (s3 === undefined) return createDiskStore(join(dataDir, 'files'));
  // Amazon's client takes 20 MB of memory, so it is loaded only where it is used.
  const { createS3Store } = await import('./s3-store.ts');
  return createS3Store(s3, encryptedSize(maxFileBytes));
}
