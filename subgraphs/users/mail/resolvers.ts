// GraphQL in, use case out. No logic.
import type { Resolvers } from '../../../generated/resolvers/users.ts';
import type { Context } from '../../../platform/subgraph/context.ts';
import type { UsersLoaders } from '../loaders.ts';
import type { UsersParts } from '../users-parts.ts';
import { listOutbox } from './list-outbox.ts';

export function mailResolvers(parts: UsersParts): Resolvers<Context<UsersLoaders>> {
  return { Query: { outbox: (_root, given) => listOutbox(parts, given) } };
}
