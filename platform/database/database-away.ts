// Tells the errors of a database that cannot be reached just now, or went away in the middle.
import { anyLayer } from './error-layers.ts';

/** Prisma's codes, PostgreSQL's for shutting down and starting up, and the system's for a broken connection. */
const codes: ReadonlySet<unknown> = new Set([
  'P1001',
  'P1002',
  'P1017',
  '57P01',
  '57P02',
  '57P03',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
const kinds: ReadonlySet<unknown> = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout']);
/** What the driver says, without a code, of a connection that broke. */
const brokenConnection = /^(Connection terminated|Client has encountered a connection error)/;

export function isDatabaseAway(error: unknown): boolean {
  return anyLayer(
    error,
    ({ code, originalCode, kind, message }) =>
      codes.has(code) ||
      codes.has(originalCode) ||
      kinds.has(kind) ||
      (typeof message === 'string' && brokenConnection.test(message)),
  );
}
