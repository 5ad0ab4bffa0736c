// What the resolvers of this service get as the parents of their fields: rows, without what must not leave the store.
import type { Connection } from '../../platform/paging/page.ts';

export interface UserModel {
  readonly id: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly language: string;
  readonly phoneNumber: string | null;
  readonly timeZone: string | null;
  readonly activation: boolean;
  readonly profileImage: string | null;
  readonly failedCount: number;
  readonly lastFailedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface GroupModel {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface RoleModel {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Null: a global role. */
  readonly groupId: string | null;
  readonly permissions: string[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface StaffEnlistmentModel {
  readonly userId: string;
  readonly groupId: string;
  readonly createdAt: Date;
}

export interface PatientEnlistmentModel {
  readonly userId: string;
  readonly groupId: string;
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
}

/** The payload of `userChanged` for one event. */
export interface UserChangeModel {
  readonly kind: 'CREATED' | 'UPDATED' | 'DELETED' | 'ACCESS_GAINED' | 'ACCESS_LOST';
  readonly position: bigint;
  /** Null: other users than before are seen, nobody says which. */
  readonly userId: string | null;
  readonly user: UserModel | null;
  readonly matchesFilter: boolean;
  readonly groupId: string | null;
}

/** The payload of `groupChanged` for one event. */
export interface GroupChangeModel {
  readonly kind: 'CREATED' | 'UPDATED' | 'ACCESS_GAINED' | 'ACCESS_LOST';
  readonly position: bigint;
  /** Null: other groups than before are seen, nobody says which. */
  readonly groupId: string | null;
  readonly group: GroupModel | null;
  readonly matchesFilter: boolean;
}

export type UserConnectionModel = Connection<UserModel>;
export type GroupConnectionModel = Connection<GroupModel>;
export type RoleConnectionModel = Connection<RoleModel>;

/** What a user may do and where, as the roles and enlistments stand. */
export interface UserIdentityModel {
  readonly userId: string;
  readonly version: string;
  readonly credentialVersion: number;
  readonly permissions: string[];
  readonly staff: { readonly groupId: string; readonly permissions: string[] }[];
  readonly patient: { readonly groupId: string; readonly expiresAt: Date | null }[];
}

export interface PatientGroupsModel {
  readonly userId: string;
  readonly groups: { readonly groupId: string; readonly expiresAt: Date | null }[];
}

/** An open request to confirm an address or to set a password. */
export interface VerificationRequestModel {
  readonly id: string;
  readonly userId: string;
  readonly mode: 'HASH' | 'PIN_CODE';
  readonly requestCount: number;
  readonly lastRequestAt: Date;
  readonly failedAttempts: number;
  readonly lastFailedAt: Date | null;
  readonly expiresAt: Date;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type VerificationRequestConnectionModel = Connection<VerificationRequestModel>;

export interface OutboxMailModel {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly createdAt: Date;
}

export interface OidcLinkModel {
  readonly userId: string;
  readonly providerId: string;
  readonly subjectId: string;
}

/** A permission of the catalogue. */
export interface PermissionModel {
  readonly name: string;
  readonly description: string;
  readonly group: boolean;
  readonly suffix: boolean;
}

export type MailKind =
  | 'ACTIVATION'
  | 'ACTIVATION_PIN'
  | 'REACTIVATION'
  | 'REACTIVATION_PIN'
  | 'PASSWORD_RESET'
  | 'PASSWORD_RESET_PIN'
  | 'OIDC_UNLINK'
  | 'OIDC_UNLINK_PIN';

export interface UserMailSettingsModel {
  readonly activationUrl: string | null;
  readonly passwordResetUrl: string | null;
  readonly disabled: readonly MailKind[];
  readonly templates: readonly {
    readonly kind: MailKind;
    readonly language: string;
    readonly subject: string;
    readonly text: string;
  }[];
}
