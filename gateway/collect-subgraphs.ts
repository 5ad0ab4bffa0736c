// The subgraphs that the gateway stands in front of: how each is asked and what its contract says. Those in other
// processes may start later than the gateway: it waits for them, saying for which.
import { setTimeout as wait } from 'node:timers/promises';
import { parse } from 'graphql';
import type { RunningSubgraph } from '../platform/subgraph/build-subgraph.ts';
import type { Logger } from '../platform/subgraph/context.ts';
import { subscriptionTopics } from '../platform/subgraph/contract.ts';
import type { HttpTransport } from '../platform/subgraph/http-transport.ts';
import type { SubgraphTransport } from '../platform/subgraph/transport.ts';
import type { Contract } from './compose.ts';

export interface CollectedSubgraphs {
  readonly contracts: readonly Contract[];
  readonly transports: ReadonlyMap<string, SubgraphTransport>;
  /** For each subgraph, the event types of its subscription fields. */
  readonly topics: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
}

const retryMilliseconds = 250;
const attemptsPerLine = 40;

export async function collectSubgraphs(
  local: ReadonlyMap<string, RunningSubgraph>,
  remote: ReadonlyMap<string, HttpTransport>,
  log: Logger,
): Promise<CollectedSubgraphs> {
  const contracts = await Promise.all([
    ...[...local].map(async ([name, { sdl }]) => ({ name, sdl })),
    ...[...remote].map(async ([name, transport]) => ({ name, sdl: await readWhenThere(name, transport, log) })),
  ]);
  return {
    contracts,
    transports: new Map<string, SubgraphTransport>([...local, ...remote]),
    topics: new Map(contracts.map(({ name, sdl }) => [name, subscriptionTopics(parse(sdl))])),
  };
}

async function readWhenThere(name: string, transport: HttpTransport, log: Logger): Promise<string> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await transport.readSdl();
    } catch (error) {
      const { message } = error as Error;
      if (attempt % attemptsPerLine === 0) log.warn({ reason: message, subgraph: name }, 'waiting for a subgraph');
      await wait(retryMilliseconds);
    }
  }
}
