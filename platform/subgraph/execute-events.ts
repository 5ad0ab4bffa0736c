// Runs a subscription over events: asks the field's source what of each event this viewer may get, and executes the
// operation on it. Nothing is kept between calls, so who calls next may ask any replica, as anybody, from any position.
import type { ExecutionResult, FieldNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { GraphQLError, getArgumentValues, getVariableValues } from 'graphql';
import type { AccessRule } from '../access/shield.ts';
import { AppError } from '../errors.ts';
import { formatResult } from '../mask-errors.ts';
import type { CompiledOperation, Compiler } from './compile-operation.ts';
import type { Context, Logger } from './context.ts';
import type { SubscriptionSource } from './define-subgraph.ts';
import type { EventResults, EventsRequest } from './transport.ts';

export interface EventExecutorParts {
  readonly schema: GraphQLSchema;
  readonly compile: Compiler;
  readonly contextFor: (request: EventsRequest) => Context;
  readonly topics: ReadonlyMap<string, readonly string[]>;
  readonly sources: Readonly<Record<string, SubscriptionSource<unknown>>>;
  readonly rules: Readonly<Record<string, AccessRule>>;
  readonly log: Logger;
}

export function createEventExecutor(parts: EventExecutorParts): (request: EventsRequest) => Promise<EventResults> {
  return async (request) => {
    const compiled = requireCompiled(parts, request);
    const { field, args } = rootField(parts.schema, compiled.operation, request.variables ?? {});
    const name = field.name.value;
    const source = parts.sources[name];
    if (source === undefined) throw new AppError('BAD_REQUEST', `${name} cannot be subscribed to.`);
    parts.rules[name]?.check(request.caller);
    const context = parts.contextFor(request);
    if (request.events.length === 0) {
      await source.check?.(args, context);
      return [];
    }
    const payloads = await source.select(request.events, args, context);
    return Promise.all(
      payloads.map((payload) =>
        payload === undefined ? null : runOn(compiled, { [name]: payload }, { context, request, log: parts.log }),
      ),
    );
  };
}

interface Run {
  readonly context: Context;
  readonly request: EventsRequest;
  readonly log: Logger;
}

async function runOn(
  compiled: CompiledOperation,
  root: object,
  { context, request, log }: Run,
): Promise<ExecutionResult> {
  return formatResult(await compiled.run(root, context, request.variables ?? {}), log);
}

function requireCompiled(parts: EventExecutorParts, request: EventsRequest): CompiledOperation {
  const compiled = parts.compile(request.query, request.operationName);
  if (!('run' in compiled)) {
    throw new AppError('BAD_REQUEST', compiled.errors?.[0]?.message ?? 'The subscription is not valid.');
  }
  if (compiled.operation.operation !== 'subscription') throw new AppError('BAD_REQUEST', 'This is not a subscription.');
  return compiled;
}

function rootField(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
) {
  const field = operation.selectionSet.selections.find((node): node is FieldNode => node.kind === 'Field');
  const definition = field && schema.getSubscriptionType()?.getFields()[field.name.value];
  if (field === undefined || definition === undefined)
    throw new AppError('BAD_REQUEST', 'The subscription names no field.');
  const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], { ...variables });
  if (coerced.errors) throw new AppError('BAD_USER_INPUT', coerced.errors[0]?.message);
  try {
    return { field, args: getArgumentValues(definition, field, coerced.coerced) };
  } catch (error) {
    if (error instanceof GraphQLError) throw new AppError('BAD_USER_INPUT', error.message);
    throw error;
  }
}
