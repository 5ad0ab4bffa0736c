// From a subscription's text to its plan: which subgraph has the events, and what else must be fetched for each.
// Apollo's planner plans subscriptions (its gateway refuses to run them); plans are kept by text.
import type { FetchNode } from '@apollo/query-planner';
import type { DocumentNode, FieldNode, OperationDefinitionNode } from 'graphql';
import { GraphQLError, getArgumentValues, getOperationAST, getVariableValues, Kind, parse, visit } from 'graphql';
import { BoundedCache } from '../../platform/bounded-cache.ts';
import { AppError, invariant } from '../../platform/errors.ts';
import type { CompiledOperation } from '../execution/compiled-operation.ts';
import type { Operation } from '../execution/executor.ts';
import { whenKnown } from '../execution/when-known.ts';
import type { SupergraphState } from '../supergraph-state.ts';

export interface SubscriptionPlan {
  /** That it was planned for. */
  readonly state: SupergraphState;
  /** The subgraph that has the root field. */
  readonly service: string;
  readonly primary: FetchNode;
  readonly compiled: CompiledOperation;
  readonly operation: OperationDefinitionNode;
  /** The root field as it stands in the primary fetch. */
  readonly field: FieldNode;
  /** The variable that is the position to start after, and nothing else; undefined where there is no such variable. */
  readonly positionVariable: string | undefined;
}

const keptPlans = 1_000;

/** The plan is there at once where it was made before. */
export type SubscriptionPlanner = (
  query: string,
  document: DocumentNode,
  operationName: string | undefined,
) => SubscriptionPlan | Promise<SubscriptionPlan>;

export function createSubscriptionPlanner(state: SupergraphState): SubscriptionPlanner {
  const plans = new BoundedCache<string, SubscriptionPlan>(keptPlans);
  return (query, document, operationName) => {
    const key = `${operationName ?? ''}\n${query}`;
    const known = plans.get(key);
    if (known !== undefined) return known;
    return whenKnown(compile(state, { source: query, document, operationName }), (compiled) => {
      const plan = planSubscription(state, compiled);
      plans.set(key, plan);
      return plan;
    });
  };
}

function planSubscription(state: SupergraphState, compiled: CompiledOperation): SubscriptionPlan {
  const { document, primary } = compiled;
  const operation = getOperationAST(document, compiled.operationName);
  invariant(operation?.operation === 'subscription', 'only subscriptions are planned here');
  if (primary === undefined) throw new AppError('BAD_REQUEST', 'The subscription cannot be planned.');
  const [primaryOperation] = parse(primary.operation).definitions;
  invariant(primaryOperation?.kind === Kind.OPERATION_DEFINITION, 'a fetch is an operation');
  const field = primaryOperation.selectionSet.selections.find((one): one is FieldNode => one.kind === Kind.FIELD);
  invariant(field !== undefined, 'a subscription has a root field');
  const positionVariable = findPositionVariable(document, operation);
  return { state, service: primary.serviceName, primary, compiled, operation, field, positionVariable };
}

function findPositionVariable(document: DocumentNode, operation: OperationDefinitionNode): string | undefined {
  // A fragment may hold the root field, too; then nothing is found, and those who resume share with nobody.
  const root = operation.selectionSet.selections.find((one): one is FieldNode => one.kind === Kind.FIELD);
  const value = root?.arguments?.find(({ name }) => name.value === 'after')?.value;
  if (value?.kind !== Kind.VARIABLE) return undefined;
  let uses = 0;
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name }) => {
      if (name.value === value.name.value) uses += 1;
    },
  });
  return uses === 1 ? value.name.value : undefined;
}

function compile(state: SupergraphState, operation: Operation): CompiledOperation | Promise<CompiledOperation> {
  try {
    const compiled = state.executor.compile(operation);
    return compiled instanceof Promise ? compiled.catch(refuse) : compiled;
  } catch (error) {
    return refuse(error);
  }
}

/** The planner throws where `@skip` or `@include` on the root field depends on a variable. */
function refuse(error: unknown): never {
  if (error instanceof AppError) throw error;
  const message = 'The subscription cannot be planned. Its root field cannot depend on a variable.';
  throw new AppError('BAD_REQUEST', message, undefined, { cause: error });
}

/** The arguments of the root field, coerced. BAD_USER_INPUT when the variables do not fit. */
export function rootArguments(
  plan: SubscriptionPlan,
  variables: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { schema } = plan.state;
  const definition = schema.getSubscriptionType()?.getFields()[plan.field.name.value];
  invariant(definition !== undefined, 'a planned root field is in the schema');
  const coerced = getVariableValues(schema, plan.operation.variableDefinitions ?? [], { ...variables });
  if (coerced.errors !== undefined) throw new AppError('BAD_USER_INPUT', coerced.errors[0]?.message);
  try {
    return getArgumentValues(definition, plan.field, coerced.coerced);
  } catch (error) {
    if (error instanceof GraphQLError) throw new AppError('BAD_USER_INPUT', error.message);
    throw error;
  }
}
