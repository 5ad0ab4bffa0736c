// A validation rule for queries and mutations over HTTP: a subscription needs a connection that stays open.
import type { ASTVisitor, ValidationContext } from 'graphql';
import { GraphQLError, OperationTypeNode } from 'graphql';
import { AppError } from '../platform/errors.ts';

export function refuseSubscriptions(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(node) {
      if (node.operation !== OperationTypeNode.SUBSCRIPTION) return;
      const message = 'A subscription runs over a WebSocket (graphql-transport-ws) at this same path.';
      context.reportError(
        new GraphQLError(message, { nodes: node, originalError: new AppError('BAD_REQUEST', message) }),
      );
    },
  };
}
