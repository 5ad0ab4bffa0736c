// Who may ask for which operation on OpenID Connect providers, and sign in through them.
import { anyone, can, signedIn } from '../../../platform/access/rules.ts';
import type { PermissionMap } from '../../../platform/access/shield.ts';

export const oidcPermissions: PermissionMap = {
  Query: {
    oidcProvider: can('VIEW_OIDC_PROVIDERS'),
    oidcProviders: can('VIEW_OIDC_PROVIDERS'),
    oidcLoginAttempts: can('VIEW_OIDC_LOGIN_ATTEMPTS'),
  },
  Mutation: {
    createOidcProvider: can('CREATE_OIDC_PROVIDER'),
    updateOidcProvider: can('UPDATE_OIDC_PROVIDER'),
    deleteOidcProvider: can('DELETE_OIDC_PROVIDER'),
    enableOidcProvider: can('UPDATE_OIDC_PROVIDER'),
    disableOidcProvider: can('UPDATE_OIDC_PROVIDER'),
    createOidcAuthenticationUrl: anyone,
    loginWithOidc: anyone,
    linkOidc: signedIn,
    unlinkOidc: can('UNLINK_USER_FROM_OIDC'),
  },
};
