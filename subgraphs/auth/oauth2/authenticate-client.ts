// Which application a request to the endpoints of OAuth 2 comes from, and whether it is the one that it says. A client is
// a version of an application: the credentials are the version's, the tokens belong to the application.
import { AppError } from '../../../platform/errors.ts';
import { isStorable } from '../../../platform/text.ts';
import { findVersionByKey, type StoredVersion, verifyClientSecret } from '../applications/find-client.ts';
import type { AuthParts } from '../auth-parts.ts';
import { apiLifetimes, type TokenLifetimes } from '../tokens.ts';

export interface OAuth2Client {
  readonly applicationId: string;
  readonly versionId: string;
  readonly clientId: string;
  readonly confidential: boolean;
  /** What people are told of it. */
  readonly name: string;
  readonly description: string;
  readonly redirectUris: readonly string[];
  /** How long its tokens are good for. */
  readonly lifetimes: TokenLifetimes;
}

export interface ClientCredentials {
  readonly clientId: string;
  /** Empty is the same as none, as RFC 6749 (section 2.3.1) has it. */
  readonly clientSecret?: string | undefined;
}

type ClientParts = Pick<AuthParts, 'database' | 'config'>;

/**
 * The client with this id, not proven to be it. Null when there is none, or its version was deleted; ILLEGAL_STATE for
 * an application of OAuth 1.
 */
export async function findClient(parts: ClientParts, clientId: string): Promise<OAuth2Client | null> {
  return (await findWithVersion(parts, clientId))?.client ?? null;
}

/**
 * CLIENT_UNKNOWN: 123 for the id, 124 for the secret, 126 when a secret is missing. A public application has no secret,
 * so one that sends a secret is not that application.
 */
export async function authenticateClient(
  parts: ClientParts,
  { clientId, clientSecret = '' }: ClientCredentials,
): Promise<OAuth2Client> {
  const found = await findWithVersion(parts, clientId);
  if (found === null) throw refusal('There is no application with this client id, or its version was deleted.', 123);
  const { client, version } = found;
  if (!client.confidential) {
    if (clientSecret !== '') throw refusal('A public application has no client secret.', 124);
    return client;
  }
  if (clientSecret === '') throw refusal('The client secret is missing.', 126);
  if (!verifyClientSecret(version, clientSecret)) throw refusal('The client secret is wrong.', 124);
  return client;
}

interface WithVersion {
  readonly client: OAuth2Client;
  readonly version: StoredVersion;
}

async function findWithVersion({ database, config }: ClientParts, clientId: string): Promise<WithVersion | null> {
  const found = isStorable(clientId) ? await findVersionByKey(database.db, clientId) : null;
  if (found === null) return null;
  const { version, application } = found;
  if (application.type !== 'OAUTH2') {
    throw new AppError('ILLEGAL_STATE', 'This is an application of OAuth 1: its requests are signed.', { code: 27 });
  }
  const { id: applicationId, confidential, name, description, redirectUris } = application;
  const lifetimes = confidential
    ? { access: config.accessTokenSeconds, refresh: config.confidentialRefreshTokenSeconds }
    : apiLifetimes(config);
  const client = { applicationId, versionId: version.id, clientId, confidential, name, description, redirectUris };
  return { client: { ...client, lifetimes }, version };
}

function refusal(message: string, code: number): AppError {
  return new AppError('CLIENT_UNKNOWN', message, { code });
}
