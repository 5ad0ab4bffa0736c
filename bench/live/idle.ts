// 10,000 subscribers to whom nothing happens: what each costs in memory, and all of them together in time and queries.
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Cluster } from '../../operations/cluster/start-cluster.ts';
import { rounded } from '../load.ts';
import { progress } from '../progress.ts';
import { shownChange } from './fan-out.ts';
import { metersOf, type Usage } from './processes.ts';
import type { LiveSetting } from './setting.ts';
import { schemaName } from './setting.ts';
import { type LiveSocket, openSockets } from './sockets.ts';

export interface Idle {
  readonly subscribers: number;
  readonly kBPerSocket: number;
  /** Of the gateways, as parts of one core. */
  readonly cpu: number;
  /** Statements that the subscribers cause: those with them less those without them. */
  readonly sqlPerSecond: number;
  /** Statements of the services themselves: jobs, leases, the relay. */
  readonly sqlPerSecondWithout: number;
}

export interface IdleCrowd {
  readonly idle: Idle;
  readonly sockets: readonly LiveSocket[];
  /** Results that have come to any of them. */
  received(): number;
}

const watchedSeconds = 20;

export async function measureIdle(cluster: Cluster, { wards }: LiveSetting, subscribers: number): Promise<IdleCrowd> {
  const meters = metersOf(cluster);
  const before = await watch(cluster, meters.startUsage());
  progress(`${subscribers} subscribers`);
  const bytes = meters.gatewayBytes();
  const tokens = wards.flatMap((ward) => ward.tokens);
  let received = 0;
  const sockets = await openSockets(
    Array.from({ length: subscribers }, (_, index) => ({
      url: cluster.gatewayUrls[index % cluster.gatewayUrls.length] ?? cluster.url,
      token: tokens[index % tokens.length] ?? '',
      query: shownChange,
      variables: { schemaName },
      onResult: () => {
        received += 1;
      },
    })),
  );
  await pause(5_000);
  const kBPerSocket = rounded((meters.gatewayBytes() - bytes) / subscribers / 1_000, 1);
  const during = await watch(cluster, meters.startUsage());
  const idle: Idle = {
    subscribers,
    kBPerSocket,
    cpu: rounded(during.usage.gateways, 3),
    sqlPerSecond: Math.max(0, rounded(during.statements - before.statements, 1)),
    sqlPerSecondWithout: rounded(before.statements, 1),
  };
  return { idle, sockets, received: () => received };
}

/** How many statements a second the server executes, counted by pg_stat_statements, and what the processes use meanwhile. */
async function watch(
  { databaseUrl }: Cluster,
  usage: { read(): Usage },
): Promise<{ statements: number; usage: Usage }> {
  progress(`watching for ${watchedSeconds} s`);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
    const count = async () =>
      Number((await client.query(`SELECT sum(calls)::int AS calls FROM pg_stat_statements`)).rows[0].calls);
    const first = await count();
    await pause(watchedSeconds * 1_000);
    // The second look is a statement, too.
    return { statements: ((await count()) - first - 1) / watchedSeconds, usage: usage.read() };
  } finally {
    await client.end();
  }
}
