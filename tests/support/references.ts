// Asks a service's own process for a document by reference, as another service does for a viewer.
import { systemClock } from '../../platform/clock.ts';
import { anonymous, identityFrom } from '../../platform/identity/identity.ts';
import { createServiceIdentitySource } from '../../platform/identity/service-identity-source.ts';
import { createCallerSigner } from '../../platform/identity/signed-caller.ts';
import { newId } from '../../platform/ids.ts';
import { createHttpTransport } from '../../platform/subgraph/http-transport.ts';
import type { GraphqlClient } from './graphql-client.ts';
import type { Shape } from './shapes.ts';

const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Document { id data } } }';

/** Whether the reference gives the viewer the document; false where there is no service to ask. */
export async function findByReference({ services }: Shape, viewer: GraphqlClient, id: string): Promise<boolean> {
  if (services === undefined) return false;
  const signer = createCallerSigner(services.secret, systemClock);
  const users = createHttpTransport({ name: 'users', url: services.urlOf('users'), signer });
  const data = createHttpTransport({ name: 'data', url: services.urlOf('data'), signer });
  try {
    const source = createServiceIdentitySource({
      has: () => true,
      call: async (_service, call) => {
        const caller = { identity: anonymous, service: 'tests' };
        return (await users.execute({ ...call, caller, requestId: newId() })).data as never;
      },
    });
    const known = await source.identity(viewer.userId ?? '');
    const caller = { identity: identityFrom(known?.data ?? {}) };
    const variables = { r: [{ __typename: 'Document', id }] };
    const answer = await data.execute({ query, variables, caller, requestId: newId() });
    const { _entities: found } = answer.data as { _entities: unknown[] };
    return found[0] !== null;
  } finally {
    await Promise.all([users.close(), data.close()]);
  }
}
