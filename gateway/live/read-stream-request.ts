// The operation of a request for a stream, as GraphQL over HTTP has it: in the body of a POST, in the query of a GET.
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../platform/errors.ts';
import type { OperationRequest } from './live-operations.ts';

type Given = Readonly<Record<string, unknown>>;

/** BAD_REQUEST names the parameter that is missing or of a wrong type. */
export function readStreamRequest({ method, query: parameters, body }: FastifyRequest): OperationRequest {
  const given = method === 'GET' ? fromQuery(parameters as Given) : body;
  if (!isObject(given)) throw new AppError('BAD_REQUEST', 'The body is a JSON object with `query`.');
  const { query, operationName, variables } = given;
  if (typeof query !== 'string') throw wrong('query', 'a string is needed.');
  if (!(operationName === undefined || operationName === null || typeof operationName === 'string')) {
    throw wrong('operationName', 'it is a string.');
  }
  if (!(variables === undefined || variables === null || isObject(variables))) {
    throw wrong('variables', 'they are a JSON object.');
  }
  return { query, operationName, variables };
}

function fromQuery({ variables, ...rest }: Given): Given {
  if (variables === undefined || variables === '') return rest;
  try {
    return { ...rest, variables: JSON.parse(String(variables)) };
  } catch {
    throw wrong('variables', 'they are a JSON object.');
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(field: string, message: string): AppError {
  return new AppError('BAD_REQUEST', `${field}: ${message}`, { field });
}
