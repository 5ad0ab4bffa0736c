// An operation with all that is worked out about it once: its plan as steps, and a writer of its answer for each
// combination of what @skip and @include depend on.
import type { FetchNode, PlanNode } from '@apollo/query-planner';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { type GraphQLError, getVariableValues, Kind, visit } from 'graphql';
import { BoundedCache } from '../../platform/bounded-cache.ts';
import { AppError } from '../../platform/errors.ts';
import { compilePlan } from './compile-plan.ts';
import type { Shape } from './compile-shape.ts';
import { compileShape } from './compile-shape.ts';
import { decideConditions } from './decide-conditions.ts';
import { compileIntrospection } from './introspection.ts';
import type { OperationPlanner } from './plan-operation.ts';
import type { Conditions } from './response-fields.ts';
import type { Step } from './run.ts';
import type { TypeConditions } from './type-conditions.ts';

type Variables = Readonly<Record<string, unknown>>;

export interface CompiledOperation {
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly definition: OperationDefinitionNode;
  /** Of a subscription: what the subgraph that has the events answers already. */
  readonly primary: FetchNode | undefined;
  /** What is wrong with the variables, or the conditions that they set. */
  readVariables(variables: Variables): readonly GraphQLError[] | Conditions;
  /** Throws as planning does. */
  variantFor(conditions: Conditions): Variant;
}

/** What is done, and answered, where conditions are decided in one way. */
export interface Variant {
  /** Of a subscription: what comes after the primary fetch. */
  readonly plan: PlanNode | undefined;
  readonly run: Step;
  readonly shape: Shape;
}

export interface OperationParts {
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
  readonly operationName: string | undefined;
  readonly planner: OperationPlanner;
  /** What clients see. */
  readonly schema: GraphQLSchema;
  readonly types: TypeConditions;
}

const keptVariants = 64;
const none: Conditions = new Map();

export function compileOperation(parts: OperationParts): CompiledOperation {
  const { document, definition, operationName, planner, schema, types } = parts;
  const planned = planner.plan(document, definition, operationName);
  const { node } = planned.plan;
  const [primary, plan] = node?.kind === 'Subscription' ? [node.primary, node.rest] : [undefined, node];
  // The events of a subscription come by one plan, whatever the conditions.
  const isForAll = planned.leftOut === undefined || primary !== undefined;
  if (isForAll) planner.requireComplete(planned);
  const runForAll = isForAll ? compilePlan(plan, types) : undefined;
  const conditionNames = findConditionNames(document, definition);
  const variants = new BoundedCache<string, Variant>(keptVariants);
  const { variableDefinitions = [] } = definition;

  function compileVariant(conditions: Conditions): Variant {
    const shape = compileShape({
      operation: planned.operation,
      apiSchema: planned.apiSchema,
      conditions,
      introspect: (responseName, selections) => compileIntrospection(schema, definition, responseName, selections),
    });
    if (runForAll !== undefined) return { plan, run: runForAll, shape };
    const decided = planner.plan(decideConditions(document, conditions), definition, operationName);
    planner.requireComplete(decided);
    const own = decided.plan.node as PlanNode | undefined;
    return { plan: own, run: compilePlan(own, types), shape };
  }

  return {
    document,
    operationName,
    definition,
    primary,
    readVariables(variables) {
      if (variableDefinitions.length === 0) return none;
      const { coerced, errors } = getVariableValues(schema, variableDefinitions, variables);
      if (errors !== undefined) return errors;
      return conditionNames.length === 0 ? none : readConditions(conditionNames, coerced);
    },
    variantFor(conditions) {
      const key = conditionNames.map((name) => (conditions.get(name) ? '1' : '0')).join('');
      const known = variants.get(key);
      if (known !== undefined) return known;
      const variant = compileVariant(conditions);
      variants.set(key, variant);
      return variant;
    },
  };
}

function readConditions(names: readonly string[], coerced: Variables): Conditions {
  const conditions = new Map<string, boolean>();
  for (const name of names) {
    const value = coerced[name];
    if (typeof value !== 'boolean') {
      // GraphQL permits a nullable variable with a default here, and then a null that replaces the default.
      throw new AppError('BAD_USER_INPUT', `$${name}: @skip and @include need true or false.`, { field: name });
    }
    conditions.set(name, value);
  }
  return conditions;
}

/** Of all fragments of the document: those that the operation does not use depend on variables that it does not have. */
function findConditionNames(document: DocumentNode, definition: OperationDefinitionNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive(directive) {
      if (directive.name.value !== 'skip' && directive.name.value !== 'include') return;
      for (const { value } of directive.arguments ?? []) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  const own = new Set((definition.variableDefinitions ?? []).map(({ variable }) => variable.name.value));
  return [...names].filter((name) => own.has(name)).toSorted();
}
