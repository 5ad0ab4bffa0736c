// Kills the parts of a cluster one after the other, in an order that a seed decides, while it works. Some are given the
// time to come back, others are not, so that parts are away together, too.
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from '../../operations/cluster/start-cluster.ts';
import type { ClusterRole } from '../../operations/cluster/topology.ts';

/** What is killed in turn; `events` runs the relay. PostgreSQL breaks off without cleaning up. */
const victims: readonly (readonly [ClusterRole, NodeJS.Signals])[] = [
  ['gateway-1', 'SIGKILL'],
  ['records', 'SIGKILL'],
  ['events', 'SIGKILL'],
  ['redis', 'SIGKILL'],
  ['postgres', 'SIGQUIT'],
  ['gateway-2', 'SIGKILL'],
  ['accounts', 'SIGKILL'],
];
const shortestPause = 300;
const longestPause = 3_000;

export interface KillingOptions {
  readonly kills: number;
  readonly seed: number;
  readonly onKill: (role: ClusterRole, number: number) => void;
}

/** Resolves with the number of kills once the cluster is whole again. */
export async function killInTurn(cluster: Cluster, { kills, seed, onKill }: KillingOptions): Promise<number> {
  const random = randomFrom(seed);
  for (let number = 0; number < kills; number += 1) {
    const [role, signal] = victims[number % victims.length] as (typeof victims)[number];
    onKill(role, number + 1);
    await cluster.kill(role, signal);
    if (random() < 0.6) await cluster.waitUntilReady({ only: [role] });
    await pause(shortestPause + random() * (longestPause - shortestPause));
  }
  await cluster.waitUntilReady();
  return kills;
}

/** Numbers from 0 up to 1, always the same for the same seed (mulberry32, public domain). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
