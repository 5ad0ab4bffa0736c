// Notes which operation Apollo Server has run, and how it ended, for the access log.
import type { ApolloServerPlugin } from '@apollo/server';
import type { GatewayContext } from '../gateway-context.ts';
import { errorCodesOf, rootFieldsOf } from './access-note.ts';

export const noteOperations: ApolloServerPlugin<GatewayContext> = {
  async requestDidStart() {
    return {
      async willSendResponse({ contextValue, document, operation, operationName, response: { body } }) {
        const { note, caller } = contextValue;
        if (note === undefined) return;
        // Signing in is done by whoever it signs in.
        note.caller = caller;
        note.operationName = operationName ?? undefined;
        if (document !== undefined && operation != null) note.rootFields = rootFieldsOf(document, operation);
        if (body.kind === 'single') note.errorCodes = errorCodesOf(body.singleResult.errors);
      },
    };
  },
};
