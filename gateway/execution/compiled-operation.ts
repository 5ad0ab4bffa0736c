// An operation with all that is worked out about it once: its plan as steps, and a writer of its answer for each
// combination of what @skip and @include depend on.
import type { Schema } from '@apollo/federation-internals';
import { operationFromDocument } from '@apollo/federation-internals';
import type { FetchNode, PlanNode } from '@apollo/query-planner';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { type GraphQLError, getVariableValues, Kind, visit } from 'graphql';
import { BoundedCache } from '../../platform/bounded-cache.ts';
import { AppError } from '../../platform/errors.ts';
import { compilePlan } from './compile-plan.ts';
import type { Shape } from './compile-shape.ts';
import { compileShape } from './compile-shape.ts';
import { compileIntrospection } from './introspection.ts';
import type { OperationPlanner, PlannedOperation } from './planner.ts';
import type { Conditions } from './response-fields.ts';
import type { Step } from './run.ts';
import type { TypeConditions } from './type-conditions.ts';
import { whenKnown } from './when-known.ts';

type Variables = Readonly<Record<string, unknown>>;

export interface CompiledOperation {
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly definition: OperationDefinitionNode;
  /** Of a subscription: what the subgraph that has the events answers already. */
  readonly primary: FetchNode | undefined;
  /** What is wrong with the variables, or the conditions that they set. */
  readVariables(variables: Variables): readonly GraphQLError[] | Conditions;
  /** Throws or rejects as planning does. A promise only where the variant has to be planned. */
  variantFor(conditions: Conditions): Variant | Promise<Variant>;
}

/** What is done, and answered, where conditions are decided in one way. */
export interface Variant {
  /** Of a subscription: what comes after the primary fetch. */
  readonly plan: PlanNode | undefined;
  readonly run: Step;
  readonly shape: Shape;
}

export interface OperationParts {
  /** The text of the document. */
  readonly source: string;
  /** How many it has. */
  readonly selections: number;
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
  readonly operationName: string | undefined;
  readonly planner: OperationPlanner;
  /** What clients see, in both forms. */
  readonly apiSchema: Schema;
  readonly schema: GraphQLSchema;
  readonly types: TypeConditions;
}

const keptVariants = 64;
const none: Conditions = new Map();

/** Throws or rejects as planning does. */
export function compileOperation(parts: OperationParts): CompiledOperation | Promise<CompiledOperation> {
  const { source, operationName, selections, planner } = parts;
  return whenKnown(planner.plan({ source, operationName, selections }), (planned) => compilePlanned(parts, planned));
}

function compilePlanned(parts: OperationParts, planned: PlannedOperation): CompiledOperation {
  const { source, document, definition, operationName, selections, planner, apiSchema, schema, types } = parts;
  const { node } = planned;
  const [primary, plan] = node?.kind === 'Subscription' ? [node.primary, node.rest] : [undefined, node];
  // The events of a subscription come by one plan, whatever the conditions.
  const isForAll = planned.leftOut === undefined || primary !== undefined;
  if (isForAll) requireComplete(planned);
  const runForAll = isForAll ? compilePlan(plan, types) : undefined;
  const operation = operationFromDocument(apiSchema, document, operationName ? { operationName } : {});
  const conditionNames = findConditionNames(document, definition);
  const variants = new BoundedCache<string, Variant | Promise<Variant>>(keptVariants);
  const { variableDefinitions = [] } = definition;

  function compileVariant(conditions: Conditions): Variant | Promise<Variant> {
    const shape = compileShape({
      operation,
      apiSchema,
      conditions,
      introspect: (responseName, selections) => compileIntrospection(schema, definition, responseName, selections),
    });
    if (runForAll !== undefined) return { plan, run: runForAll, shape };
    return whenKnown(planner.plan({ source, operationName, conditions, selections }), (decided) => {
      requireComplete(decided);
      const own = decided.node as PlanNode | undefined;
      return { plan: own, run: compilePlan(own, types), shape };
    });
  }

  /** Whoever asks for a variant that is being planned waits for the same plan; one that cannot be planned is not kept. */
  function keepVariant(key: string, found: Variant | Promise<Variant>): void {
    variants.set(key, found);
    if (found instanceof Promise) {
      found.then(
        (variant) => variants.set(key, variant),
        () => variants.delete(key),
      );
    }
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
      keepVariant(key, variant);
      return variant;
    },
  };
}

function requireComplete({ leftOut }: PlannedOperation): void {
  if (leftOut === undefined) return;
  const { coordinate, path } = leftOut;
  const message = `${coordinate} cannot be fetched at ${path}: no way leads there to a service that has it.`;
  throw new AppError('BAD_REQUEST', message, { field: coordinate });
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
