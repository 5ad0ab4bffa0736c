// How one service asks another: an internal operation, over whatever joins them (memory or HTTP).
import type { Identity } from '../identity/identity.ts';

export interface ServiceCall {
  /** A GraphQL operation of the other service's contract, with variables only (its text is a cache key). */
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** As whom; nobody unless told. The call is always signed as a service, too. */
  readonly identity?: Identity;
}

export interface ServiceClient {
  /** Whether the service is installed at all. */
  has(service: string): boolean;
  /**
   * The `data` of the answer. An AppError of the other service is thrown as it was; anything else as
   * SERVICE_UNAVAILABLE. Never call inside a database transaction.
   */
  call<T>(service: string, call: ServiceCall): Promise<T>;
}
