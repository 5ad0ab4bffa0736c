// Notices contracts of services in other processes that have changed, and lets the gateway serve what they compose to,
// once it is known that they do. What does not compose is refused: what was served stays, and the refusal is told.
import { setTimeout as pause } from 'node:timers/promises';
import { BoundedCache } from '../platform/bounded-cache.ts';
import type { Check } from '../platform/readiness.ts';
import { dispensable, PartFault } from '../platform/readiness.ts';
import type { Logger } from '../platform/subgraph/context.ts';
import { contractTag } from '../platform/subgraph/contract.ts';
import type { HttpTransport } from '../platform/subgraph/http-transport.ts';
import type { Contract } from './compose.ts';
import { composeApart } from './compose-apart.ts';
import type { KeptSupergraph } from './kept-supergraph.ts';
import type { Metrics } from './metrics.ts';
import { supergraphHeading } from './ready-supergraph.ts';
import type { ComposedSupergraph, ServedSupergraph } from './served-supergraph.ts';

export interface WatchOptions {
  readonly remote: ReadonlyMap<string, Pick<HttpTransport, 'readContract'>>;
  readonly served: Pick<ServedSupergraph, 'current' | 'change'>;
  readonly kept: Pick<KeptSupergraph, 'keep'>;
  readonly metrics: Pick<Metrics, 'supergraphChanges' | 'refusedContracts'>;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Between two looks at the contracts: milliseconds on average, 3,000 unless told. */
  readonly pollMs?: number;
}

export interface ContractWatch {
  /** Fails while a contract is refused. */
  readonly check: Check;
  /** Resolves when nothing changes any more. */
  close(): Promise<void>;
}

const rememberedRefusals = 100;

export function watchContracts(options: WatchOptions): ContractWatch {
  return new Watch(options);
}

class Watch implements ContractWatch {
  readonly #options: WatchOptions;
  readonly #closing = new AbortController();
  /** What each service has said last. */
  readonly #seen: Map<string, Contract>;
  /** Services that have said what they are: until all have, what is served may be a guess, which is not kept. */
  readonly #heard = new Set<string>();
  #kept: ComposedSupergraph | undefined;
  /** Contracts that do not compose together, so that they are neither tried nor told of again. */
  readonly #refusals = new BoundedCache<string, string>(rememberedRefusals);
  #refused: readonly string[] = [];
  readonly #done: Promise<void>;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#seen = new Map(options.served.current().contracts.map((contract) => [contract.name, contract]));
    this.#done = this.#run();
  }

  readonly check = dispensable(async () => {
    if (this.#refused.length > 0) throw new PartFault('refused');
  });

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { remote, log, pollMs = 3_000 } = this.#options;
    const { signal } = this.#closing;
    while (remote.size > 0 && !signal.aborted) {
      try {
        await this.#look();
      } catch (error) {
        log.warn({ err: error }, 'changed contracts could not be composed; trying again');
      }
      // Not all gateways at the same moment.
      await pause(pollMs * (0.75 + Math.random() / 2), undefined, { signal }).catch(() => {});
    }
  }

  async #look(): Promise<void> {
    await Promise.all(
      [...this.#options.remote].map(async ([name, transport]) => {
        const known = this.#seen.get(name);
        const tag = known === undefined ? undefined : contractTag(known.sdl);
        try {
          const sdl = await transport.readContract(tag);
          this.#heard.add(name);
          if (sdl !== undefined) this.#seen.set(name, { name, sdl });
        } catch {
          // Who cannot be asked has not changed; that it is away, /readyz tells.
        }
      }),
    );
    const { contracts } = this.#options.served.current();
    const changed = contracts.flatMap(({ name, sdl }) => {
      const seen = this.#seen.get(name);
      return seen === undefined || seen.sdl === sdl ? [] : [seen];
    });
    const taken = changed.length === 0 || (await this.#take(changed));
    // One service's mistake does not keep back what others have changed.
    if (!taken && changed.length > 1) for (const one of changed) await this.#take([one]);
    this.#note();
    await this.#keep();
  }

  /** False when they do not compose with what is served. */
  async #take(changed: readonly Contract[]): Promise<boolean> {
    const { served, metrics, log } = this.#options;
    if (this.#closing.signal.aborted) return true;
    const replaced = new Map(changed.map((contract) => [contract.name, contract]));
    const contracts = served.current().contracts.map((contract) => replaced.get(contract.name) ?? contract);
    const subgraphs = [...replaced.keys()];
    const key = supergraphHeading(contracts);
    if (this.#refusals.get(key) !== undefined) return false;
    const { supergraphSdl, refusal } = await composeApart(contracts);
    const fault = refusal ?? (await faultOf(() => served.change({ contracts, supergraphSdl })));
    if (fault !== undefined) {
      this.#refusals.set(key, fault);
      log.error({ subgraphs, reason: fault }, 'a changed contract is refused; the supergraph stays as it was');
      return false;
    }
    metrics.supergraphChanges.inc();
    log.info({ subgraphs }, 'the supergraph has changed');
    return true;
  }

  async #keep(): Promise<void> {
    const { remote, served, kept } = this.#options;
    const current = served.current();
    if (this.#kept === current || this.#heard.size < remote.size) return;
    this.#kept = current;
    await kept.keep(current);
  }

  #note(): void {
    const { served, metrics } = this.#options;
    this.#refused = served.current().contracts.flatMap(({ name, sdl }) => {
      return this.#seen.get(name)?.sdl === sdl ? [] : [name];
    });
    metrics.refusedContracts.set(this.#refused.length);
  }
}

/** What is wrong with a supergraph that composes, and yet cannot be planned with. */
async function faultOf(change: () => Promise<void>): Promise<string | undefined> {
  try {
    await change();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
