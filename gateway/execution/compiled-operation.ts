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
import { compileIntrospection } from './introspection.ts';
import type { Planned } from './plan-operation.ts';
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
  readonly rest: PlanNode | undefined;
  readonly run: Step;
  /** What is wrong with the variables, or the conditions that they set. */
  readVariables(variables: Variables): readonly GraphQLError[] | Conditions;
  shapeFor(conditions: Conditions): Shape;
}

export interface OperationParts {
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
  readonly operationName: string | undefined;
  readonly planned: Planned;
  /** What clients see. */
  readonly schema: GraphQLSchema;
  readonly types: TypeConditions;
}

const keptShapes = 64;
const none: Conditions = new Map();

export function compileOperation(parts: OperationParts): CompiledOperation {
  const { document, definition, operationName, planned, schema, types } = parts;
  const { node } = planned.plan;
  const [primary, rest] = node?.kind === 'Subscription' ? [node.primary, node.rest] : [undefined, node];
  const conditionNames = findConditionNames(document, definition);
  const shapes = new BoundedCache<string, Shape>(keptShapes);
  const { variableDefinitions = [] } = definition;

  return {
    document,
    operationName,
    definition,
    primary,
    rest,
    run: compilePlan(rest, types),
    readVariables(variables) {
      if (variableDefinitions.length === 0) return none;
      const { coerced, errors } = getVariableValues(schema, variableDefinitions, variables);
      if (errors !== undefined) return errors;
      return conditionNames.length === 0 ? none : readConditions(conditionNames, coerced);
    },
    shapeFor(conditions) {
      const key = conditionNames.map((name) => (conditions.get(name) ? '1' : '0')).join('');
      const known = shapes.get(key);
      if (known !== undefined) return known;
      const shape = compileShape({
        operation: planned.operation,
        apiSchema: planned.apiSchema,
        conditions,
        introspect: (responseName, selections) => compileIntrospection(schema, definition, responseName, selections),
      });
      shapes.set(key, shape);
      return shape;
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
