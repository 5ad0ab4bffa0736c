// Tells the errors of a transaction that only met another one, and would succeed if it were done again.
import { anyLayer } from './error-layers.ts';

/** PostgreSQL's codes for a serialization failure and a deadlock; Prisma's for both. */
const conflictCodes: ReadonlySet<unknown> = new Set(['40001', '40P01', 'P2034']);

export function isWriteConflict(error: unknown): boolean {
  return anyLayer(
    error,
    ({ code, originalCode, kind }) =>
      conflictCodes.has(code) || conflictCodes.has(originalCode) || kind === 'TransactionWriteConflict',
  );
}
