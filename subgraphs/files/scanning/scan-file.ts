// Has the scanner look at the bytes of a file: until it says that they are clean, nobody gets them.
import { AppError } from '../../../platform/errors.ts';
import type { Logger } from '../../../platform/subgraph/context.ts';
import type { FileContent } from '../file-content.ts';
import type { Scanner } from './clamd-client.ts';
import type { ScanStore } from './scan-store.ts';

export interface ScanParts {
  readonly scanner: Scanner;
  readonly store: ScanStore;
  readonly content: FileContent;
  readonly log: Logger;
}

/** Rejects when the file could not be scanned, and waits on; to do again later. Nothing for a file that waits no more. */
export async function scanFile(fileId: string, { scanner, store, content, log }: ScanParts): Promise<void> {
  const file = await store.findWaiting(fileId);
  const bytes = file && (await content.open(file).catch(unlessDeleted));
  if (bytes === undefined) return;
  const verdict = await scanner.scan(bytes);
  if (!verdict.clean) log.warn({ fileId, signature: verdict.signature }, 'the scanner has found a virus in a file');
  await store.settle(fileId, verdict);
}

function unlessDeleted(error: unknown): undefined {
  if (error instanceof AppError && error.code === 'NOT_FOUND') return undefined;
  throw error;
}
