// Who calls an HTTP route of a service in another process: the gateway has authenticated the client and sends on,
// signed, only whose request it is (an identity can be too large for a header); what that user may do is asked here.
import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '../identity/identity.ts';
import { anonymous, identityFrom } from '../identity/identity.ts';
import type { IdentityResolver } from '../identity/identity-resolver.ts';
import type { CallerSigner, CallerVerifier } from '../identity/signed-caller.ts';
import type { RouteAuthentication } from '../subgraph/define-subgraph.ts';

const header = 'x-caregraph-caller';

/** The headers to send on, without what only the gateway may set. */
export async function routeHeaders(
  given: IncomingHttpHeaders,
  caller: Caller,
  { signer, audience }: { readonly signer: CallerSigner; readonly audience: string },
): Promise<Record<string, string | string[]>> {
  const dropped = new Set([
    'connection',
    'keep-alive',
    'transfer-encoding',
    'upgrade',
    'expect', // answered by the gateway itself; the client that sends on refuses the header
    'host',
    'authorization',
    header,
  ]);
  const kept = Object.entries(given).filter((entry): entry is [string, string | string[]] => {
    const [name, value] = entry;
    return value !== undefined && !dropped.has(name);
  });
  const { userId } = caller.identity;
  if (userId === undefined) return Object.fromEntries(kept);
  const brief: Caller = { ...caller, identity: identityFrom({ userId }) };
  return { ...Object.fromEntries(kept), [header]: await signer.sign(brief, audience) };
}

export function createRouteAuthentication(verifier: CallerVerifier, identities: IdentityResolver): RouteAuthentication {
  return {
    async identify(request) {
      const token = request.headers[header];
      if (token === undefined) return anonymous;
      const { identity } = await verifier.verify(token);
      return identity.userId === undefined ? anonymous : identities.ofUser(identity.userId);
    },
    identityOf: (userId) => identities.ofUser(userId),
  };
}
