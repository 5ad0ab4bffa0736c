// What arrives over a WebSocket, made ready and run: queries and mutations by the same Apollo Server as over HTTP,
// subscriptions by following the log.
import type { ApolloServer } from '@apollo/server';
import type { ExecutionArgs, ExecutionResult } from 'graphql';
import { GraphQLError, getOperationAST, parse, specifiedRules, validate } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { AppError, invariant } from '../../platform/errors.ts';
import type { EventFeed } from '../../platform/events/feed.ts';
import { newId } from '../../platform/ids.ts';
import { toAppError } from '../../platform/mask-errors.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import type { SubgraphTransport } from '../../platform/subgraph/transport.ts';
import type { Authenticate } from '../authenticate.ts';
import { createFormatError } from '../format-error.ts';
import type { GatewayContext } from '../gateway-context.ts';
import { checkOperationText, checkVariables, depthLimit, mostTokens } from '../limits.ts';
import type { Metrics } from '../metrics.ts';
import type { SupergraphState } from '../supergraph-state.ts';
import { closable } from './closable-results.ts';
import { followSubscription } from './follow-subscription.ts';
import { createSubscriptionPlanner } from './plan-subscription.ts';

export interface SocketOperationsOptions {
  readonly graphql: ApolloServer<GatewayContext>;
  readonly state: SupergraphState;
  readonly transports: ReadonlyMap<string, SubgraphTransport>;
  /** For each subgraph, the event types of its subscription fields. */
  readonly topics: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
  /** Undefined where the service `events` is not installed: then nothing can be followed. */
  readonly feed: EventFeed | undefined;
  readonly authenticate: Authenticate;
  readonly maxDepth: number;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** One operation on a socket: what was asked, and with which credentials. */
export interface SocketOperation {
  readonly payload: SubscribePayload;
  readonly authorization: string | undefined;
}

export interface SocketOperations {
  /** What to execute, or what is wrong with it. */
  read(payload: SubscribePayload): ExecutionArgs | readonly GraphQLError[];
  execute(args: ExecutionArgs, operation: SocketOperation): Promise<ExecutionResult>;
  subscribe(args: ExecutionArgs, operation: SocketOperation): AsyncIterableIterator<ExecutionResult>;
}

export function createSocketOperations(options: SocketOperationsOptions): SocketOperations {
  const { state, log, authenticate } = options;
  const plan = createSubscriptionPlanner(state);
  const formatError = createFormatError(log);
  const rules = [...specifiedRules, depthLimit(options.maxDepth)];

  function readOperation(payload: SubscribePayload): ExecutionArgs | readonly GraphQLError[] {
    checkOperationText(payload.query);
    checkVariables(payload.variables);
    const document = parse(payload.query, { maxTokens: mostTokens });
    const faults = validate(state.schema, document, rules);
    if (faults.length > 0) return faults.map((fault) => withCode(fault, 'GRAPHQL_VALIDATION_FAILED'));
    const operationName = payload.operationName ?? undefined;
    const operation = getOperationAST(document, operationName);
    if (!operation) throw new AppError('BAD_REQUEST', 'operationName: there is no such operation in the document.');
    if (operation.operation === 'subscription') {
      if (options.feed === undefined) throw new AppError('SERVICE_UNAVAILABLE', 'The service events is not installed.');
      plan(payload.query, document, operationName);
    }
    const variableValues = payload.variables ?? null;
    return { schema: state.schema, document, operationName: operationName ?? null, variableValues };
  }

  return {
    read(payload) {
      try {
        return readOperation(payload);
      } catch (error) {
        if (error instanceof AppError) return [asGraphqlError(error)];
        if (error instanceof GraphQLError) return [withCode(error, 'GRAPHQL_PARSE_FAILED')];
        // graphql-js throws, instead of reporting, for a condition on a subscription's root field.
        return [asGraphqlError(new AppError('BAD_REQUEST', 'The operation cannot be validated.'))];
      }
    },

    async execute(_args, { payload: { query, variables, operationName }, authorization }) {
      try {
        const contextValue = { caller: await authenticate(authorization), requestId: newId() };
        const request = { query, ...(variables ? { variables } : {}), ...(operationName ? { operationName } : {}) };
        const { body } = await options.graphql.executeOperation(request, { contextValue });
        return (body.kind === 'single' ? body.singleResult : body.initialResult) as ExecutionResult;
      } catch (error) {
        return { errors: [asGraphqlError(toAppError(error, log))] };
      }
    },

    subscribe(args, { payload, authorization }) {
      const planned = plan(payload.query, args.document, args.operationName ?? undefined);
      const transport = options.transports.get(planned.service);
      invariant(transport !== undefined && options.feed !== undefined, 'what was read can be followed');
      const topics = options.topics.get(planned.service)?.get(planned.field.name.value) ?? ['*'];
      const closing = new AbortController();
      const results = followSubscription({
        feed: options.feed,
        transport,
        topics: topics.includes('*') ? undefined : new Set(topics),
        plan: planned,
        state,
        variables: payload.variables ?? {},
        authenticate: () => authenticate(authorization),
        requestId: newId(),
        signal: closing.signal,
        formatError,
        log,
      });
      options.metrics.subscriptions.inc();
      options.metrics.subscribed.inc();
      return closable(results, {
        onItem: () => options.metrics.delivered.inc(),
        onClose: () => {
          options.metrics.subscriptions.dec();
          closing.abort();
        },
      });
    },
  };
}

export function asGraphqlError(error: AppError): GraphQLError {
  return new GraphQLError(error.message, { extensions: error.extensions });
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  const { message, nodes, source, positions, path, extensions } = error;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    extensions: { code, ...extensions },
  });
}
