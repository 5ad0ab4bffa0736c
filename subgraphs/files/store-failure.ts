// Turns what a store of bytes throws into what a client may be told, with the full story in the log.
import { AppError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import { MissingBytes } from './byte-store.ts';
import { DamagedBytes } from './damaged-bytes.ts';
import { MissingMasterKey } from './master-keys.ts';

const full = new Set(['ENOSPC', 'EDQUOT']);

/** The error to throw on. What was an AppError stays one. */
export function storeFailure(error: unknown, log: Logger): unknown {
  if (error instanceof AppError) return error;
  if (error instanceof DamagedBytes || error instanceof MissingBytes) {
    log.error({ err: error }, 'bytes of a file are lost or damaged; they are refused');
    return new AppError('FILE_DAMAGED');
  }
  log.error({ err: error }, 'the store of file bytes failed');
  return new AppError('SERVICE_UNAVAILABLE', reason(error));
}

function reason(error: unknown): string {
  if (error instanceof MissingMasterKey) return 'The key of this file cannot be used at the moment.';
  const isFull = full.has(String((error as NodeJS.ErrnoException).code));
  return isFull ? 'The file store is full.' : 'The file store cannot be used at the moment.';
}
