// Completes events for one viewer: takes what the subgraph made of them as the answers of the plan's primary fetch, runs
// the rest of the plan as the viewer, and shapes the results as for a query. What several events of one batch need of a
// service is asked for together.
import type { ExecutionResult, GraphQLFormattedError } from 'graphql';
import type { PreparedData } from '../execution/prepared-data.ts';
import type { GatewayContext } from '../gateway-context.ts';
import type { SupergraphState } from '../supergraph-state.ts';
import type { SubscriptionPlan } from './plan-subscription.ts';

export interface EventCompletion {
  readonly state: SupergraphState;
  readonly plan: SubscriptionPlan;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: GatewayContext;
  readonly formatError: (error: unknown) => GraphQLFormattedError;
}

/** Fit for clients; `data` is JSON text already. */
export interface CompletedEvent {
  readonly data?: PreparedData;
  readonly errors?: readonly GraphQLFormattedError[];
}

export async function completeEvents(
  results: readonly ExecutionResult[],
  { state, plan, variables, context, formatError }: EventCompletion,
): Promise<readonly CompletedEvent[]> {
  const circumstances = { variables, context, signal: context.signal };
  const answers = await state.executor.completeEvents(plan.compiled, results, circumstances);
  return answers.map(({ data, errors }) => ({
    ...(data === undefined ? {} : { data }),
    ...(errors === undefined ? {} : { errors: errors.map(formatError) }),
  }));
}
