// The gateway's exit for errors of queries and mutations: an allow-list. What a subgraph refused passes as it is;
// what GraphQL found wrong with the operation or its variables passes; all else is masked.
import { GraphQLError, type GraphQLFormattedError, Kind } from 'graphql';
import { errorCatalogue } from '../platform/errors.ts';
import { findAppError, maskUnexpected } from '../platform/mask-errors.ts';
import type { Logger } from '../platform/subgraph/context.ts';

/** Those of GraphQL servers in general. */
const graphqlCodes = new Set([
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
]);

/** `error` is a GraphQLError, or whatever a data source has thrown. */
export function formatError(error: unknown, log: Logger): GraphQLFormattedError {
  const place = error instanceof GraphQLError ? placeOf(error) : {};
  const known = findAppError(error);
  if (known !== undefined) return { message: known.message, ...place, extensions: known.extensions };
  if (error instanceof GraphQLError) {
    const code = isFaultOfVariables(error) ? 'BAD_USER_INPUT' : error.extensions.code;
    if (typeof code === 'string' && (code in errorCatalogue || graphqlCodes.has(code))) {
      const { details } = error.extensions;
      return { message: error.message, ...place, extensions: details === undefined ? { code } : { code, details } };
    }
  }
  const masked = maskUnexpected(error, log);
  return { message: masked.message, ...place, extensions: masked.extensions };
}

function placeOf({ locations, path }: GraphQLError): Pick<GraphQLFormattedError, 'locations' | 'path'> {
  return { ...(locations === undefined ? {} : { locations }), ...(path === undefined ? {} : { path }) };
}

/** GraphQL has no code for it: of the variables it says which definition they do not fit, or that too many do not. */
function isFaultOfVariables({ message, nodes }: GraphQLError): boolean {
  return nodes?.[0]?.kind === Kind.VARIABLE_DEFINITION || message.startsWith('Too many errors processing variables');
}
