// What travels with a request through Apollo Server and the gateway to the data sources.
import type { Caller } from '../platform/identity/identity.ts';

export interface GatewayContext {
  /** Changes at one point only: when the request itself signs somebody in. */
  caller: Caller;
  readonly requestId: string;
  /** Fires when the client has gone away. */
  readonly signal?: AbortSignal;
  // Apollo's types ask for an open record.
  [key: string]: unknown;
}
