// Records what runs on live connections in the access log: a query or a mutation when it has been answered, a
// subscription when it begins, a connection that is refused.
import { systemClock } from '../../platform/clock.ts';
import type { Caller } from '../../platform/identity/identity.ts';
import { newId } from '../../platform/ids.ts';
import type { AccessLog } from './access-log.ts';
import type { AccessNote } from './access-note.ts';

/** Where a connection comes from. */
export interface ClientFacts {
  readonly userAddress: string;
  readonly host: string;
  readonly userAgent: string;
  /** What opened it: method, address and protocol. */
  readonly request: string;
  /** Of the answer that opened it: 101 for a WebSocket, 200 for a stream. */
  readonly httpStatus: number;
}

export interface LiveAccess {
  readonly client: ClientFacts;
  readonly caller: Caller | undefined;
  readonly requestId: string;
  readonly note: AccessNote;
  /** By `performance.now()`; undefined for what has just begun and goes on. */
  readonly since?: number;
  /** Where it is not the one that opened the connection. */
  readonly httpStatus?: number;
}

export function recordLive(
  accessLog: AccessLog,
  { client, caller, requestId, note, since, httpStatus }: LiveAccess,
): void {
  const milliseconds = since === undefined ? 0 : performance.now() - since;
  const { identity } = note.caller ?? caller ?? {};
  accessLog.record({
    ...client,
    httpStatus: httpStatus ?? client.httpStatus,
    id: newId(),
    timestamp: Math.round(systemClock() - milliseconds),
    duration: Math.round(milliseconds * 1_000),
    userId: identity?.userId ?? null,
    applicationId: identity?.applicationId ?? null,
    responseBodySize: null,
    operationName: note.operationName ?? null,
    rootFields: note.rootFields,
    errorCodes: note.errorCodes,
    requestId,
  });
}
