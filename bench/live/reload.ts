// A new supergraph takes over under open subscriptions: every one of them must go on.
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from '../../operations/cluster/start-cluster.ts';
import { progress } from '../progress.ts';
import type { Changes } from './changes.ts';
import type { ContractFront } from './contract-front.ts';
import type { IdleCrowd } from './idle.ts';
import type { LiveSetting } from './setting.ts';

export interface Reload {
  readonly subscribers: number;
  /** Ended, or not served any more. */
  readonly dropped: number;
  /** From the new contract to its being served by both gateways. */
  readonly ms: number;
}

const patienceMilliseconds = 120_000;

export interface ReloadParts {
  readonly cluster: Cluster;
  readonly setting: LiveSetting;
  readonly changes: Changes;
  readonly front: ContractFront;
  readonly crowd: IdleCrowd;
}

export async function measureReload({ cluster, setting, changes, front, crowd }: ReloadParts): Promise<Reload> {
  progress('a new contract');
  const start = performance.now();
  front.addToContract('extend type Query { benchOfLiveEvents: Int }');
  await Promise.all(cluster.gatewayUrls.map(untilServed));
  const ms = Math.round(performance.now() - start);
  // One change in each ward comes to everybody once.
  const before = crowd.received();
  for (const ward of setting.wards) await changes.change(ward, 1);
  const isSo = () => crowd.received() - before >= crowd.sockets.length;
  for (const deadline = Date.now() + patienceMilliseconds; !isSo() && Date.now() < deadline; ) await pause(50);
  const ended = crowd.sockets.filter((socket) => socket.ended).length;
  const { length: subscribers } = crowd.sockets;
  return { subscribers, dropped: Math.max(ended, subscribers - (crowd.received() - before)), ms };
}

/** A query for the new field is refused as long as it is not in the schema. */
async function untilServed(url: string): Promise<void> {
  for (const deadline = Date.now() + patienceMilliseconds; ; await pause(200)) {
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ benchOfLiveEvents }' }),
    });
    const { errors } = (await answer.json()) as { errors?: { extensions: { code: string } }[] };
    if (errors?.[0]?.extensions.code !== 'GRAPHQL_VALIDATION_FAILED') return;
    if (Date.now() > deadline) throw new Error('The new contract was not taken over in time.');
  }
}
