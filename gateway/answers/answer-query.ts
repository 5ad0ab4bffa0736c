// What runs a query or mutation, from which everything that shares or keeps answers is put together.
import type { Answer } from '../execution/executor.ts';
import type { GatewayContext } from '../gateway-context.ts';
import type { ReadOperation } from '../protection/read-operation.ts';
import type { ServedSupergraph } from '../served-supergraph.ts';

export type AnswerOperation = (operation: ReadOperation, context: GatewayContext) => Promise<Answer>;

/** On the executor of the schema that the operation was validated against. */
export function executeOn(served: Pick<ServedSupergraph, 'executorOf'>): AnswerOperation {
  return ({ query: source, document, operationName, variables, schema }, context) =>
    served
      .executorOf(schema)
      .execute({ source, document, operationName }, { variables, context, signal: context.signal });
}

/** Nothing has gone wrong in it: no other may be given to somebody else, or kept. */
export function isWhole({ data, errors, faults }: Answer): boolean {
  return data !== undefined && errors === undefined && faults === undefined;
}
