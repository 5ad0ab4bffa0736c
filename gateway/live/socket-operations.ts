// What arrives over a WebSocket, made ready and run: queries and mutations by the same Apollo Server as over HTTP,
// subscriptions by following the log.
import type { ApolloServer } from '@apollo/server';
import type { ExecutionArgs, ExecutionResult } from 'graphql';
import { GraphQLError, getOperationAST, parse, specifiedRules, validate } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { AppError } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import { toAppError } from '../../platform/mask-errors.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import type { Authenticate } from '../authenticate.ts';
import type { GatewayContext } from '../gateway-context.ts';
import { checkOperationText, checkVariables, depthLimit, mostTokens } from '../limits.ts';
import type { Metrics } from '../metrics.ts';
import type { SupergraphHolder } from '../supergraph-holder.ts';
import type { LiveResult, LiveSubscriptions } from './live-subscriptions.ts';

export interface SocketOperationsOptions {
  readonly graphql: ApolloServer<GatewayContext>;
  readonly supergraph: SupergraphHolder;
  readonly live: LiveSubscriptions;
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
  const { supergraph, live, log, authenticate } = options;
  const rules = [...specifiedRules, depthLimit(options.maxDepth)];

  function readOperation(payload: SubscribePayload): ExecutionArgs | readonly GraphQLError[] {
    checkOperationText(payload.query);
    checkVariables(payload.variables);
    const document = parse(payload.query, { maxTokens: mostTokens });
    const { schema } = supergraph.current();
    const faults = validate(schema, document, rules);
    if (faults.length > 0) return faults.map((fault) => withCode(fault, 'GRAPHQL_VALIDATION_FAILED'));
    const operationName = payload.operationName ?? undefined;
    const operation = getOperationAST(document, operationName);
    if (!operation) throw new AppError('BAD_REQUEST', 'operationName: there is no such operation in the document.');
    if (operation.operation === 'subscription') live.check({ query: payload.query, document, operationName });
    const variableValues = payload.variables ?? null;
    return { schema, document, operationName: operationName ?? null, variableValues };
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
      const results = live.open({
        query: payload.query,
        document: args.document,
        operationName: args.operationName ?? undefined,
        variables: payload.variables ?? {},
        viewer: { authenticate: () => authenticate(authorization) },
        requestId: newId(),
      });
      return plainResults(results);
    },
  };
}

/** Not a generator: that would notice its end only with the next result. */
function plainResults(results: AsyncIterableIterator<LiveResult>): AsyncIterableIterator<ExecutionResult> {
  const plain = (item: IteratorResult<LiveResult>): IteratorResult<ExecutionResult> =>
    item.done ? { done: true, value: undefined } : { done: false, value: item.value.result };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: async () => plain(await results.next()),
    return: async () => plain((await results.return?.()) ?? { done: true, value: undefined }),
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
