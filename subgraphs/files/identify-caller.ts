// Who asks for a route of bytes: by the grant in the URL where there is one, else by the access token.
import type { FastifyRequest } from 'fastify';
import { requireUser, type UserIdentity } from '../../platform/subgraph/context.ts';
import type { RouteAuthentication } from '../../platform/subgraph/define-subgraph.ts';
import type { FileGrants, Granted, GrantedUse } from './file-grants.ts';

export interface Proofs {
  readonly authentication: RouteAuthentication;
  readonly grants: FileGrants;
}

export interface IdentifiedCaller {
  /** As they are now, whenever the grant was issued. */
  readonly viewer: UserIdentity;
  /** What the grant says, where the caller shows one. */
  readonly granted: Granted | undefined;
}

/** UNAUTHENTICATED without a good proof. */
export async function identifyCaller(
  request: FastifyRequest,
  use: GrantedUse,
  { authentication, grants }: Proofs,
): Promise<IdentifiedCaller> {
  const { grant } = request.query as { grant?: unknown };
  if (grant === undefined) {
    return { viewer: requireUser(await authentication.identify(request)), granted: undefined };
  }
  const granted = await grants.verify(grant, use);
  return { viewer: requireUser(await authentication.identityOf(granted.userId, request)), granted };
}
