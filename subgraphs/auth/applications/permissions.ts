// Who may ask for which operation on applications. What a consent page shows of one is for every user.
import { can, signedIn } from '../../../platform/access/rules.ts';
import type { PermissionMap } from '../../../platform/access/shield.ts';

const inFull = can('VIEW_APPLICATIONS');

export const applicationsPermissions: PermissionMap = {
  Query: {
    application: signedIn,
    applications: signedIn,
  },
  Application: {
    redirectUris: inFull,
    confidential: inFull,
    versions: inFull,
  },
  Mutation: {
    createApplication: can('CREATE_APPLICATIONS'),
    updateApplication: can('UPDATE_APPLICATIONS'),
    deleteApplication: can('DELETE_APPLICATIONS'),
    createApplicationVersion: can('CREATE_APPLICATIONS'),
    deleteApplicationVersion: can('DELETE_APPLICATIONS'),
  },
};
