// The catalogue of permissions. `scope()` takes only these names (with a suffix where one is allowed), so a
// misspelt permission does not compile. Roles may store any other name; the platform ignores those.

/** `group: true`: a role of a group can hold it for that group. `suffix: true`: `NAME:{schema}` narrows it. */
interface PermissionFacts {
  readonly group: boolean;
  readonly suffix: boolean;
  readonly description: string;
}

const everywhere = (description: string): PermissionFacts => ({ group: false, suffix: false, description });
const groupToo = (description: string): PermissionFacts => ({ group: true, suffix: false, description });

export const permissionCatalogue = {
  VIEW_USER: everywhere('See every user in full.'),
  CREATE_USER: everywhere('Create accounts for others.'),
  UPDATE_USER: everywhere('Change every account.'),
  UPDATE_USER_EMAIL: everywhere('Change the e-mail address of every account.'),
  DELETE_USER: everywhere('Delete every account.'),
  UPDATE_PROFILE_IMAGE: everywhere('Set and clear the profile image of every account.'),
  RESET_FAILED_LOGIN_ATTEMPTS: everywhere('Let users who are locked out by failed sign-ins try again.'),
  VIEW_STAFF: everywhere('See everybody who is staff of a group.'),
  VIEW_PATIENTS: everywhere('See everybody who is a patient of a group.'),
  VIEW_ROLE: everywhere('See every global role.'),
  CREATE_ROLE: everywhere('Create global roles.'),
  UPDATE_ROLE: everywhere('Change the name and description of global roles.'),
  DELETE_ROLE: everywhere('Delete global roles.'),
  ADD_ROLE_PERMISSION: everywhere('Add permissions to global roles.'),
  REMOVE_ROLE_PERMISSION: everywhere('Take permissions from global roles.'),
  ADD_ROLE_TO_USER: everywhere('Give global roles to users.'),
  REMOVE_ROLE_FROM_USER: everywhere('Take global roles from users.'),
  VIEW_GROUP: everywhere('See every group and its roles.'),
  CREATE_GROUP: everywhere('Create groups.'),
  CREATE_GROUP_ROLE: groupToo('Create roles of a group.'),
  UPDATE_GROUP_ROLE: groupToo('Change the name and description of roles of a group.'),
  DELETE_GROUP_ROLE: groupToo('Delete roles of a group.'),
  ADD_GROUP_ROLE_PERMISSION: groupToo('Add permissions to roles of a group.'),
  REMOVE_GROUP_ROLE_PERMISSION: groupToo('Take permissions from roles of a group.'),
  ADD_GROUP_ROLE_TO_STAFF: groupToo('Give roles of a group to its staff.'),
  REMOVE_GROUP_ROLE_FROM_STAFF: groupToo('Take roles of a group from its staff.'),
  ADD_STAFF: groupToo('Make users staff of a group.'),
  REMOVE_STAFF: groupToo('End staff enlistments.'),
  ADD_PATIENT: everywhere('Make users patients of a group.'),
  REMOVE_PATIENT: groupToo('End patient enlistments.'),
  UPDATE_PASSWORD_POLICY: everywhere('Change what new passwords must look like.'),
  VIEW_USER_SERVICE_EMAIL_TEMPLATES: everywhere('Read the settings of mails to users.'),
  UPDATE_USER_SERVICE_EMAIL_TEMPLATES: everywhere('Change the settings of mails to users.'),
  VIEW_USER_VERIFICATION_SETTINGS: everywhere('Read how addresses are confirmed and passwords reset.'),
  UPDATE_USER_VERIFICATION_SETTINGS: everywhere('Change how addresses are confirmed and passwords reset.'),
  VIEW_ACTIVATION_REQUESTS: everywhere('See open requests to activate accounts.'),
  DELETE_ACTIVATION_REQUEST: everywhere('Forget requests to activate accounts.'),
  VIEW_FORGOT_PASSWORD_REQUESTS: everywhere('See open requests for new passwords.'),
  DELETE_FORGOT_PASSWORD_REQUEST: everywhere('Forget requests for new passwords.'),
  VIEW_MAILS: everywhere('Read mail that was not sent, where no SMTP server is configured.'),
  CREATE_APPLICATIONS: everywhere('Create applications and versions.'),
  VIEW_APPLICATIONS: everywhere('See applications in full.'),
  UPDATE_APPLICATIONS: everywhere('Change applications.'),
  DELETE_APPLICATIONS: everywhere('Delete applications and versions.'),
  VIEW_AUTHORIZATIONS: everywhere('See the sessions, tokens and authorization codes of every user.'),
  DELETE_AUTHORIZATIONS: everywhere('Revoke the sessions, tokens and authorization codes of every user.'),
  VIEW_OAUTH2_REFRESH_TOKENS: everywhere('See the OAuth 2 refresh tokens of every user.'),
  DELETE_OAUTH2_REFRESH_TOKEN: everywhere('Revoke the OAuth 2 refresh tokens of every user.'),
  VIEW_USER_MFA_SETTINGS: everywhere('See how every user signs in with a second factor.'),
  UPDATE_USER_MFA_SETTINGS: everywhere('Change how every user signs in with a second factor.'),
  CREATE_OIDC_PROVIDER: everywhere('Add OpenID Connect providers.'),
  VIEW_OIDC_PROVIDERS: everywhere('See OpenID Connect providers.'),
  UPDATE_OIDC_PROVIDER: everywhere('Change, enable and disable OpenID Connect providers.'),
  DELETE_OIDC_PROVIDER: everywhere('Delete OpenID Connect providers.'),
  VIEW_OIDC_LOGIN_ATTEMPTS: everywhere('See attempts to sign in through OpenID Connect providers.'),
  UNLINK_USER_FROM_OIDC: everywhere('Undo links of users to OpenID Connect providers.'),
  CREATE_SCHEMAS: everywhere('Create document schemas.'),
  UPDATE_SCHEMAS: everywhere('Change document schemas.'),
  DELETE_SCHEMAS: everywhere('Delete document schemas that are disabled, with all their documents.'),
  DISABLE_SCHEMAS: everywhere('Disable and enable document schemas, and see those that are disabled.'),
  CREATE_DOCUMENTS: { group: false, suffix: true, description: 'Create documents, whatever the create mode.' },
  VIEW_DOCUMENTS: { group: true, suffix: true, description: 'See documents, whatever the read mode.' },
  UPDATE_DOCUMENTS: { group: true, suffix: true, description: 'Change documents, whatever the update mode.' },
  DELETE_DOCUMENTS: { group: true, suffix: true, description: 'Delete documents, whatever the delete mode.' },
  TRANSITION_DOCUMENTS: {
    group: true,
    suffix: true,
    description:
      'Run manual transitions of documents, whatever the update mode; `NAME:{schema}:{transition}` runs one.',
  },
  UPDATE_ACCESS_TO_DOCUMENT: { group: false, suffix: true, description: 'Link users and groups to documents.' },
  CREATE_DOCUMENT_COMMENTS: { group: true, suffix: true, description: 'Comment on documents.' },
  VIEW_DOCUMENT_COMMENTS: { group: true, suffix: true, description: 'See the comments on documents.' },
  UPDATE_DOCUMENT_COMMENTS: { group: true, suffix: true, description: 'Change and delete comments of others.' },
  VIEW_FILES: everywhere('See every file and its tokens.'),
  VIEW_FILE_SERVICE_SETTINGS: everywhere('See the settings of the file service.'),
  UPDATE_FILE_SERVICE_SETTINGS: everywhere('Change the settings of the file service.'),
  VIEW_EVENTS: everywhere('Read the log of events and follow it live.'),
  VIEW_ACCESS_LOGS: everywhere('Read who asked what of the API, and when.'),
} as const satisfies Record<string, PermissionFacts>;

export type PermissionName = keyof typeof permissionCatalogue;

type Suffixed = {
  [N in PermissionName]: (typeof permissionCatalogue)[N]['suffix'] extends true ? N : never;
}[PermissionName];

/** A permission of the catalogue, narrowed by a suffix where that is allowed. */
export type Permission = PermissionName | `${Suffixed}:${string}`;

export const permissionNames = Object.keys(permissionCatalogue) as PermissionName[];
