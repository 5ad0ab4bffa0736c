// Operations that arrive over a live connection (a WebSocket, a stream of server-sent events), made ready and run: queries
// and mutations as over HTTP, subscriptions by LiveSubscriptions.
import { GraphQLError } from 'graphql';
import type { AppError } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import { toAppError } from '../../platform/mask-errors.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import type { Tracing } from '../../platform/tracing/tracing.ts';
import type { AccessLog } from '../access-log/access-log.ts';
import { emptyNote, noteErrors, noteOfOperation } from '../access-log/access-note.ts';
import { recordLive } from '../access-log/record-live.ts';
import type { OperationResult, Operations } from '../operations.ts';
import type { Client } from '../protection/client.ts';
import type { Protection } from '../protection/open-protection.ts';
import type { OperationCost } from '../protection/operation-gate.ts';
import { readOperationRequest } from '../protection/operation-request.ts';
import type { ReadOperation } from '../protection/read-operation.ts';
import { InvalidOperation } from '../protection/read-operation.ts';
import type { InterruptibleResults } from './interruptible-results.ts';
import { interruptible } from './interruptible-results.ts';
import type { LiveClient, LiveResult, LiveSubscriptions } from './live-subscriptions.ts';

export interface LiveOperationsOptions {
  readonly operations: Operations;
  readonly protection: Pick<Protection, 'read' | 'admit'>;
  readonly live: LiveSubscriptions;
  readonly accessLog: AccessLog;
  readonly tracing: Tracing;
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

export type LiveAnswer = (OperationResult & { readonly extensions?: { readonly cost: OperationCost } }) | Refused;

export interface LiveOperations {
  /** What to run, or why not. `request` is as the client sent it; `counted` is what its cost is counted by. */
  read(request: unknown, counted: Client, client: LiveClient): Promise<ReadyOperation | Refused>;
  /** A query or mutation. Whatever goes wrong stands in the result; its data is text (PreparedData). */
  execute(ready: ReadyOperation, client: LiveClient): Promise<LiveAnswer>;
  /** A subscription. A result when it cannot be opened; what ends it later is thrown as an AppError. */
  subscribe(ready: ReadyOperation, client: LiveClient): Promise<InterruptibleResults<LiveResult> | Refused>;
}

export function createLiveOperations(options: LiveOperationsOptions): LiveOperations {
  const { operations, protection, live, accessLog, tracing, log } = options;
  return {
    async read(given, counted, client) {
      try {
        const request = readOperationRequest(given);
        const read = await protection.read(request);
        if (read.operation.operation === 'subscription') await live.check(read);
        const cost = await protection.admit(read, counted);
        // Neither a message nor an event has headers that could tell.
        return { ...read, cost: request.extensions?.cost === true ? cost : undefined };
      } catch (error) {
        const refusal = error instanceof InvalidOperation ? { errors: error.errors } : refused(error, log);
        const note = emptyNote();
        noteErrors(note, refusal.errors);
        recordLive(accessLog, { client: client.facts, caller: client.caller, requestId: newId(), note });
        return refusal;
      }
    },

    async execute(ready, client) {
      const { cost } = ready;
      const [since, requestId, note] = [performance.now(), newId(), noteOfOperation(ready)];
      try {
        const context = { caller: await client.authenticate(), requestId, note };
        const result = await tracing.within('operation on a live connection', {}, () =>
          operations.execute(ready, context),
        );
        noteErrors(note, result.errors);
        return cost === undefined ? result : { ...result, extensions: { cost } };
      } catch (error) {
        const refusal = refused(error, log);
        noteErrors(note, refusal.errors);
        return refusal;
      } finally {
        recordLive(accessLog, { client: client.facts, caller: client.caller, requestId, note, since });
      }
    },

    async subscribe(ready, client) {
      const { query, document, operationName, variables } = ready;
      const [requestId, note] = [newId(), noteOfOperation(ready)];
      try {
        const viewer = client;
        return interruptible(await live.open({ query, document, operationName, variables, viewer, requestId }));
      } catch (error) {
        // It was good when it was read: the supergraph has changed since.
        const refusal = refused(error, log);
        noteErrors(note, refusal.errors);
        return refusal;
      } finally {
        recordLive(accessLog, { client: client.facts, caller: client.caller, requestId, note });
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
