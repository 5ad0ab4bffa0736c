// Apollo Server over the gateway: parses, validates, plans and executes queries and mutations.
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import type { Logger } from '../platform/subgraph/context.ts';
import { stringifyResult } from './execution/prepared-data.ts';
import { createFormatError } from './format-error.ts';
import type { GatewayContext } from './gateway-context.ts';
import { depthLimit, mostTokens } from './limits.ts';
import type { Metrics } from './metrics.ts';
import { metricsPlugin } from './metrics.ts';
import { refuseSubscriptions } from './refuse-subscriptions.ts';
import type { ServedSupergraph } from './served-supergraph.ts';

export interface GraphqlServerOptions {
  readonly gateway: ServedSupergraph['gateway'];
  readonly introspection: boolean;
  readonly maxDepth: number;
  readonly log: Logger;
  readonly metrics: Metrics;
}

export function createGraphqlServer(options: GraphqlServerOptions): ApolloServer<GatewayContext> {
  return new ApolloServer<GatewayContext>({
    gateway: options.gateway,
    introspection: options.introspection,
    // Suggestions spell out the schema to whoever guesses; they are for where it can be read anyway.
    hideSchemaDetailsFromClientErrors: !options.introspection,
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    validationRules: [depthLimit(options.maxDepth), refuseSubscriptions],
    parseOptions: { maxTokens: mostTokens },
    formatError: createFormatError(options.log),
    stopOnTerminationSignals: false,
    // The text of `data` is ready: the executor has written it.
    stringifyResult: (result) => `${stringifyResult(result)}\n`,
    plugins: [ApolloServerPluginLandingPageDisabled(), withoutInternalExtensions, metricsPlugin(options.metrics)],
    logger: {
      debug: () => undefined,
      info: (message) => options.log.debug({ message }, 'apollo server'),
      warn: (message) => options.log.warn({ message }, 'apollo server'),
      error: (message) => options.log.error({ message }, 'apollo server'),
    },
  });
}

/** The gateway adds what it noticed while shaping the result; it names parts of the supergraph. */
const withoutInternalExtensions = {
  async requestDidStart() {
    return {
      async willSendResponse({ response }: { response: { body: unknown } }) {
        const body = response.body as { kind: string; singleResult?: { extensions?: unknown } };
        if (body.kind === 'single') delete body.singleResult?.extensions;
      },
    };
  },
};
