// Asks how far the log tells of what was changed: the internal operation of `events`, which may run in another process.
import type { ServiceClient } from '../../platform/subgraph/service-client.ts';

export interface LogProgress {
  readonly newest: bigint;
  /** For how long the oldest event that has no position yet has waited for one; undefined: none waits. */
  readonly waitingSeconds: number | undefined;
}

const query = 'query EventLogProgress { eventLogProgress { newest waitingSeconds } }';

interface Answer {
  eventLogProgress: { newest: string; waitingSeconds: number | null };
}

export function createProgressReader(services: ServiceClient): () => Promise<LogProgress> {
  return async () => {
    const { newest, waitingSeconds } = (await services.call<Answer>('events', { query })).eventLogProgress;
    return { newest: BigInt(newest), waitingSeconds: waitingSeconds ?? undefined };
  };
}
