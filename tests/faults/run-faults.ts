// A run of faults: a cluster at work while its parts are killed. Patients write, nurses and others listen and resume;
// afterwards what was acknowledged must be there, and everybody must have what they were entitled to, once and in order.
import { setTimeout as pause } from 'node:timers/promises';
import { type Cluster, startCluster } from '../../operations/cluster/start-cluster.ts';
import type { GraphqlClient } from '../support/graphql-client.ts';
import type { Listener, LoggedChange, Stay } from './judge.ts';
import { judge, missing } from './judge.ts';
import { killInTurn } from './killing.ts';
import { openSetting, operations, type Setting } from './setting.ts';
import { type Subscriber, startSubscriber, type Transport } from './subscribers.ts';
import { startWriters, type Writers } from './writers.ts';

export interface FaultOptions {
  readonly kills: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

export interface FaultReport {
  readonly kills: number;
  /** Writes that were acknowledged. */
  readonly written: number;
  readonly delivered: number;
  /** Acknowledged writes that are not in the database, and changes that were owed to a subscriber and never came. */
  readonly lost: number;
  readonly duplicated: number;
  readonly outOfOrder: number;
  readonly forbidden: number;
}

const subscribersOfWard = 9;
const everythingSubscribers = 3;
/** Until the last change has come everywhere. */
const patienceMilliseconds = 120_000;

export async function runFaults({ kills, seed, say }: FaultOptions): Promise<FaultReport> {
  say('starting a cluster');
  const cluster = await startCluster({ settings: { ACCESS_TOKEN_SECONDS: '86400', LOG_LEVEL: 'warn' } });
  const crowd: Seat[] = [];
  try {
    const setting = await openSetting(cluster.url, cluster.admin);
    crowd.push(...takeSeats(cluster, setting));
    const writers = startWriters(cluster.url, setting);
    say(`${crowd.length} subscribers listen, patients of ${setting.wards.length} wards write`);
    const killing = killInTurn(cluster, { kills, seed, onKill: (role, number) => say(`kill ${number}: ${role}`) });
    const [killed] = await Promise.all([killing, changeAccess(setting, crowd)]);
    await writers.stop();
    say(`${writers.written()} writes were acknowledged; reading the log`);
    const log = await readLog(setting.admin, setting.schemaName);
    const lostWrites = await countLostWrites(setting.admin, writers);
    await untilDelivered(log.changes, crowd, log.positions);
    const verdict = judge(
      log.changes,
      crowd.map((seat) => listenerOf(seat, log.positions)),
    );
    for (const { subscriber } of crowd)
      if (subscriber.failure !== undefined) say(`ended: ${JSON.stringify(subscriber.failure)}`);
    say(`connected: ${connectionsOf(crowd, 'websocket')} sockets and ${connectionsOf(crowd, 'sse')} streams`);
    return { kills: killed, written: writers.written(), ...verdict, lost: verdict.lost + lostWrites };
  } finally {
    await Promise.all(crowd.map(({ subscriber }) => subscriber.stop()));
    await cluster.stop();
  }
}

function connectionsOf(crowd: readonly Seat[], transport: Transport): number {
  const own = crowd.filter(({ subscriber }) => subscriber.transport === transport);
  return own.reduce((sum, { subscriber }) => sum + subscriber.connections, 0);
}

/** A subscriber with what they may see; `comes` and `leaves` are filled in when their rights change. */
interface Seat {
  readonly subscriber: Subscriber;
  readonly everything: boolean;
  /** Where they are staff from the beginning, or come to be. */
  readonly groupId: string | undefined;
  comes: boolean;
  leaves: boolean;
}

function takeSeats({ url }: Cluster, { admin, schemaName, wards, strangers }: Setting): Seat[] {
  let seats = 0;
  const seat = (person: { userId?: string | undefined; token?: string | undefined }, groupId?: string): Seat => ({
    subscriber: startSubscriber({
      url,
      token: person.token ?? '',
      userId: person.userId,
      // Every third one reads a stream of server-sent events.
      transport: ++seats % 3 === 0 ? 'sse' : 'websocket',
      schemaName,
      after: 0n,
    }),
    everything: person.userId === admin.userId,
    groupId,
    comes: false,
    leaves: false,
  });
  return [
    ...wards.flatMap(({ nurses, groupId }) =>
      Array.from({ length: subscribersOfWard }, (_, index) => seat(nurses[index % nurses.length] ?? {}, groupId)),
    ),
    ...Array.from({ length: everythingSubscribers }, () => seat(admin)),
    // The first of them comes into the first ward later.
    ...strangers.map((stranger, index) => seat(stranger, index === 0 ? wards[0]?.groupId : undefined)),
  ];
}

/** While all goes on, a nurse of the first ward leaves it, and a stranger comes into it. */
async function changeAccess(setting: Setting, crowd: readonly Seat[]): Promise<void> {
  const [ward] = setting.wards;
  const [stranger] = setting.strangers;
  const [nurse] = ward?.nurses ?? [];
  if (ward === undefined || stranger === undefined || nurse === undefined) throw new Error('The setting is empty');
  await pause(3_000);
  const of = (userId: string) => crowd.filter(({ subscriber }) => subscriber.userId === userId);
  for (const one of of(nurse.userId)) one.leaves = true;
  for (const one of of(stranger.userId)) one.comes = true;
  const input = { groupIds: [ward.groupId] };
  await insist(setting.admin, operations.removeStaff, { input: { ...input, userIds: [nurse.userId] } });
  await insist(setting.admin, operations.addStaff, { input: { ...input, userIds: [stranger.userId] } });
}

/** Until it is acknowledged, or refused because an earlier attempt has done it. */
async function insist(client: GraphqlClient, mutation: string, variables: Record<string, unknown>): Promise<void> {
  for (;;) {
    const answer = await client.ask(mutation, variables).catch(() => undefined);
    const code = answer?.errors?.[0]?.extensions.code;
    if (answer?.data != null && answer.errors === undefined) return;
    if (code !== undefined && code !== 'SERVICE_UNAVAILABLE' && code !== 'INTERNAL_SERVER_ERROR') return;
    await pause(500);
  }
}

interface Log {
  readonly changes: readonly LoggedChange[];
  readonly positions: Readonly<Record<string, bigint>>;
}

const readEvents = `query ($after: Position) {
  events(after: $after, first: 100) { nodes { position type content } pageInfo { hasNextPage endCursor } }
}`;

interface EventNode {
  readonly position: string;
  readonly type: string;
  readonly content: Readonly<Record<string, unknown>>;
}

/** The changes of documents of the schema, and where each staff enlistment came and went last. */
async function readLog(admin: GraphqlClient, schemaName: string): Promise<Log> {
  const changes: LoggedChange[] = [];
  const positions: Record<string, bigint> = {};
  for (let after: string | null = null; ; ) {
    const { nodes, pageInfo } = (await insistOnReading(admin, readEvents, { after })).events as {
      nodes: EventNode[];
      pageInfo: { hasNextPage: boolean; endCursor: string };
    };
    for (const { position, type, content } of nodes) {
      if (/^document_(created|updated)$/.test(type) && content.schemaName === schemaName) {
        changes.push({ ...(content as unknown as LoggedChange), position: BigInt(position) });
      }
      if (type.startsWith('staff_enlistment_')) positions[`${type} ${content.userId}`] = BigInt(position);
    }
    if (!pageInfo.hasNextPage) return { changes, positions };
    after = pageInfo.endCursor;
  }
}

async function insistOnReading(client: GraphqlClient, query: string, variables: Record<string, unknown>) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await client.run(query, variables);
    } catch (error) {
      if (attempt === 20) throw error;
      await pause(500);
    }
  }
}

/** Acknowledged documents that are not there, or only in an older version than was acknowledged. */
async function countLostWrites(admin: GraphqlClient, { acknowledged }: Writers): Promise<number> {
  let lost = 0;
  for (const [id, version] of acknowledged) {
    const { document } = await insistOnReading(admin, 'query ($id: ID!) { document(id: $id) { version } }', { id });
    if (document === null || document.version < version) lost += 1;
  }
  return lost;
}

function listenerOf({ subscriber, everything, groupId, comes, leaves }: Seat, positions: Log['positions']): Listener {
  const at = (type: string) => positions[`staff_enlistment_${type} ${subscriber.userId}`];
  const stays = (group: string): Stay => ({
    groupId: group,
    from: comes ? (at('added') ?? 0n) : 0n,
    until: leaves ? at('removed') : undefined,
  });
  return {
    userId: subscriber.userId,
    everything,
    groups: groupId === undefined ? [] : [stays(groupId)],
    after: 0n,
    // Payloads that tell of access alone are no changes of documents.
    received: subscriber.received.filter(({ kind }) => !kind.startsWith('ACCESS_')),
  };
}

async function untilDelivered(
  changes: readonly LoggedChange[],
  crowd: readonly Seat[],
  positions: Log['positions'],
): Promise<void> {
  const deadline = Date.now() + patienceMilliseconds;
  const isServed = (seat: Seat) => missing(changes, listenerOf(seat, positions)).length === 0;
  while (Date.now() < deadline && !crowd.every(isServed)) await pause(500);
}
