// What transports (WebSocket, server-sent events) know of live subscriptions: how one is opened, and what comes out.
import type { DocumentNode, ExecutionResult } from 'graphql';
import type { Caller } from '../../platform/identity/identity.ts';
import type { ClientFacts } from '../access-log/record-live.ts';

/** The operation of a live subscription. Its document has been validated against the supergraph as it is now. */
export interface LiveOperation {
  readonly query: string;
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
}

export interface LiveRequest extends LiveOperation {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly viewer: LiveViewer;
  readonly requestId: string;
}

/** Who looks on, on one connection; transports make it. */
export interface LiveViewer {
  /** Who it is now, by the newest credentials handed in. Throws UNAUTHENTICATED when the session is over. */
  authenticate(): Promise<Caller>;
}

/** A viewer with what the access log says of them. */
export interface LiveClient extends LiveViewer {
  /** By the newest credentials handed in. */
  readonly caller: Caller;
  readonly facts: ClientFacts;
}

export interface LiveResult {
  readonly result: ExecutionResult;
  /** The result as JSON, serialised once for all who get it. */
  readonly json: string;
}

export interface LiveSubscriptions {
  /** Rejects with an AppError when the operation cannot be followed, for transports that answer this before they open it. */
  check(operation: LiveOperation): Promise<void>;
  /**
   * Begins at once where the operation was checked: «from now on» is the moment of this call. Rejects as `check` does. The
   * iterator throws an AppError when the arguments are not valid or something ends the subscription; its `return` frees
   * everything at once, also while a result is waited for.
   */
  open(request: LiveRequest): Promise<AsyncIterableIterator<LiveResult>>;
  /** Ends all of them. */
  close(): void;
}
