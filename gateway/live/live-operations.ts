// Operations that arrive over a live connection (a WebSocket, a stream of server-sent events), made ready and run: queries
// and mutations by the same Apollo Server as over HTTP, subscriptions by LiveSubscriptions.
import type { ApolloServer } from '@apollo/server';
import type { ExecutionArgs, ExecutionResult } from 'graphql';
import { GraphQLError, getOperationAST, parse, specifiedRules, validate } from 'graphql';
import { AppError } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import { toAppError } from '../../platform/mask-errors.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import type { Tracing } from '../../platform/tracing/tracing.ts';
import type { AccessLog } from '../access-log/access-log.ts';
import { type AccessNote, errorCodesOf, rootFieldsOf } from '../access-log/access-note.ts';
import { recordLive } from '../access-log/record-live.ts';
import type { GatewayContext } from '../gateway-context.ts';
import { checkOperationText, checkVariables, depthLimit, mostTokens } from '../limits.ts';
import type { SupergraphHolder } from '../supergraph-holder.ts';
import type { InterruptibleResults } from './interruptible-results.ts';
import { interruptible } from './interruptible-results.ts';
import type { LiveClient, LiveResult, LiveSubscriptions } from './live-subscriptions.ts';

export interface LiveOperationsOptions {
  readonly graphql: ApolloServer<GatewayContext>;
  readonly supergraph: SupergraphHolder;
  readonly live: LiveSubscriptions;
  readonly maxDepth: number;
  readonly accessLog: AccessLog;
  readonly tracing: Tracing;
  readonly log: Logger;
}

/** What a client asks for, its shape checked by the transport. */
export interface OperationRequest {
  readonly query: string;
  readonly operationName?: string | undefined | null;
  readonly variables?: Record<string, unknown> | undefined | null;
}

export interface Refused {
  readonly errors: readonly GraphQLError[];
}

export interface LiveOperations {
  /** What to execute, or what is wrong with it. */
  read(request: OperationRequest): ExecutionArgs | readonly GraphQLError[];
  /** A query or mutation. Whatever goes wrong stands in the result. */
  execute(request: OperationRequest, client: LiveClient): Promise<ExecutionResult>;
  /** A subscription that has been read. A result when it cannot be opened; what ends it later is thrown as an AppError. */
  subscribe(
    args: ExecutionArgs,
    request: OperationRequest,
    client: LiveClient,
  ): InterruptibleResults<LiveResult> | Refused;
}

export function createLiveOperations(options: LiveOperationsOptions): LiveOperations {
  const { supergraph, live, accessLog, log } = options;
  const rules = [...specifiedRules, depthLimit(options.maxDepth)];

  function readOperation({ query, variables, ...request }: OperationRequest): ExecutionArgs | readonly GraphQLError[] {
    checkOperationText(query);
    checkVariables(variables);
    const document = parse(query, { maxTokens: mostTokens });
    const { schema } = supergraph.current();
    const faults = validate(schema, document, rules);
    if (faults.length > 0) return faults.map((fault) => withCode(fault, 'GRAPHQL_VALIDATION_FAILED'));
    const operationName = request.operationName ?? undefined;
    const operation = getOperationAST(document, operationName);
    if (!operation) throw new AppError('BAD_REQUEST', 'operationName: there is no such operation in the document.');
    if (operation.operation === 'subscription') live.check({ query, document, operationName });
    return { schema, document, operationName: operationName ?? null, variableValues: variables ?? null };
  }

  return {
    read(request) {
      try {
        return readOperation(request);
      } catch (error) {
        if (error instanceof AppError) return [asGraphqlError(error)];
        if (error instanceof GraphQLError) return [withCode(error, 'GRAPHQL_PARSE_FAILED')];
        // graphql-js throws, instead of reporting, for a condition on a subscription's root field.
        return [asGraphqlError(new AppError('BAD_REQUEST', 'The operation cannot be validated.'))];
      }
    },

    async execute({ query, variables, operationName }, client) {
      const [since, requestId, note] = [performance.now(), newId(), {} as AccessNote];
      try {
        const contextValue = { caller: await client.authenticate(), requestId, note };
        const request = { query, ...(variables ? { variables } : {}), ...(operationName ? { operationName } : {}) };
        const { body } = await options.tracing.within('operation on a live connection', {}, () =>
          options.graphql.executeOperation(request, { contextValue }),
        );
        return (body.kind === 'single' ? body.singleResult : body.initialResult) as ExecutionResult;
      } catch (error) {
        const refusal = refused(error, log);
        note.errorCodes = errorCodesOf(refusal.errors);
        return refusal;
      } finally {
        recordLive(accessLog, { client: client.facts, caller: client.caller, requestId, note, since });
      }
    },

    subscribe(args, { query, variables }, client) {
      const operation = { query, document: args.document, operationName: args.operationName ?? undefined };
      const [requestId, note] = [newId(), noteOfSubscription(args)];
      try {
        const viewer = client;
        return interruptible(live.open({ ...operation, variables: variables ?? {}, viewer, requestId }));
      } catch (error) {
        // It was good when it was read: the supergraph has changed since.
        const refusal = refused(error, log);
        note.errorCodes = errorCodesOf(refusal.errors);
        return refusal;
      } finally {
        recordLive(accessLog, { client: client.facts, caller: client.caller, requestId, note });
      }
    },
  };
}

function noteOfSubscription({ document, operationName }: ExecutionArgs): AccessNote {
  const operation = getOperationAST(document, operationName);
  return {
    operationName: operation?.name?.value,
    rootFields: operation == null ? [] : rootFieldsOf(document, operation),
  };
}

export function refused(error: unknown, log: Logger): Refused {
  return { errors: [asGraphqlError(toAppError(error, log))] };
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
