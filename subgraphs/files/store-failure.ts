// Turns what a store of bytes throws into what a client may be told, with the full story in the log.
import { AppError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import { MissingBytes } from './byte-store.ts';

const full = new Set(['ENOSPC', 'EDQUOT']);

/** The error to throw on. What was an AppError stays one; lost bytes are not the client's business and stay unexpected. */
export function storeFailure(error: unknown, log: Logger): unknown {
  if (error instanceof AppError || error instanceof MissingBytes) return error;
  log.error({ err: error }, 'the store of file bytes failed');
  const isFull = full.has(String((error as NodeJS.ErrnoException).code));
  return new AppError(
    'SERVICE_UNAVAILABLE',
    isFull ? 'The file store is full.' : 'The file store cannot be used at the moment.',
  );
}
