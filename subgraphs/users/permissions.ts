// Who may ask for which operation. Where a rule says `otherwise`, the use case decides, by role, group or person.
import type { Permission } from '../../platform/access/permissions.ts';
import { anyone, can, canSomewhere, internal, nullUnless, signedIn, signedInAnd } from '../../platform/access/rules.ts';
import type { PermissionMap } from '../../platform/access/shield.ts';
import { seenInFull } from './visible.ts';

const oneself = 'for yourself';

/** Global roles and roles of groups have a permission each. */
const forRoles = (global: Permission, group: Permission) =>
  signedInAnd({ description: `${global} for global roles; ${group}, global or in the group, for roles of a group` });

const seeingUsers = signedInAnd({
  description: 'VIEW_USER; VIEW_PATIENTS for patients, VIEW_STAFF for staff',
  otherwise: 'yourself; as staff the patients and the staff of your groups, as a patient the staff',
});
const seeingRoles = signedInAnd({
  description: 'VIEW_ROLE for global roles, VIEW_GROUP for roles of groups, VIEW_USER for those that somebody holds',
  otherwise: 'roles that you hold, and of groups where you are staff',
});
const seeingGroups = signedInAnd({
  description: 'VIEW_GROUP, or VIEW_USER for those with staff or patients',
  otherwise: 'groups that you belong to',
});

export const usersPermissions: PermissionMap = {
  Query: {
    me: anyone,
    user: seeingUsers,
    users: seeingUsers,
    patients: signedInAnd({ description: 'VIEW_PATIENTS or VIEW_USER', otherwise: 'of groups where you are staff' }),
    staff: signedInAnd({ description: 'VIEW_STAFF or VIEW_USER', otherwise: 'of groups where you are staff' }),
    group: seeingGroups,
    groups: seeingGroups,
    role: seeingRoles,
    roles: seeingRoles,
    emailAvailable: anyone,
    permissions: signedIn,
    userSettings: anyone,
    activationRequests: can('VIEW_ACTIVATION_REQUESTS'),
    passwordResetRequests: can('VIEW_FORGOT_PASSWORD_REQUESTS'),
    outbox: can('VIEW_MAILS'),
    identity: internal,
    accessVersions: internal,
    existingGroups: internal,
    existingUsers: internal,
    patientGroups: internal,
    oidcLinkedUsers: internal,
  },
  Mutation: {
    registerUser: anyone,
    requestActivation: anyone,
    activateUser: anyone,
    requestPasswordReset: anyone,
    resetPassword: anyone,
    changePassword: signedIn,
    confirmPassword: signedIn,
    updateEmail: signedInAnd({ description: 'UPDATE_USER_EMAIL', otherwise: oneself }),
    updateUser: signedInAnd({ description: 'UPDATE_USER', otherwise: oneself }),
    deleteUser: signedInAnd({ description: 'DELETE_USER', otherwise: oneself }),
    setProfileImage: signedInAnd({ description: 'UPDATE_PROFILE_IMAGE', otherwise: oneself }),
    deleteProfileImage: signedInAnd({ description: 'UPDATE_PROFILE_IMAGE', otherwise: oneself }),
    resetFailedLoginAttempts: can('RESET_FAILED_LOGIN_ATTEMPTS'),
    deleteActivationRequest: can('DELETE_ACTIVATION_REQUEST'),
    deletePasswordResetRequest: can('DELETE_FORGOT_PASSWORD_REQUEST'),
    updateUserSettings: signedInAnd({
      description:
        'UPDATE_PASSWORD_POLICY, UPDATE_USER_VERIFICATION_SETTINGS or UPDATE_USER_SERVICE_EMAIL_TEMPLATES, by part',
    }),
    createUser: can('CREATE_USER'),
    createGroup: can('CREATE_GROUP'),
    createRole: forRoles('CREATE_ROLE', 'CREATE_GROUP_ROLE'),
    updateRole: forRoles('UPDATE_ROLE', 'UPDATE_GROUP_ROLE'),
    deleteRoles: forRoles('DELETE_ROLE', 'DELETE_GROUP_ROLE'),
    addPermissionsToRoles: forRoles('ADD_ROLE_PERMISSION', 'ADD_GROUP_ROLE_PERMISSION'),
    removePermissionsFromRoles: forRoles('REMOVE_ROLE_PERMISSION', 'REMOVE_GROUP_ROLE_PERMISSION'),
    addRolesToUsers: can('ADD_ROLE_TO_USER'),
    removeRolesFromUsers: can('REMOVE_ROLE_FROM_USER'),
    addRolesToStaff: canSomewhere('ADD_GROUP_ROLE_TO_STAFF'),
    removeRolesFromStaff: canSomewhere('REMOVE_GROUP_ROLE_FROM_STAFF'),
    addStaff: {
      ...canSomewhere('ADD_STAFF'),
      description: 'ADD_STAFF, and ADD_GROUP_ROLE_TO_STAFF where roles are given; global or in each of the groups',
    },
    removeStaff: {
      ...canSomewhere('REMOVE_STAFF'),
      description: 'REMOVE_STAFF, and ADD_STAFF to remove yourself; global or in each of the groups',
    },
    addPatient: can('ADD_PATIENT'),
    removePatient: signedInAnd({ description: 'REMOVE_PATIENT, global or in the group', otherwise: oneself }),
    authenticate: internal,
    verifyPassword: internal,
    authenticateWithOidc: internal,
    linkOidcSubject: internal,
    unlinkOidcSubject: internal,
  },
  Subscription: {
    userChanged: seeingUsers,
    groupChanged: seeingGroups,
  },
  User: {
    failedCount: seenInFull,
    lastFailedAt: seenInFull,
    oidcLinks: seenInFull,
  },
  OidcLink: {
    // `auth` resolves it: there, a reference to a provider obeys the rule of Query.oidcProvider.
    provider: nullUnless('VIEW_OIDC_PROVIDERS'),
  },
  UserSettings: {
    verification: can('VIEW_USER_VERIFICATION_SETTINGS'),
    mail: can('VIEW_USER_SERVICE_EMAIL_TEMPLATES'),
  },
};
