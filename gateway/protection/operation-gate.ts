// Lets operations in: each may cost so much, each client may spend so much in a minute, and some fields may be asked for
// only so often. Before anything of an operation runs.
import { OperationTypeNode } from 'graphql';
import type { OperationLimits } from '../../platform/protection-config.ts';
import type { ComposedSupergraph } from '../served-supergraph.ts';
import type { Buckets } from './buckets.ts';
import type { Client } from './client.ts';
import { clientKey } from './client.ts';
import { readCostRules } from './cost-rules.ts';
import { estimateCost } from './estimate-cost.ts';
import { fragmentsOf, rootFieldsOf, tooLarge } from './measure-operation.ts';
import type { Rates } from './rates.ts';
import { rateLimited, readFieldRates } from './rates.ts';
import type { ReadOperation } from './read-operation.ts';

export interface OperationCost {
  readonly estimated: number;
  /** What the client may still spend at once; undefined where nothing is counted. */
  readonly remaining: number | undefined;
}

export interface OperationGate {
  /** OPERATION_TOO_LARGE for what costs too much by itself, RATE_LIMITED for what is too much now. */
  admit(operation: ReadOperation, client: Client): Promise<OperationCost>;
}

export interface OperationGateOptions {
  readonly supergraph: () => ComposedSupergraph;
  readonly limits: OperationLimits;
  /** 0: without end. */
  readonly costPerMinute: number;
  readonly buckets: Buckets;
  readonly rates: Rates;
}

const rootTypes: Readonly<Record<OperationTypeNode, string>> = {
  [OperationTypeNode.QUERY]: 'Query',
  [OperationTypeNode.MUTATION]: 'Mutation',
  [OperationTypeNode.SUBSCRIPTION]: 'Subscription',
};

export function createOperationGate(options: OperationGateOptions): OperationGate {
  const { limits, costPerMinute, buckets, rates } = options;
  const rulesOf = rememberLast(({ contracts, supergraphSdl }: ComposedSupergraph) => ({
    costs: readCostRules(supergraphSdl),
    rates: readFieldRates(contracts),
  }));
  return {
    async admit(read, client) {
      const rules = rulesOf(options.supergraph());
      const estimated = estimateCost(rules.costs, read);
      if (estimated > limits.cost) throw tooLarge('cost', { most: limits.cost, found: estimated }, 'points of cost');
      for (const [name, times] of countRates(read, rules.rates)) await rates.take(name, client, times);
      if (costPerMinute === 0) return { estimated, remaining: undefined };
      const size = { capacity: costPerMinute, perSecond: costPerMinute / 60 };
      const { granted, remaining, retryAfter } = await buckets.take(`cost:${clientKey(client)}`, size, estimated);
      if (!granted) throw rateLimited('cost', retryAfter, `A client may spend ${costPerMinute} in a minute`);
      return { estimated, remaining };
    },
  };
}

function countRates<Name>({ document, operation }: ReadOperation, rates: ReadonlyMap<string, Name>): Map<Name, number> {
  const counts = new Map<Name, number>();
  if (rates.size === 0) return counts;
  for (const field of rootFieldsOf(operation, fragmentsOf(document)).values()) {
    const rate = rates.get(`${rootTypes[operation.operation]}.${field}`);
    if (rate !== undefined) counts.set(rate, (counts.get(rate) ?? 0) + 1);
  }
  return counts;
}

/** What was made of one thing, until it is another. */
function rememberLast<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  let last: { readonly key: Key; readonly value: Value } | undefined;
  return (key) => {
    if (last?.key !== key) last = { key, value: make(key) };
    return last.value;
  };
}
