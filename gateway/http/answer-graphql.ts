// One GraphQL request over HTTP, from its parameters to its answer (https://graphql.github.io/graphql-over-http/draft/):
// read, let in, executed. The status follows the draft in the form that the client has named; a client
// that names none gets 400 for an operation that cannot be run.
import type { GraphQLFormattedError } from 'graphql';
import { AppError } from '../../platform/errors.ts';
import { retryAfterOf } from '../../platform/http/retry-after.ts';
import { toAppError } from '../../platform/mask-errors.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import { noteErrors, noteOperation } from '../access-log/access-note.ts';
import type { GatewayContext } from '../gateway-context.ts';
import type { Metrics } from '../metrics.ts';
import type { Operations } from '../operations.ts';
import type { Client } from '../protection/client.ts';
import type { Protection } from '../protection/open-protection.ts';
import type { OperationRequest } from '../protection/operation-request.ts';
import { readAddressRequest, readOperationRequest } from '../protection/operation-request.ts';
import { InvalidOperation } from '../protection/read-operation.ts';
import type { MediaType } from './negotiate.ts';

export interface GraphqlAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly result: Result;
}

export interface AskedOverHttp {
  readonly method: string;
  /** The body of a POST, the query of a GET. */
  readonly given: unknown;
  readonly media: MediaType;
  readonly client: Client;
  readonly context: GatewayContext;
}

export interface AnswerParts {
  readonly operations: Operations;
  readonly protection: Pick<Protection, 'read' | 'admit'>;
  readonly metrics: Pick<Metrics, 'operation'>;
  readonly log: Logger;
}

interface Result {
  readonly errors?: readonly GraphQLFormattedError[];
  readonly data?: unknown;
}

/** Never rejects: whatever goes wrong is the answer. */
export async function answerGraphql(asked: AskedOverHttp, parts: AnswerParts): Promise<GraphqlAnswer> {
  const answer = await runOrRefuse(asked, parts);
  const { note } = asked.context;
  if (note !== undefined) noteErrors(note, answer.result.errors);
  return answer;
}

async function runOrRefuse(asked: AskedOverHttp, parts: AnswerParts): Promise<GraphqlAnswer> {
  const startedAt = performance.now();
  try {
    return await run(asked, parts);
  } catch (error) {
    parts.metrics.operation(undefined, 'invalid', (performance.now() - startedAt) / 1_000, true);
    if (error instanceof InvalidOperation) {
      const errors = error.errors.map((one) => one.toJSON());
      return { status: statusOf({ errors }, 400, asked.media), headers: {}, result: { errors } };
    }
    const { http, message, extensions, details } = toAppError(error, parts.log);
    return { status: http, headers: { ...retryAfterOf([details]) }, result: { errors: [{ message, extensions }] } };
  }
}

async function run(asked: AskedOverHttp, { operations, protection }: AnswerParts): Promise<GraphqlAnswer> {
  const { media, client, context } = asked;
  const read = await protection.read(requestOf(asked));
  if (context.note !== undefined) noteOperation(context.note, read);
  const type = read.operation.operation;
  if (type === 'subscription') {
    throw new AppError(
      'BAD_REQUEST',
      'A subscription runs over a WebSocket (graphql-transport-ws) at this same path, or as a stream at /graphql/stream.',
    );
  }
  if (type === 'mutation' && asked.method !== 'POST') return refuseMethod();
  const { estimated, remaining } = await protection.admit(read, client);
  const { data, errors } = await operations.execute(read, context);
  const result = { ...(errors === undefined ? {} : { errors }), ...(data === undefined ? {} : { data }) };
  const headers = {
    'x-operation-cost': String(estimated),
    ...(remaining === undefined ? {} : { 'x-cost-remaining': String(remaining) }),
    ...retryAfterOf((errors ?? []).map(({ extensions }) => extensions?.details)),
  };
  return { status: statusOf(result, data === undefined ? 400 : 200, media), headers, result };
}

function requestOf({ method, given }: AskedOverHttp): OperationRequest {
  return method === 'POST' ? readOperationRequest(given) : readAddressRequest(given as Record<string, unknown>);
}

/**
 * Of what was understood as GraphQL. As application/json it is 200, whatever the operation came to; as
 * application/graphql-response+json it is 4xx where nothing was executed.
 */
function statusOf({ data }: Result, status: number, media: MediaType): number {
  if (data !== undefined || status >= 500) return status;
  if (media.name === 'application/json') return media.named ? 200 : status;
  return Math.max(status, 400);
}

function refuseMethod(): GraphqlAnswer {
  const { message, extensions } = new AppError('BAD_REQUEST', 'A mutation is sent by POST.');
  return { status: 405, headers: { allow: 'POST' }, result: { errors: [{ message, extensions }] } };
}
