// Somebody comes back after 10,000 changes: how long until all of them are there, in order.
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from '../../operations/cluster/start-cluster.ts';
import { progress } from '../progress.ts';
import type { Changes } from './changes.ts';
import { shownChange } from './fan-out.ts';
import type { LiveSetting } from './setting.ts';
import { schemaName } from './setting.ts';
import { openSocket } from './sockets.ts';

export interface Resume {
  readonly events: number;
  readonly ms: number;
  readonly inOrder: boolean;
}

const inOneTransaction = 500;
const patienceMilliseconds = 120_000;

export async function measureResume(
  { cluster, setting, changes }: { cluster: Cluster; setting: LiveSetting; changes: Changes },
  events: number,
): Promise<Resume> {
  const [ward] = setting.wards;
  const [token] = ward?.tokens ?? [];
  if (ward === undefined || token === undefined) throw new Error('There is no ward.');
  const url = cluster.gatewayUrls[0] ?? cluster.url;
  const subscribe = (after: string | undefined, onResult: (text: string) => void) =>
    openSocket({ url, token, query: shownChange, variables: { schemaName, ...(after && { after }) }, onResult });
  const positionOf = (text: string) => /"position":"(\d+)"/.exec(text)?.[1] ?? '';

  let last: string | undefined;
  const before = await subscribe(undefined, (text) => {
    last = positionOf(text);
  });
  // A subscription hears of what happens once it stands, and that it does nobody says: a change may come too early.
  for (let tries = 1; last === undefined && tries <= 100; tries += 1) {
    await changes.change(ward, 1);
    await pause(500);
  }
  if (last === undefined) throw new Error('Nothing is heard of changes.');
  before.close();

  progress(`${events} changes while nobody looks`);
  for (let first = 1; first <= events; first += inOneTransaction) {
    await changes.changeOften(ward, first, Math.min(inOneTransaction, events - first + 1));
  }
  // The relay has numbered all of them once the last has come to somebody else.
  let seen = 0;
  const witness = await subscribe(last, () => {
    seen += 1;
  });
  await until(() => seen >= events);
  witness.close();

  const positions: bigint[] = [];
  const start = performance.now();
  const back = await subscribe(last, (text) => positions.push(BigInt(positionOf(text))));
  await until(() => positions.length >= events);
  const ms = Math.round(performance.now() - start);
  back.close();
  const inOrder = positions.every((position, index) => index === 0 || position > (positions[index - 1] as bigint));
  return { events: positions.length, ms, inOrder };
}

async function until(isSo: () => boolean): Promise<void> {
  for (const deadline = Date.now() + patienceMilliseconds; !isSo(); await pause(10)) {
    if (Date.now() > deadline) throw new Error('It did not come in time.');
  }
}
