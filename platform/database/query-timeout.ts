// Tells the errors of a statement that PostgreSQL ended because it took longer than it may.
import { anyLayer } from './error-layers.ts';

/** PostgreSQL's code for a statement that was cancelled. */
const cancelled = '57014';

export function isQueryTimeout(error: unknown): boolean {
  return anyLayer(error, ({ code, originalCode }) => code === cancelled || originalCode === cancelled);
}
