// The identity source behind the service client: internal operations of `auth` and `users`.
import type { ServiceClient } from '../subgraph/service-client.ts';
import type { IdentityData } from './identity.ts';
import type { IdentitySource, SessionData, Signatory } from './identity-resolver.ts';

const sessionQuery = `query Session($tokenHash: String!) {
  session(tokenHash: $tokenHash) { id userId applicationId credentialVersion expiresAt }
}`;
const openSessionQuery = `query OpenSession($id: ID!) {
  openSession(id: $id) { id userId applicationId credentialVersion expiresAt }
}`;
const signatoryMutation = `mutation Signatory($method: String!, $url: String!, $authorization: String!) {
  authenticateOAuth1(method: $method, url: $url, authorization: $authorization) {
    id userId applicationId credentialVersion
  }
}`;
const versionsQuery = 'query AccessVersions($userIds: [ID!]!) { accessVersions(userIds: $userIds) }';
const identityQuery = `query Identity($userId: ID!) {
  identity(userId: $userId) {
    userId version credentialVersion permissions staff { groupId permissions } patient { groupId expiresAt }
  }
}`;

type SessionAnswer = Omit<SessionData, 'expiresAt'> & { readonly expiresAt: string };

interface IdentityAnswer {
  userId: string;
  version: string;
  credentialVersion: number;
  permissions: string[];
  staff: { groupId: string; permissions: string[] }[];
  patient: { groupId: string; expiresAt: string | null }[];
}

export function createServiceIdentitySource(services: ServiceClient): IdentitySource {
  return {
    async session(tokenHash) {
      type Answer = { session: SessionAnswer | null };
      const { session } = await services.call<Answer>('auth', { query: sessionQuery, variables: { tokenHash } });
      return session && sessionData(session);
    },
    async openSession(id) {
      type Answer = { openSession: SessionAnswer | null };
      const { openSession } = await services.call<Answer>('auth', { query: openSessionQuery, variables: { id } });
      return openSession && sessionData(openSession);
    },
    async signatory({ method, url, authorization }) {
      type Answer = { authenticateOAuth1: Signatory };
      const variables = { method, url, authorization };
      return (await services.call<Answer>('auth', { query: signatoryMutation, variables })).authenticateOAuth1;
    },
    async accessVersions(userIds) {
      type Answer = { accessVersions: string[] };
      return (await services.call<Answer>('users', { query: versionsQuery, variables: { userIds } })).accessVersions;
    },
    async identity(userId) {
      type Answer = { identity: IdentityAnswer | null };
      const { identity } = await services.call<Answer>('users', { query: identityQuery, variables: { userId } });
      if (identity === null) return null;
      const { version, credentialVersion } = identity;
      return { version, credentialVersion, data: identityDataOf(identity) };
    },
  };
}

function sessionData(answer: SessionAnswer): SessionData {
  return { ...answer, expiresAt: new Date(answer.expiresAt) };
}

function identityDataOf({ userId, permissions, staff, patient }: IdentityAnswer): IdentityData {
  return {
    userId,
    permissions,
    staff,
    patient: patient.map(({ groupId, expiresAt }) => ({
      groupId,
      expiresAt: expiresAt === null ? null : new Date(expiresAt).getTime(),
    })),
  };
}
