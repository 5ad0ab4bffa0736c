// Says in the trace of a request which operation it was.
import type { ApolloServerPlugin } from '@apollo/server';
import type { Tracing } from '../platform/tracing/tracing.ts';
import type { GatewayContext } from './gateway-context.ts';

export function traceOperations(tracing: Tracing): ApolloServerPlugin<GatewayContext> {
  return {
    async requestDidStart() {
      return {
        async willSendResponse({ operation, operationName, response: { body } }) {
          const type = operation?.operation ?? 'invalid';
          const name = (operationName ?? 'anonymous').slice(0, 100);
          const errors = body.kind === 'single' ? (body.singleResult.errors?.length ?? 0) : 0;
          tracing.describe(`${type} ${name}`, {
            'graphql.operation.type': type,
            'graphql.operation.name': name,
            'graphql.errors': errors,
          });
        },
      };
    },
  };
}
