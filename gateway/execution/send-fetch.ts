// Sends a fetch of a plan to its data source: with the variables that it uses, and no others.
import type { GraphQLDataSource } from '@apollo/gateway';
import type { FetchNode } from '@apollo/query-planner';
import type { GraphQLFormattedError } from 'graphql';
import { AppError } from '../../platform/errors.ts';
import type { Run } from './run.ts';
import type { Path } from './tree.ts';

export interface Answer {
  readonly data?: Record<string, unknown> | null | undefined;
  readonly errors?: readonly GraphQLFormattedError[] | undefined;
}

const representationsVariable = 'representations';

/** Rejects with whatever the data source throws. */
export async function sendFetch(
  run: Run,
  node: FetchNode,
  path: Path,
  representations: readonly unknown[] | undefined,
): Promise<Answer> {
  const source = Object.hasOwn(run.dataSources, node.serviceName) ? run.dataSources[node.serviceName] : undefined;
  if (source === undefined) throw new Error(`The supergraph names ${node.serviceName}, which has no data source`);
  const variables: Record<string, unknown> = {};
  for (const name of node.variableUsages ?? []) {
    if (!Object.hasOwn(run.variables, name) || run.variables[name] === undefined) continue;
    if (representations !== undefined && name === representationsVariable) {
      const message = `A variable cannot be named ${representationsVariable} where a service is asked about entities.`;
      throw new AppError('BAD_USER_INPUT', message, { field: name });
    }
    // The parser of GraphQL permits `$__proto__`.
    Object.defineProperty(variables, name, { value: run.variables[name], enumerable: true });
  }
  if (representations !== undefined) variables[representationsVariable] = representations;
  return (await source.process({
    // Loading the enumeration would load Apollo's whole gateway.
    kind: 'incoming operation',
    request: { query: node.operation, variables, operationName: node.operationName },
    incomingRequestContext: run.incomingRequest,
    context: run.context,
    document: node.operationDocumentNode,
    pathInIncomingRequest: [...path],
  } as unknown as Parameters<GraphQLDataSource['process']>[0])) as Answer;
}
