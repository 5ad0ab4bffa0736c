// What a gateway starts with. It waits for nobody: where a service is away, its last known contract stands in, and where
// none is known, the one that this version of the program has. What the services really say is taken as they come.
import { setTimeout as pause } from 'node:timers/promises';
import { StartError } from '../platform/start-error.ts';
import type { Logger } from '../platform/subgraph/context.ts';
import type { HttpTransport } from '../platform/subgraph/http-transport.ts';
import type { Contract } from './compose.ts';
import { composeApart } from './compose-apart.ts';
import type { KeptSupergraph } from './kept-supergraph.ts';
import type { ComposedSupergraph } from './served-supergraph.ts';

export interface FirstSupergraphOptions {
  /** Of the services in this process. */
  readonly contracts: readonly Contract[];
  readonly remote: ReadonlyMap<string, Pick<HttpTransport, 'readContract'>>;
  readonly kept: Pick<KeptSupergraph, 'find'>;
  readonly log: Pick<Logger, 'warn' | 'error'>;
}

const retryMilliseconds = 2_000;

export async function firstSupergraph(options: FirstSupergraphOptions): Promise<ComposedSupergraph> {
  let refused = '';
  for (;;) {
    const kept = await findFitting(options);
    const contracts = await contractsNow(options, kept);
    const { supergraphSdl, refusal } = await composeApart(contracts);
    if (supergraphSdl !== undefined) return { contracts, supergraphSdl };
    if (options.remote.size === 0) throw new StartError(refusal);
    if (refusal !== refused) options.log.error({ reason: refusal }, 'the contracts do not compose');
    refused = refusal;
    if (kept !== undefined) return kept;
    await pause(retryMilliseconds);
  }
}

/** The last good supergraph, when it is one of the same services. */
async function findFitting({ contracts, remote, kept }: FirstSupergraphOptions) {
  if (remote.size === 0) return undefined;
  const found = await kept.find();
  const names = [...contracts.map(({ name }) => name), ...remote.keys()];
  const fits = found?.contracts.length === names.length && found.contracts.every(({ name }) => names.includes(name));
  return fits ? found : undefined;
}

async function contractsNow(
  { contracts, remote, log }: FirstSupergraphOptions,
  kept: ComposedSupergraph | undefined,
): Promise<Contract[]> {
  const read = await Promise.all(
    [...remote].map(async ([name, transport]) => {
      const sdl = await transport.readContract().catch(() => undefined);
      if (sdl !== undefined) return { name, sdl };
      log.warn({ subgraph: name }, 'a subgraph is away; the gateway starts with its last known contract');
      return kept?.contracts.find((contract) => contract.name === name) ?? { name, sdl: await ownContract(name) };
    }),
  );
  return [...contracts, ...read];
}

/** What prints contracts is loaded only where it is needed. */
async function ownContract(name: string): Promise<string> {
  const { printContract } = await import('../platform/subgraph/print-contract.ts');
  return printContract(name);
}
