// The gateway's exit for errors of queries and mutations: an allow-list. What a subgraph refused passes as it is;
// what GraphQL found wrong with the operation passes; all else is masked.
import { unwrapResolverError } from '@apollo/server/errors';
import type { GraphQLFormattedError } from 'graphql';
import { errorCatalogue } from '../platform/errors.ts';
import { findAppError, maskUnexpected } from '../platform/mask-errors.ts';
import type { Logger } from '../platform/subgraph/context.ts';

const apolloCodes = new Set([
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

export function createFormatError(
  log: Logger,
): (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError {
  return (formatted, error) => {
    const known = findAppError(unwrapResolverError(error)) ?? findAppError(error);
    if (known !== undefined) return shown(formatted, known.message, known.extensions);
    const code = formatted.extensions?.code;
    if (typeof code === 'string' && (code in errorCatalogue || apolloCodes.has(code))) {
      const details = formatted.extensions?.details;
      return shown(formatted, formatted.message, details === undefined ? { code } : { code, details });
    }
    const masked = maskUnexpected(error, log);
    return shown(formatted, masked.message, masked.extensions);
  };
}

function shown(
  { path, locations }: GraphQLFormattedError,
  message: string,
  extensions: Record<string, unknown>,
): GraphQLFormattedError {
  return {
    message,
    ...(locations === undefined ? {} : { locations }),
    ...(path === undefined ? {} : { path }),
    extensions,
  };
}
