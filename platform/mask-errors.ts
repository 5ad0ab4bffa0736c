// The one place where errors become what a client may read. An AppError passes as it is, so does what GraphQL itself
// finds wrong with an operation; everything else is replaced by an id that finds the full story in the log.
import { randomUUID } from 'node:crypto';
import type { ExecutionResult, GraphQLFormattedError } from 'graphql';
import { GraphQLError } from 'graphql';
import { isDatabaseAway } from './database/database-away.ts';
import { isQueryTimeout } from './database/query-timeout.ts';
import { AppError } from './errors.ts';
import { currentRequestId } from './request-id.ts';
import type { Logger } from './subgraph/context.ts';

/** The AppError behind an error, through any number of GraphQLErrors around it. */
export function findAppError(error: unknown): AppError | undefined {
  let current: unknown = error;
  while (current !== undefined && current !== null) {
    if (current instanceof AppError) return current;
    current = (current as { originalError?: unknown }).originalError;
  }
  return undefined;
}

/** An unexpected error, logged in full; the client learns the id only. */
export function maskUnexpected(error: unknown, log: Logger): AppError {
  const [errorId, requestId] = [randomUUID(), currentRequestId()];
  if (isDatabaseAway(error)) {
    log.warn({ err: error, errorId, requestId }, 'the database cannot be reached');
    return new AppError('SERVICE_UNAVAILABLE', 'The database cannot be reached.', { service: 'database', errorId });
  }
  if (isQueryTimeout(error)) {
    log.warn({ err: error, errorId, requestId }, 'a query took too long');
    return new AppError('QUERY_TIMEOUT', undefined, { code: 21, errorId });
  }
  log.error({ err: error, errorId, requestId }, 'unexpected error');
  return new AppError('INTERNAL_SERVER_ERROR', `Something went wrong. Error id: ${errorId}`, { errorId });
}

/** Any error as an AppError that may be shown. */
export function toAppError(error: unknown, log: Logger): AppError {
  return findAppError(error) ?? maskUnexpected(error, log);
}

/** An error of execution as it goes into a result's `errors`. `path` stays, locations point into generated text and go. */
export function toFormattedError(error: GraphQLError, log: Logger): GraphQLFormattedError {
  const path = error.path === undefined ? {} : { path: error.path };
  const known = findAppError(error);
  if (known === undefined && isClientFault(error)) {
    return { message: error.message, ...path, extensions: { code: error.extensions?.code ?? 'BAD_USER_INPUT' } };
  }
  const shown = known ?? maskUnexpected(error.originalError ?? error, log);
  return { message: shown.message, ...path, extensions: shown.extensions };
}

/** A result with its errors fit for clients. */
export function formatResult(result: ExecutionResult, log: Logger): ExecutionResult {
  if (result.errors === undefined || result.errors.length === 0) return result;
  return { ...result, errors: result.errors.map((error) => toFormattedError(error, log) as GraphQLError) };
}

/** Found by GraphQL itself (parsing, validation, coercion of variables): nothing of ours was thrown. */
function isClientFault(error: GraphQLError): boolean {
  const cause = error.originalError;
  return cause === undefined || cause === null || cause instanceof GraphQLError;
}
