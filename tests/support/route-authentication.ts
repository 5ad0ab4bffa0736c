// Finds out who calls an HTTP route in tests of one service: the access token is the id of somebody who is known.
import { AppError } from '../../platform/errors.ts';
import type { IdentityData } from '../../platform/identity/identity.ts';
import { anonymous, identityFrom } from '../../platform/identity/identity.ts';
import type { RouteAuthentication } from '../../platform/subgraph/define-subgraph.ts';

export function authenticationOf(people: ReadonlyMap<string, IdentityData>): RouteAuthentication {
  const identityOf = async (userId: string) => {
    const person = people.get(userId);
    if (person === undefined) throw new AppError('UNAUTHENTICATED');
    return identityFrom(person);
  };
  return {
    identityOf,
    async identify({ headers: { authorization } }) {
      return authorization === undefined ? anonymous : identityOf(authorization.replace(/^Bearer /, ''));
    },
  };
}
