// Operations that arrive over a live connection (a WebSocket, a stream of server-sent events), made ready and run: queries
// and mutations by the same Apollo Server as over HTTP, subscriptions by LiveSubscriptions.
import type { ApolloServer } from '@apollo/server';
import type { ExecutionResult } from 'graphql';
import { GraphQLError } from 'graphql';
import type { AppError } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import { toAppError } from '../../platform/mask-errors.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import type { GatewayContext } from '../gateway-context.ts';
import type { Client } from '../protection/client.ts';
import type { Protection } from '../protection/open-protection.ts';
import type { OperationCost } from '../protection/operation-gate.ts';
import { readOperationRequest } from '../protection/operation-request.ts';
import type { ReadOperation } from '../protection/read-operation.ts';
import { InvalidOperation } from '../protection/read-operation.ts';
import type { InterruptibleResults } from './interruptible-results.ts';
import { interruptible } from './interruptible-results.ts';
import type { LiveResult, LiveSubscriptions, LiveViewer } from './live-subscriptions.ts';

export interface LiveOperationsOptions {
  readonly graphql: ApolloServer<GatewayContext>;
  readonly protection: Pick<Protection, 'read' | 'admit'>;
  readonly live: LiveSubscriptions;
  readonly log: Logger;
}

/** What may be run. */
export interface ReadyOperation extends ReadOperation {
  /** What it costs, where the client has asked to be told. */
  readonly cost: OperationCost | undefined;
}

export interface Refused {
  readonly errors: readonly GraphQLError[];
}

export interface LiveOperations {
  /** What to run, or why not. `request` is as the client sent it. */
  read(request: unknown, client: Client): Promise<ReadyOperation | Refused>;
  /** A query or mutation. Whatever goes wrong stands in the result. */
  execute(ready: ReadyOperation, viewer: LiveViewer): Promise<ExecutionResult>;
  /** A subscription. A result when it cannot be opened; what ends it later is thrown as an AppError. */
  subscribe(ready: ReadyOperation, viewer: LiveViewer): InterruptibleResults<LiveResult> | Refused;
}

export function createLiveOperations({ graphql, protection, live, log }: LiveOperationsOptions): LiveOperations {
  return {
    async read(given, client) {
      try {
        const request = readOperationRequest(given);
        const read = await protection.read(request);
        if (read.operation.operation === 'subscription') live.check(read);
        const cost = await protection.admit(read, client);
        // Neither a message nor an event has headers that could tell.
        return { ...read, cost: request.extensions?.cost === true ? cost : undefined };
      } catch (error) {
        return error instanceof InvalidOperation ? { errors: error.errors } : refused(error, log);
      }
    },

    async execute({ query, variables, operationName, cost }, viewer) {
      try {
        const contextValue = { caller: await viewer.authenticate(), requestId: newId() };
        const request = { query, variables, ...(operationName === undefined ? {} : { operationName }) };
        const { body } = await graphql.executeOperation(request, { contextValue });
        const result = (body.kind === 'single' ? body.singleResult : body.initialResult) as ExecutionResult;
        return cost === undefined ? result : { ...result, extensions: { cost } };
      } catch (error) {
        return refused(error, log);
      }
    },

    subscribe({ query, document, operationName, variables }, viewer) {
      try {
        return interruptible(live.open({ query, document, operationName, variables, viewer, requestId: newId() }));
      } catch (error) {
        // It was good when it was read: the supergraph has changed since.
        return refused(error, log);
      }
    },
  };
}

export function refused(error: unknown, log: Logger): Refused {
  return { errors: [asGraphqlError(toAppError(error, log))] };
}

export function asGraphqlError(error: AppError): GraphQLError {
  return new GraphQLError(error.message, { extensions: error.extensions });
}
