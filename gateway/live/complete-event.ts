// Completes an event for one viewer: takes what the subgraph made of it as the answer of the plan's primary fetch,
// runs the rest of the plan as the viewer, and shapes the result as for a query.
import type { GraphQLDataSource } from '@apollo/gateway';
import { executeQueryPlan } from '@apollo/gateway/dist/executeQueryPlan.js';
import type { QueryPlan } from '@apollo/query-planner';
import type { ExecutionResult, FragmentDefinitionNode, GraphQLError, GraphQLFormattedError } from 'graphql';
import { Kind } from 'graphql';
import type { GatewayContext } from '../gateway-context.ts';
import type { SupergraphState } from '../supergraph-state.ts';
import type { SubscriptionPlan } from './plan-subscription.ts';

export interface EventCompletion {
  readonly state: SupergraphState;
  readonly plan: SubscriptionPlan;
  readonly dataSources: SupergraphState['dataSources'];
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: GatewayContext;
  readonly formatError: (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError;
}

export async function completeEvent(result: ExecutionResult, completion: EventCompletion): Promise<ExecutionResult> {
  const { state, plan, dataSources, variables, context } = completion;
  const answer: GraphQLDataSource = {
    process: async (options) => {
      // The same subgraph may be asked again in the rest of the plan; only the primary fetch is answered already.
      if (options.request.query === plan.primary.operation) return result as never;
      return (dataSources[plan.service] as GraphQLDataSource).process(options);
    },
  };
  const fragments = plan.document.definitions.filter(
    (node): node is FragmentDefinitionNode => node.kind === Kind.FRAGMENT_DEFINITION,
  );
  const queryPlan: QueryPlan = {
    kind: 'QueryPlan',
    node: { kind: 'Sequence', nodes: plan.rest === undefined ? [plan.primary] : [plan.primary, plan.rest] },
  };
  const { data, errors } = await executeQueryPlan(
    queryPlan,
    { ...dataSources, [plan.service]: answer },
    // Of a request the executor reads the variables, the context and the metrics only.
    { request: { variables }, context, metrics: {}, schema: state.schema } as never,
    {
      schema: state.schema,
      operation: plan.operation,
      fragments: Object.fromEntries(fragments.map((fragment) => [fragment.name.value, fragment])),
    },
    state.supergraphSchema,
    state.apiSchema,
  );
  const formatted = errors?.map((error) => completion.formatError(error.toJSON(), error) as GraphQLError);
  return { ...(data === undefined ? {} : { data }), ...(formatted === undefined ? {} : { errors: formatted }) };
}
