// The connections that are kept to a process of services. An answer that ends its connection says that the process is
// leaving: then none of those that are kept is used again, since any of them may be closed under the next request.
import { Pool } from 'undici';

export interface ServiceConnections {
  readonly request: (given: Parameters<Pool['request']>[0]) => ReturnType<Pool['request']>;
  /** Whether the newest answer said that the process is leaving. */
  isLeaving(): boolean;
  close(): Promise<void>;
}

export function openServiceConnections(origin: string, options: Pool.Options): ServiceConnections {
  let pool = new Pool(origin, options);
  let leaving = false;
  const retired = new Set<Promise<void>>();

  function retire(used: Pool): void {
    if (used !== pool) return;
    pool = new Pool(origin, options);
    // What runs on it ends as it would.
    const closed = used.close().finally(() => retired.delete(closed));
    retired.add(closed);
  }

  return {
    async request(given) {
      const used = pool;
      const answer = await used.request(given);
      leaving = answer.headers.connection === 'close';
      if (leaving) retire(used);
      return answer;
    },
    isLeaving: () => leaving,
    async close() {
      await Promise.all([pool.close(), ...retired]);
    },
  };
}
