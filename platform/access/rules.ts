// The rules that permission maps are written with.
import { AppError, forbidden } from '../errors.ts';
import { isSignedIn } from '../identity/identity.ts';
import type { Permission } from './permissions.ts';
import { scope } from './scope.ts';
import type { AccessRule, RuleWords } from './shield.ts';

/** Anybody, signed in or not. */
export const anyone: AccessRule = { description: 'anyone', check: () => undefined };

/** Any signed-in user; finer decisions follow in the use case or by the rows' `visible` rule. */
export const signedIn: AccessRule = {
  description: 'any signed-in user',
  check: ({ identity }) => {
    if (!isSignedIn(identity)) throw new AppError('UNAUTHENTICATED', undefined, { code: 104 });
  },
};

/**
 * Any signed-in user gets in; `decides` says, for the documentation, on what the use case decides: the permissions that
 * allow it, and what allows it without them (being oneself, a role or an enlistment in the group, ownership).
 */
export function signedInAnd(decides: RuleWords): AccessRule {
  return { ...signedIn, ...decides };
}

/**
 * For a field that is null, without an error, for who may not see it. That is decided row by row, by the rule that these
 * words stand beside, so nobody is refused here.
 */
export function nullUnless(permission: Permission, otherwise?: string): AccessRule {
  return {
    ...anyone,
    description: permission,
    otherwise: otherwise === undefined ? 'null' : `${otherwise}, else null`,
  };
}

/** An application that has signed the request with its own credentials; a user may be signed in with it or not. */
export const application: AccessRule = {
  description: 'an OAuth 1 application that signs the request',
  check: ({ identity }) => {
    if (identity.applicationId === undefined) {
      throw new AppError('UNAUTHENTICATED', 'The request must be signed by an OAuth 1 application.', { code: 101 });
    }
  },
};

/** Signed in, and the permission holds everywhere. */
export function can(permission: Permission): AccessRule {
  return {
    description: permission,
    check: (caller) => {
      signedIn.check(caller);
      if (!scope(caller.identity, permission).everywhere) throw forbidden(permission);
    },
  };
}

/** Signed in, and the permission holds everywhere or in some group; the use case checks in which. */
export function canSomewhere(permission: Permission): AccessRule {
  return {
    description: `${permission} (global or in the group)`,
    check: (caller) => {
      signedIn.check(caller);
      const where = scope(caller.identity, permission);
      if (!where.everywhere && where.groups.size === 0) throw forbidden(permission);
    },
  };
}

/** Only other services, proven by signature. To anybody else the field looks like one that is not there. */
export const internal: AccessRule = {
  description: 'services only',
  check: ({ service }) => {
    if (service === undefined) throw new AppError('FORBIDDEN', 'This operation is internal.');
  },
};
