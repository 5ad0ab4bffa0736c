// How a subgraph is asked, whether it runs in this process or in another.
import type { ExecutionResult } from 'graphql';
import type { LogEvent } from '../events/event.ts';
import type { Caller } from '../identity/identity.ts';

export interface SubgraphRequest {
  /** An operation of the subgraph's own contract. */
  readonly query: string;
  readonly operationName?: string | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  readonly caller: Caller;
  /** Follows the request through the logs of all processes. */
  readonly requestId: string;
  /** Stops waiting for the answer. */
  readonly signal?: AbortSignal | undefined;
}

export interface EventsRequest extends SubgraphRequest {
  /** In order of position. None: only check that the subscription may be opened. */
  readonly events: readonly LogEvent[];
}

/** For each event its payload executed, or null where this viewer gets nothing of it. */
export type EventResults = readonly (ExecutionResult | null)[];

export interface SubgraphTransport {
  /**
   * Refusals and failures of fields are in `errors`, already fit for clients. `extensions.signedIn` is the user whom
   * this very request has signed in. Rejects when the subgraph cannot be asked.
   */
  execute(request: SubgraphRequest): Promise<ExecutionResult>;
  /** Rejects with an AppError when the viewer may not (or no longer) follow this subscription. */
  executeEvents(request: EventsRequest): Promise<EventResults>;
}
