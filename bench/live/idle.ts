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
  /** Statements that the subscribers cause: those that came clearly more often with them than without. */
  readonly sqlPerSecond: number;
  /** Which came more often with them than without, a second: all, also those that timers and looks at /readyz explain. */
  readonly sqlRisen: readonly { readonly statement: string; readonly perSecond: number }[];
  /** Statements of the services themselves: jobs, leases, the relay. */
  readonly sqlPerSecondWithout: number;
}

export interface IdleCrowd {
  readonly idle: Idle;
  readonly sockets: readonly LiveSocket[];
  /** Results that have come to any of them. */
  received(): number;
}

/** Long against the services' own timers, so that it hardly matters where in their rounds it begins. */
const watchedSeconds = 60;
/** More than a round of a timer that falls into one of the two watches and not into the other. */
const risen = 2 / watchedSeconds;
/**
 * What differs without any subscriber: 12 statements of timers that fall into one of the two watches (10,000
 * subscribers who ask one thing an hour would be 167), and a tenth of what is asked all the time, as the next look of the
 * load balancer at /readyz comes so long after the answer to the last one.
 */
const explained = (before: number) => before * 1.1 + 12 / watchedSeconds;

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
  const differences = [...during.statements].map(([statement, perSecond]) => {
    const without = before.statements.get(statement) ?? 0;
    return {
      statement: statement.slice(0, 120),
      perSecond: perSecond - without,
      isExplained: perSecond <= explained(without),
    };
  });
  const sqlRisen = differences
    .filter(({ perSecond }) => perSecond > risen)
    .map(({ statement, perSecond }) => ({ statement, perSecond: rounded(perSecond, 2) }));
  const caused = differences.filter(({ isExplained }) => !isExplained);
  const idle: Idle = {
    subscribers,
    kBPerSocket,
    cpu: rounded(during.usage.gateways, 3),
    sqlPerSecond: rounded(
      caused.reduce((sum, { perSecond }) => sum + perSecond, 0),
      1,
    ),
    sqlRisen,
    sqlPerSecondWithout: rounded(
      [...before.statements.values()].reduce((sum, perSecond) => sum + perSecond, 0),
      1,
    ),
  };
  return { idle, sockets, received: () => received };
}

/** How often a second each statement is executed, by pg_stat_statements, and what the processes use meanwhile. */
async function watch(
  { databaseUrl }: Cluster,
  usage: { read(): Usage },
): Promise<{ statements: ReadonlyMap<string, number>; usage: Usage }> {
  progress(`watching for ${watchedSeconds} s`);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
    const count = async () => {
      const { rows } = await client.query(
        `SELECT query, sum(calls)::int AS calls FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%' GROUP BY 1`,
      );
      return new Map(rows.map(({ query, calls }) => [query as string, calls as number]));
    };
    const first = await count();
    await pause(watchedSeconds * 1_000);
    const statements = new Map<string, number>();
    for (const [query, calls] of await count())
      statements.set(query, (calls - (first.get(query) ?? 0)) / watchedSeconds);
    return { statements, usage: usage.read() };
  } finally {
    await client.end();
  }
}
