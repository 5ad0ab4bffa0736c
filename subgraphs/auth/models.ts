// What the resolvers of this service get as the parents of their fields: rows, without what must not leave the stores.
import type { Connection } from '../../platform/paging/page.ts';

/** A valid session behind an access token or a signature. */
export interface SessionIdentityModel {
  /** Null, as the user's id: an application without a user. */
  readonly id: string | null;
  readonly userId: string | null;
  readonly applicationId: string | null;
  readonly credentialVersion: number;
  /** When the access token expires; null when it does not. */
  readonly expiresAt: Date | null;
}

export type SessionKind = 'PASSWORD' | 'AUTHORIZATION_CODE' | 'OAUTH1' | 'SSO' | 'OIDC';

export interface SessionModel {
  readonly id: string;
  readonly userId: string;
  readonly applicationId: string | null;
  readonly kind: SessionKind;
  readonly lastUsedAt: Date | null;
  readonly createdAt: Date;
}

export interface ApplicationModel {
  readonly id: string;
  readonly type: 'OAUTH1' | 'OAUTH2';
  readonly name: string;
  readonly description: string;
  readonly logo: string | null;
  readonly redirectUris: string[];
  readonly confidential: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface ApplicationVersionModel {
  readonly id: string;
  readonly applicationId: string;
  readonly name: string;
  /** Of an OAuth 2 application. */
  readonly clientId: string | null;
  /** Of an OAuth 1 application. */
  readonly consumerKey: string | null;
  readonly createdAt: Date;
}

export interface OAuth2AuthorizationModel {
  readonly id: string;
  readonly applicationId: string;
  readonly userId: string;
  readonly redirectUri: string;
  readonly state: string | null;
  readonly codeChallengeMethod: string | null;
  readonly expiresAt: Date;
  readonly createdAt: Date;
}

export interface OAuth2AccessTokenModel {
  readonly id: string;
  readonly applicationId: string | null;
  readonly userId: string;
  readonly refreshTokenId: string | null;
  readonly expiresAt: Date;
  readonly createdAt: Date;
}

export interface OAuth2RefreshTokenModel {
  readonly id: string;
  readonly applicationId: string | null;
  readonly userId: string;
  readonly expiresAt: Date;
  readonly createdAt: Date;
}

export interface OAuth1TokenModel {
  readonly id: string;
  readonly applicationId: string | null;
  readonly userId: string;
  readonly token: string;
  readonly lastUsedAt: Date | null;
  readonly createdAt: Date;
}

export interface SsoTokenModel {
  readonly id: string;
  readonly userId: string;
  readonly applicationId: string;
  readonly expiresAt: Date;
  readonly createdAt: Date;
}

export interface MfaSettingModel {
  readonly userId: string;
  readonly enabled: boolean;
  readonly updatedAt: Date;
}

export interface MfaMethodModel {
  readonly id: string;
  readonly userId: string;
  readonly type: 'TOTP' | 'RECOVERY_CODES' | 'PASSKEY';
  readonly name: string | null;
  readonly tags: string[];
  readonly verified: boolean;
  readonly codesLeft: number | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface OidcProviderModel {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly clientId: string;
  readonly clientSecretHint: string;
  readonly issuerId: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly userinfoEndpoint: string;
  readonly redirectUri: string;
  readonly enabled: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface OidcLoginAttemptModel {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILED';
  readonly providerId: string;
  readonly providerName: string;
  readonly providerSubjectId: string | null;
  readonly userId: string | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly createdAt: Date;
}

export type SessionConnectionModel = Connection<SessionModel>;
export type ApplicationConnectionModel = Connection<ApplicationModel>;
export type OAuth2AuthorizationConnectionModel = Connection<OAuth2AuthorizationModel>;
export type OAuth2AccessTokenConnectionModel = Connection<OAuth2AccessTokenModel>;
export type OAuth2RefreshTokenConnectionModel = Connection<OAuth2RefreshTokenModel>;
export type OAuth1TokenConnectionModel = Connection<OAuth1TokenModel>;
export type SsoTokenConnectionModel = Connection<SsoTokenModel>;
export type OidcProviderConnectionModel = Connection<OidcProviderModel>;
export type OidcLoginAttemptConnectionModel = Connection<OidcLoginAttemptModel>;

export interface UserModel {
  readonly id: string;
}

export interface LoginPayloadModel {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresIn: number;
  readonly user: UserModel | null;
}
