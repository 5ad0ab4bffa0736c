// What one caller gets of events: asks the service that has the field, then completes what it answered. All or nothing:
// where a service is away it throws, and who asked tries again.
import type { GraphQLFormattedError } from 'graphql';
import type { LogEvent } from '../../platform/events/event.ts';
import type { Caller } from '../../platform/identity/identity.ts';
import type { EventResults, SubgraphTransport } from '../../platform/subgraph/transport.ts';
import type { SupergraphState } from '../supergraph-state.ts';
import type { CompletedEvent } from './complete-event.ts';
import { completeEvents } from './complete-event.ts';
import type { SubscriptionPlan } from './plan-subscription.ts';
import { away } from './until-served.ts';

/** An operation with its variables, as it is served by the supergraph of a time. */
export interface ServedOperation {
  readonly state: SupergraphState;
  readonly plan: SubscriptionPlan;
  readonly transport: SubgraphTransport;
  /** Event types that can concern it; undefined: all. */
  readonly topics: ReadonlySet<string> | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly requestId: string;
  /** Fires when nobody waits for an answer any more. */
  readonly signal: AbortSignal;
  readonly formatError: (error: unknown) => GraphQLFormattedError;
}

/** The operation as it is served now. `replaced` fires when that changes, or when nobody subscribes any more. */
export interface CurrentOperation extends ServedOperation {
  readonly replaced: AbortSignal;
}

/** For each event its result, or null where the caller gets nothing of it. Throws an AppError that ends a subscription. */
export async function serveEvents(
  operation: ServedOperation,
  caller: Caller,
  events: readonly LogEvent[],
): Promise<(CompletedEvent | null)[]> {
  const { requestId, signal } = operation;
  const results = await ask(operation, caller, events);
  const concerning = results.filter((result) => result !== null);
  const completed = await completeEvents(concerning, { ...operation, context: { caller, requestId, signal } });
  for (const { errors } of completed) {
    const missing = errors?.find(({ extensions }) => extensions?.code === 'SERVICE_UNAVAILABLE');
    if (missing !== undefined) throw away(missing.message);
  }
  let next = 0;
  return results.map((result) => (result === null ? null : (completed[next++] ?? null)));
}

/** Whether the caller may follow the operation with these arguments at all: throws if not. */
export async function checkFollowing(operation: ServedOperation, caller: Caller): Promise<void> {
  await ask(operation, caller, []);
}

function ask(operation: ServedOperation, caller: Caller, events: readonly LogEvent[]): Promise<EventResults> {
  const { plan, variables, transport, requestId, signal } = operation;
  const used = plan.primary.variableUsages ?? [];
  return transport.executeEvents({
    query: plan.primary.operation,
    operationName: plan.primary.operationName,
    variables: Object.fromEntries(
      used.flatMap((name) => (Object.hasOwn(variables, name) ? [[name, variables[name]]] : [])),
    ),
    caller,
    requestId,
    signal,
    events,
  });
}
