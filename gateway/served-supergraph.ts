// The supergraph that the gateway serves, changed whole: for queries and mutations as Apollo Server's gateway, for
// subscriptions as the state in the holder. What was validated against a schema is planned and executed by the executor of
// that schema, so that an operation under way ends on the supergraph that it began with.
import type { ApolloServerOptionsWithGateway } from '@apollo/server';
import type { GraphQLSchema } from 'graphql';
import { parse } from 'graphql';
import { invariant } from '../platform/errors.ts';
import type { Logger } from '../platform/subgraph/context.ts';
import { subscriptionTopics } from '../platform/subgraph/contract.ts';
import type { Contract } from './compose.ts';
import type { Executor } from './execution/executor.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { Metrics } from './metrics.ts';
import type { SupergraphHolder } from './supergraph-holder.ts';
import { createSupergraphHolder } from './supergraph-holder.ts';
import type { SupergraphParts, SupergraphState } from './supergraph-state.ts';
import { buildSupergraphState } from './supergraph-state.ts';

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
  readonly dataSources: SupergraphParts['dataSources'];
  readonly metrics: Pick<Metrics, 'compiled' | 'faults'>;
  readonly log: Logger;
}

type ServerGateway = ApolloServerOptionsWithGateway<GatewayContext>['gateway'];
type Load = Awaited<ReturnType<ServerGateway['load']>>;
type ServerRequest = Parameters<NonNullable<Load['executor']>>[0];
type ServerResult = Awaited<ReturnType<NonNullable<Load['executor']>>>;
type Listener = Parameters<ServerGateway['onSchemaLoadOrUpdate']>[0];

/** So many operations are ready before another supergraph takes over. */
const warmedOperations = 100;

export async function serveSupergraph(
  first: ComposedSupergraph,
  { dataSources, metrics, log }: ServedSupergraphParts,
): Promise<ServedSupergraph> {
  const executors = new WeakMap<GraphQLSchema, Executor>();
  const listeners = new Set<Listener>();

  function prepare({ contracts, supergraphSdl }: ComposedSupergraph): SupergraphState {
    const next = buildSupergraphState({
      supergraphSdl,
      dataSources,
      topics: topicsOf(contracts),
      onCompile: metrics.compiled,
    });
    executors.set(next.schema, next.executor);
    return next;
  }

  let composed = first;
  let state = prepare(first);
  const holder = createSupergraphHolder(state);
  const tell = (listener: Listener) => listener({ apiSchema: state.schema, coreSupergraphSdl: composed.supergraphSdl });
  return {
    holder,
    current: () => composed,
    async change(next) {
      const nextState = prepare(next);
      await nextState.executor.warmUp(state.executor, warmedOperations);
      state = nextState;
      composed = next;
      for (const listener of listeners) tell(listener);
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
        for (const listener of listeners) tell(listener);
        return {
          executor: async (request) => {
            const executor = executors.get(request.schema);
            invariant(executor !== undefined, 'operations are validated against a schema that was served');
            return execute(executor, request, { metrics, log });
          },
        };
      },
      async stop() {
        listeners.clear();
      },
    },
  };
}

async function execute(
  executor: Executor,
  serverRequest: ServerRequest,
  { metrics, log }: Pick<ServedSupergraphParts, 'metrics' | 'log'>,
): Promise<ServerResult> {
  const { request, source, document, context } = serverRequest;
  const { data, errors, faults } = await executor.execute(
    { source, document, operationName: request.operationName },
    { variables: request.variables, context, incomingRequest: serverRequest, signal: context.signal },
  );
  if (faults !== undefined) {
    metrics.faults.inc();
    log.warn(
      { faults: faults.slice(0, 10), requestId: context.requestId },
      'what services answered does not fit the API',
    );
  }
  return {
    ...(data === undefined ? {} : { data: context.dataAsText === true ? data : data.toJSON() }),
    ...(errors === undefined ? {} : { errors }),
  } as ServerResult;
}

function topicsOf(contracts: readonly Contract[]): SupergraphState['topics'] {
  return new Map(contracts.map(({ name, sdl }) => [name, subscriptionTopics(parse(sdl))]));
}
