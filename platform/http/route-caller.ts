// Who calls an HTTP route of a service in another process: the gateway has authenticated the client and sends on,
// signed, only whose request it is and through which application (an identity can be too large for a header); what that
// user may do is asked here.
import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../errors.ts';
import type { Caller } from '../identity/identity.ts';
import { anonymous, identityFrom } from '../identity/identity.ts';
import type { IdentityResolver } from '../identity/identity-resolver.ts';
import type { CallerSigner, CallerVerifier } from '../identity/signed-caller.ts';
import type { RouteAuthentication } from '../subgraph/define-subgraph.ts';
import { answeredFor } from './answered-for.ts';

const header = 'x-caregraph-caller';
/** No signature looks so: credentials were given and are not good. A route with a proof of its own need not mind. */
const refused = 'refused';

/** The headers to send on, without what only the gateway may set. No caller: the credentials given are not good. */
export async function routeHeaders(
  given: IncomingHttpHeaders,
  caller: Caller | undefined,
  { signer, audience }: { readonly signer: CallerSigner; readonly audience: string },
): Promise<Record<string, string | string[]>> {
  const { authorization: _, cookie: __, ...kept } = forwardedHeaders(given);
  if (caller === undefined) return { ...kept, [header]: refused };
  const { userId, applicationId } = caller.identity;
  if (userId === undefined) return kept;
  const application = applicationId === undefined ? {} : { applicationId };
  const brief: Caller = { ...caller, identity: identityFrom({ userId, ...application }) };
  return { ...kept, [header]: await signer.sign(brief, audience) };
}

const dropped = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'expect', // answered by the gateway itself; the client that sends on refuses the header
  'host',
  header,
]);

/** The headers to send on to a route that looks at credentials itself: without what only the gateway may set. */
export function forwardedHeaders(given: IncomingHttpHeaders): Record<string, string | string[]> {
  const kept = Object.entries(given).filter((entry): entry is [string, string | string[]] => {
    const [name, value] = entry;
    return value !== undefined && !dropped.has(name);
  });
  return Object.fromEntries(kept);
}

export function createRouteAuthentication(verifier: CallerVerifier, identities: IdentityResolver): RouteAuthentication {
  return {
    async identify(request) {
      const token = request.headers[header];
      if (token === undefined) return anonymous;
      if (token === refused) {
        throw new AppError('UNAUTHENTICATED', 'The access token is unknown, ended or expired.', { code: 117 });
      }
      const { userId, applicationId } = (await verifier.verify(token)).identity;
      if (userId === undefined) return anonymous;
      const identity = await identities.ofUser(userId);
      return applicationId === undefined ? identity : Object.freeze({ ...identity, applicationId });
    },
    identityOf(userId, request) {
      answeredFor(request, userId);
      return identities.ofUser(userId);
    },
  };
}
