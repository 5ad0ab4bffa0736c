// Apollo Server over the gateway: plans and executes queries and mutations that were let in (protection/).
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import type { Logger } from '../platform/subgraph/context.ts';
import type { Tracing } from '../platform/tracing/tracing.ts';
import { createFormatError } from './format-error.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { Metrics } from './metrics.ts';
import { metricsPlugin } from './metrics.ts';
import type { ServedSupergraph } from './served-supergraph.ts';
import { traceOperations } from './trace-operations.ts';

export interface GraphqlServerOptions {
  readonly gateway: ServedSupergraph['gateway'];
  readonly introspection: boolean;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
}

export function createGraphqlServer(options: GraphqlServerOptions): ApolloServer<GatewayContext> {
  return new ApolloServer<GatewayContext>({
    gateway: options.gateway,
    introspection: options.introspection,
    // Suggestions spell out the schema to whoever guesses; they are for where it can be read anyway.
    hideSchemaDetailsFromClientErrors: !options.introspection,
    includeStacktraceInErrorResponses: false,
    // Texts are stored, and named by clients, before operations come here (protection/).
    persistedQueries: false,
    formatError: createFormatError(options.log),
    stopOnTerminationSignals: false,
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      metricsPlugin(options.metrics),
      traceOperations(options.tracing),
    ],
    logger: {
      debug: () => undefined,
      info: (message) => options.log.debug({ message }, 'apollo server'),
      warn: (message) => options.log.warn({ message }, 'apollo server'),
      error: (message) => options.log.error({ message }, 'apollo server'),
    },
  });
}
