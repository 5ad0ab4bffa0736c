// Tells the errors of a transaction that only met another one, and would succeed if it were done again.

/** PostgreSQL's codes for a serialization failure and a deadlock; Prisma's for both. */
const conflictCodes: ReadonlySet<unknown> = new Set(['40001', '40P01', 'P2034']);

/** Looks through the layers that Prisma and its adapters wrap around the driver's error. */
export function isWriteConflict(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > 5) return false;
  const { code, originalCode, kind, cause, meta } = error as Record<string, unknown>;
  if (conflictCodes.has(code) || conflictCodes.has(originalCode) || kind === 'TransactionWriteConflict') return true;
  const inner = (meta as Record<string, unknown> | undefined)?.driverAdapterError;
  return isWriteConflict(cause, depth + 1) || isWriteConflict(inner, depth + 1);
}
