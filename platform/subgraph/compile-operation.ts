// Operations of a subgraph, validated and compiled once each by graphql-jit and kept by their text.
import type { DocumentNode, ExecutionResult, OperationDefinitionNode } from 'graphql';
import {
  GraphQLError,
  GraphQLScalarType,
  GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  parse,
  validate,
  visit,
} from 'graphql';
import type { CompiledQuery } from 'graphql-jit';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import { BoundedCache } from '../bounded-cache.ts';
import type { HoistedDocument } from './hoist-literals.ts';
import { hoistLiterals, literalValues } from './hoist-literals.ts';

export interface CompiledOperation {
  readonly operation: OperationDefinitionNode;
  readonly run: CompiledQuery['query'];
}

export type Compiler = (query: string, operationName: string | undefined) => CompiledOperation | ExecutionResult;

const keptOperations = 1_000;

export function createCompiler(schema: GraphQLSchema): Compiler {
  const cache = new BoundedCache<string, CompiledOperation>(keptOperations);
  const schemas = { schema, forJit: withCoercedType(schema) };
  return (query, operationName) => {
    const key = `${operationName ?? ''}\n${query}`;
    const known = cache.get(key);
    if (known !== undefined) return known;
    const compiled = compile(schemas, query, operationName);
    if ('run' in compiled) cache.set(key, compiled);
    return compiled;
  };
}

/**
 * Variables are coerced by GraphQL's own code, and graphql-jit takes what comes out as it is. Its own coercion refuses a
 * required input field with a default that is left out, and writes code without end for an input type that contains itself.
 */
const Coerced = new GraphQLScalarType({ name: '_Coerced' });

interface Schemas {
  readonly schema: GraphQLSchema;
  /** The same types and the one for coerced variables. */
  readonly forJit: GraphQLSchema;
}

function withCoercedType(schema: GraphQLSchema): GraphQLSchema {
  const config = schema.toConfig();
  return new GraphQLSchema({ ...config, types: [...config.types, Coerced], assumeValid: true });
}

function forCompilation({ document, literals }: HoistedDocument): DocumentNode {
  const type = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: Coerced.name } } as const;
  const definition = (name: string) =>
    ({
      kind: Kind.VARIABLE_DEFINITION,
      variable: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } },
      type,
    }) as const;
  return visit(document, {
    OperationDefinition: (node) => ({
      ...node,
      variableDefinitions: [
        ...(node.variableDefinitions ?? []).map(({ variable }) => definition(variable.name.value)),
        ...literals.map(({ name }) => definition(name)),
      ],
    }),
  });
}

function compile(
  { schema, forJit }: Schemas,
  query: string,
  operationName: string | undefined,
): CompiledOperation | ExecutionResult {
  let document: ReturnType<typeof parse>;
  try {
    document = parse(query, { maxTokens: 20_000 });
  } catch (error) {
    return { errors: [error as GraphQLError] };
  }
  const faults = validate(schema, document);
  if (faults.length > 0) return { errors: faults };
  const operation = getOperationAST(document, operationName);
  if (!operation) return { errors: [new GraphQLError('There is no such operation in the document.')] };
  const hoisted = hoistLiterals(schema, document);
  const compiled = compileQuery(forJit, forCompilation(hoisted), operationName);
  if (!isCompiledQuery(compiled)) return compiled;
  return {
    operation,
    run(root, context, variables) {
      const { errors, coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {});
      if (errors !== undefined) return { errors };
      try {
        return compiled.query(root, context, { ...coerced, ...literalValues(hoisted.literals, coerced) });
      } catch (error) {
        if (error instanceof GraphQLError) return { errors: [error] };
        throw error;
      }
    },
  };
}
