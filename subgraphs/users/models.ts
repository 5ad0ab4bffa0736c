// What the resolvers of this service get as the parents of their fields: rows, without what must not leave the store.
import type { Connection } from '../../platform/paging/page.ts';

export interface UserModel {
  readonly id: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly language: string;
  readonly phoneNumber: string | null;
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

export type UserConnectionModel = Connection<UserModel>;
export type GroupConnectionModel = Connection<GroupModel>;
export type RoleConnectionModel = Connection<RoleModel>;

/** What a user may do and where, as the roles and enlistments stand. */
export interface UserIdentityModel {
  readonly userId: string;
  readonly version: string;
  readonly permissions: string[];
  readonly staff: { readonly groupId: string; readonly permissions: string[] }[];
  readonly patient: { readonly groupId: string; readonly expiresAt: Date | null }[];
}
