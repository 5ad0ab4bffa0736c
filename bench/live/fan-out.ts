// 500 subscribers, each a person of their own, over two gateways; each change concerns the 100 of one ward.
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from '../../operations/cluster/start-cluster.ts';
import { latenciesOf, rounded } from '../load.ts';
import { progress } from '../progress.ts';
import { atRate, type Changes } from './changes.ts';
import { metersOf, type Usage } from './processes.ts';
import type { LiveSetting } from './setting.ts';
import { schemaName } from './setting.ts';
import { openSockets } from './sockets.ts';

export interface FanOut {
  readonly changesPerSecond: number;
  readonly deliveredPerSecond: number;
  /** Milliseconds from the begin of the transaction to the receipt by a subscriber. */
  readonly p50: number;
  readonly p99: number;
  readonly lost: number;
  readonly cpu: Usage;
  readonly gatewaysMB: number;
}

export const shownChange = `subscription ($schemaName: String!, $after: Position) {
  documentChanged(schemaName: $schemaName, after: $after) { position kind documentId document { status data } }
}`;

const warmUpSeconds = 3;
const measuredSeconds = 15;
const patienceMilliseconds = 60_000;

export async function measureFanOut(
  { cluster, setting, changes }: { cluster: Cluster; setting: LiveSetting; changes: Changes },
  rates: readonly number[],
): Promise<FanOut[]> {
  const { wards } = setting;
  const meters = metersOf(cluster);
  // Changes so far; a change is known by the position of its event, which all of its receivers are shown.
  let received = 0;
  let onResult = (_ward: number, _text: string): void => {};
  const people = wards.flatMap(({ tokens }, ward) => tokens.map((token) => ({ token, ward })));
  const sockets = await openSockets(
    people.map(({ token, ward }, index) => ({
      url: cluster.gatewayUrls[index % cluster.gatewayUrls.length] ?? cluster.url,
      token,
      query: shownChange,
      variables: { schemaName },
      onResult: (text) => onResult(ward, text),
    })),
  );
  try {
    const results: FanOut[] = [];
    for (const changesPerSecond of rates) {
      progress(`${changesPerSecond} changes a second for ${people.length} subscribers`);
      let begun: number[] = [];
      let latencies: number[] = [];
      const seen = wards.map(() => new Map<string, number>());
      const order = wards.map(() => [] as number[]);
      received = 0;
      onResult = (ward, text) => {
        received += 1;
        // Changes of a ward are committed one after the other, so the order of positions is that of changes.
        const position = /"position":"(\d+)"/.exec(text)?.[1] ?? '';
        const places = seen[ward] as Map<string, number>;
        const place = places.get(position) ?? places.size;
        places.set(position, place);
        const change = order[ward]?.[place];
        if (change !== undefined) latencies.push(performance.now() - (begun[change] ?? Number.NaN));
      };
      const tails = wards.map(() => Promise.resolve());
      const change = (number: number) => {
        const ward = number % wards.length;
        begun[number] = performance.now();
        const done = (tails[ward] as Promise<void>).then(() => {
          begun[number] = performance.now();
          order[ward]?.push(number);
          return changes.change(wards[ward] as (typeof wards)[number], number);
        });
        tails[ward] = done;
        return done;
      };
      const settle = async (expected: number) => {
        for (const deadline = Date.now() + patienceMilliseconds; received < expected && Date.now() < deadline; )
          await pause(20);
      };
      const perChange = people.length / wards.length;
      await atRate(changesPerSecond, warmUpSeconds, change);
      await settle(changesPerSecond * warmUpSeconds * perChange);
      for (const places of seen) places.clear();
      for (const list of order) list.length = 0;
      [begun, latencies, received] = [[], [], 0];
      const usage = meters.startUsage();
      const start = performance.now();
      await atRate(changesPerSecond, measuredSeconds, change);
      const expected = changesPerSecond * measuredSeconds * perChange;
      await settle(expected);
      const seconds = (performance.now() - start) / 1_000;
      results.push({
        changesPerSecond,
        deliveredPerSecond: Math.round(received / seconds),
        ...latenciesOf(latencies, 1),
        lost: expected - received,
        cpu: usage.read(),
        gatewaysMB: rounded(meters.gatewayBytes() / 1e6, 0),
      });
    }
    return results;
  } finally {
    for (const socket of sockets) socket.close();
  }
}
