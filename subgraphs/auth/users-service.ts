// What this service asks of `users`: whether somebody is who they say. Failures are counted there.
import type { ServiceClient } from '../../platform/subgraph/service-client.ts';

/** A user who has proven to be that user. */
export interface Authentication {
  readonly userId: string;
  /** What a session or token that starts now is started at. */
  readonly credentialVersion: number;
}

/** A subject of an OpenID Connect provider, and what the provider says of it. */
export interface OidcSubject {
  readonly providerId: string;
  readonly subjectId: string;
  readonly email?: string | undefined;
  readonly emailVerified?: boolean | undefined;
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
}

/** Errors of `users` are thrown as they are there: LOGIN_TIMEOUT, LOGIN_FREEZE, DISABLED_FOR_OIDC_USERS and others. */
export interface UsersService {
  /** Null when the address and the password do not fit. */
  authenticate(email: string, password: string): Promise<Authentication | null>;
  /** Null when the password is wrong. */
  verifyPassword(userId: string, password: string): Promise<Authentication | null>;
  /** The linked user, or a new one. ALREADY_EXISTS when another account has the address. */
  authenticateWithOidc(subject: OidcSubject): Promise<Authentication>;
  linkOidc(userId: string, subject: OidcSubject): Promise<void>;
  /** Whether there was a link. */
  unlinkOidc(userId: string): Promise<boolean>;
  countOidcLinks(providerId: string): Promise<number>;
  /** Whether there is such a user. */
  exists(userId: string): Promise<boolean>;
  /** Those of the users that there are. */
  listExisting(userIds: readonly string[]): Promise<string[]>;
  /** Older sessions and tokens have ended; null when there is no such user. */
  findCredentialVersion(userId: string): Promise<number | null>;
}

const answer = '{ userId credentialVersion }';
const operations = {
  authenticate: `mutation ($email: String!, $password: String!) {
    authenticate(email: $email, password: $password) ${answer}
  }`,
  verifyPassword: `mutation ($userId: ID!, $password: String!) {
    verifyPassword(userId: $userId, password: $password) ${answer}
  }`,
  authenticateWithOidc: `mutation ($input: OidcSubjectInput!) { authenticateWithOidc(input: $input) ${answer} }`,
  linkOidcSubject:
    'mutation ($userId: ID!, $input: OidcSubjectInput!) { linkOidcSubject(userId: $userId, input: $input) }',
  unlinkOidcSubject: 'mutation ($userId: ID!) { unlinkOidcSubject(userId: $userId) }',
  identity: 'query ($userId: ID!) { identity(userId: $userId) { credentialVersion } }',
  existingUsers: 'query ($ids: [ID!]!) { existingUsers(ids: $ids) }',
  oidcLinkedUsers: 'query ($providerId: ID!) { oidcLinkedUsers(providerId: $providerId) }',
} as const;

export function createUsersService(services: ServiceClient): UsersService {
  async function ask<T>(operation: keyof typeof operations, variables: Record<string, unknown>): Promise<T> {
    const query = operations[operation];
    return (await services.call<Record<string, T>>('users', { query, variables }))[operation] as T;
  }
  return {
    authenticate: (email, password) => ask('authenticate', { email, password }),
    verifyPassword: (userId, password) => ask('verifyPassword', { userId, password }),
    authenticateWithOidc: (input) => ask('authenticateWithOidc', { input }),
    linkOidc: async (userId, input) => {
      await ask('linkOidcSubject', { userId, input });
    },
    unlinkOidc: (userId) => ask('unlinkOidcSubject', { userId }),
    exists: async (userId) => (await ask<string[]>('existingUsers', { ids: [userId] })).length > 0,
    listExisting: (ids) => ask('existingUsers', { ids }),
    findCredentialVersion: async (userId) =>
      (await ask<{ credentialVersion: number } | null>('identity', { userId }))?.credentialVersion ?? null,
    countOidcLinks: (providerId) => ask('oidcLinkedUsers', { providerId }),
  };
}
