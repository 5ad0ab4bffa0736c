// The supergraph that the gateway serves, changed whole: for queries and mutations an ApolloGateway, for subscriptions
// the state in the holder. What was validated against a schema is planned and executed by the gateway of that schema,
// so that an operation under way ends on the supergraph that it began with.
import type { ApolloGateway } from '@apollo/gateway';
import type { ApolloServerOptionsWithGateway } from '@apollo/server';
import type { GraphQLSchema } from 'graphql';
import { parse } from 'graphql';
import { invariant } from '../platform/errors.ts';
import type { Logger } from '../platform/subgraph/context.ts';
import { subscriptionTopics } from '../platform/subgraph/contract.ts';
import type { Contract } from './compose.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { SupergraphHolder } from './supergraph-holder.ts';
import { createSupergraphHolder } from './supergraph-holder.ts';
import type { SupergraphState } from './supergraph-state.ts';
import { buildSupergraphState, createApolloGateway } from './supergraph-state.ts';

/** Contracts and what they compose to. */
export interface ComposedSupergraph {
  readonly contracts: readonly Contract[];
  readonly supergraphSdl: string;
}

export interface ServedSupergraph {
  readonly holder: SupergraphHolder;
  /** For Apollo Server. */
  readonly gateway: ServerGateway;
  current(): ComposedSupergraph;
  /** Takes the place of what is served. Rejects, with nothing changed, when it cannot be planned with. */
  change(next: ComposedSupergraph): Promise<void>;
}

export interface ServedSupergraphParts {
  readonly dataSources: SupergraphState['dataSources'];
  readonly log: Logger;
}

type ServerGateway = ApolloServerOptionsWithGateway<GatewayContext>['gateway'];
type Load = Awaited<ReturnType<ApolloGateway['load']>>;
type Listener = Parameters<ServerGateway['onSchemaLoadOrUpdate']>[0];

export async function serveSupergraph(
  first: ComposedSupergraph,
  parts: ServedSupergraphParts,
): Promise<ServedSupergraph> {
  const executors = new WeakMap<GraphQLSchema, Load['executor']>();
  const listeners = new Set<Listener>();

  async function prepare({ contracts, supergraphSdl }: ComposedSupergraph) {
    const { schema, executor } = await createApolloGateway(supergraphSdl, parts.dataSources, parts.log).load();
    executors.set(schema, executor);
    // Each of the two takes a moment of the processor: requests come in between.
    await new Promise(setImmediate);
    const state = buildSupergraphState({ supergraphSdl, dataSources: parts.dataSources, topics: topicsOf(contracts) });
    return { state, schema };
  }

  let composed = first;
  let { schema, state } = await prepare(first);
  const holder = createSupergraphHolder(state);
  return {
    holder,
    current: () => composed,
    async change(next) {
      ({ schema, state } = await prepare(next));
      composed = next;
      for (const listener of listeners) listener({ apiSchema: schema, coreSupergraphSdl: next.supergraphSdl });
      holder.change(state);
    },
    gateway: {
      onSchemaLoadOrUpdate(listener) {
        listeners.add(listener);
        return () => {
          listeners.delete(listener);
        };
      },
      async load() {
        for (const listener of listeners) listener({ apiSchema: schema, coreSupergraphSdl: composed.supergraphSdl });
        return {
          executor: async (request) => {
            const executor = executors.get(request.schema);
            invariant(executor !== undefined, 'operations are validated against a schema that was served');
            return executor(request);
          },
        };
      },
      async stop() {
        listeners.clear();
      },
    },
  };
}

function topicsOf(contracts: readonly Contract[]): SupergraphState['topics'] {
  return new Map(contracts.map(({ name, sdl }) => [name, subscriptionTopics(parse(sdl))]));
}
