// Errors of subgraphs as errors of the whole answer, worded and coded as Apollo's gateway does.
import { ERRORS, errorCodeDef } from '@apollo/federation-internals';
import type { GraphQLFormattedError } from 'graphql';
import { GraphQLError } from 'graphql';
import type { Path } from './tree.ts';

export function toSubgraphError(
  error: GraphQLFormattedError,
  serviceName: string,
  path: Path | undefined,
): GraphQLError {
  const message = error.message || `Error while fetching subquery from service "${serviceName}"`;
  const options = {
    originalError: error as Error,
    path: path === undefined ? null : [...path],
    extensions: { ...error.extensions, serviceName },
  };
  const known = errorCodeDef(error);
  if (known === undefined && error.extensions?.code) return new GraphQLError(message, options);
  return (known ?? ERRORS.DOWNSTREAM_SERVICE_ERROR).err(message, options);
}
