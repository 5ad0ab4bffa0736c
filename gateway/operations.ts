// Runs queries and mutations that were let in (protection/), whatever they came by: with errors that a client may read,
// measured and traced, each for itself, also where its answer is one that others got (answers/).
import type { GraphQLFormattedError } from 'graphql';
import type { Logger } from '../platform/subgraph/context.ts';
import type { Tracing } from '../platform/tracing/tracing.ts';
import type { AnswerOperation } from './answers/answer-query.ts';
import type { Answer } from './execution/executor.ts';
import type { PreparedData } from './execution/prepared-data.ts';
import { formatError } from './format-error.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { Metrics } from './metrics.ts';
import type { ReadOperation } from './protection/read-operation.ts';

export interface OperationResult {
  /** Absent where nothing was executed. */
  readonly data?: PreparedData;
  /** Not empty. */
  readonly errors?: readonly GraphQLFormattedError[];
}

export interface Operations {
  /** Rejects only where something is broken. */
  execute(operation: ReadOperation, context: GatewayContext): Promise<OperationResult>;
}

export interface OperationsParts {
  readonly answer: AnswerOperation;
  readonly metrics: Pick<Metrics, 'operation' | 'faults'>;
  readonly tracing: Pick<Tracing, 'describe'>;
  readonly log: Logger;
}

export function createOperations({ answer, metrics, tracing, log }: OperationsParts): Operations {
  function toResult({ data, errors, faults }: Answer, requestId: string): OperationResult {
    if (faults !== undefined) {
      metrics.faults.inc();
      log.warn({ faults: faults.slice(0, 10), requestId }, 'what services answered does not fit the API');
    }
    return {
      ...(data === undefined ? {} : { data }),
      ...(errors === undefined ? {} : { errors: errors.map((error) => formatError(error, log)) }),
    };
  }

  function note({ operation }: ReadOperation, since: number, errors: number): void {
    const name = operation.name?.value;
    const shown = (name ?? 'anonymous').slice(0, 100);
    metrics.operation(name, operation.operation, (performance.now() - since) / 1_000, errors > 0);
    tracing.describe(`${operation.operation} ${shown}`, {
      'graphql.operation.type': operation.operation,
      'graphql.operation.name': shown,
      'graphql.errors': errors,
    });
  }

  return {
    async execute(operation, context) {
      const since = performance.now();
      let errors = 1;
      try {
        const answered = await answer(operation, context);
        errors = answered.errors?.length ?? 0;
        return toResult(answered, context.requestId);
      } finally {
        note(operation, since, errors);
      }
    },
  };
}
