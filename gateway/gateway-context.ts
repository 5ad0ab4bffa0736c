// What travels with a request through the gateway to the data sources.
import type { Caller } from '../platform/identity/identity.ts';
import type { AccessNote } from './access-log/access-note.ts';

export interface GatewayContext {
  /** Changes at one point only: when the request itself signs somebody in. */
  caller: Caller;
  readonly requestId: string;
  /** Fires when the client has gone away. */
  readonly signal?: AbortSignal;
  /** What the access log will say of the request. */
  readonly note?: AccessNote;
  /** Gets the names of the services that are asked. */
  readonly asked?: Set<string>;
  // Apollo's types ask for an open record.
  [key: string]: unknown;
}
