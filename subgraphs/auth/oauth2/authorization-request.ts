// What an application asks of a user (RFC 6749 §4.1.1, with RFC 7636), checked. First comes where the user may be sent
// back to: until that is known to be the application's own, no fault may be told there.
import { AppError, invalidInput } from '../../../platform/errors.ts';
import { requireText } from '../../../platform/text.ts';
import type { AuthParts } from '../auth-parts.ts';
import { findClient, type OAuth2Client } from './authenticate-client.ts';

type Maybe<T> = T | null | undefined;

export interface AuthorizationInput {
  readonly responseType: string;
  readonly clientId: string;
  readonly redirectUri?: Maybe<string>;
  readonly state?: Maybe<string>;
  readonly codeChallenge?: Maybe<string>;
  readonly codeChallengeMethod?: Maybe<string>;
}

/** How an argument is called where it was given: for messages. */
export type FieldName = (name: keyof AuthorizationInput) => string;

export interface Redirection {
  readonly client: OAuth2Client;
  readonly redirectUri: string;
  /** Whether the application named the address; then it must name the same when it redeems the code. */
  readonly redirectUriGiven: boolean;
}

export interface AuthorizationRequest extends Redirection {
  readonly state: string | null;
  readonly codeChallenge: string | null;
  readonly codeChallengeMethod: 'S256' | 'plain' | null;
}

/** CLIENT_UNKNOWN (103); CALLBACK_NOT_VALID (113) unless the address is one of the application's, to the letter. */
export async function requireRedirection(
  parts: Pick<AuthParts, 'database' | 'config'>,
  { clientId, redirectUri }: Pick<AuthorizationInput, 'clientId' | 'redirectUri'>,
  field: FieldName,
): Promise<Redirection> {
  const client = await findClient(parts, clientId);
  if (client === null) {
    const message = `${field('clientId')}: there is no application with this client id.`;
    throw new AppError('CLIENT_UNKNOWN', message, { field: field('clientId'), code: 103 });
  }
  const { redirectUris } = client;
  if (typeof redirectUri === 'string') {
    if (redirectUris.includes(redirectUri)) return { client, redirectUri, redirectUriGiven: true };
    throw badCallback(field('redirectUri'), 'this is no address of the application.');
  }
  const [only, ...others] = redirectUris;
  if (only !== undefined && others.length === 0) return { client, redirectUri: only, redirectUriGiven: false };
  throw badCallback(field('redirectUri'), 'the application has several addresses: name one.');
}

/** UNSUPPORTED_RESPONSE_TYPE (114); BAD_USER_INPUT for a state or a code challenge of a shape that none has. */
export function requireAuthorizationRequest(
  redirection: Redirection,
  input: Omit<AuthorizationInput, 'clientId' | 'redirectUri'>,
  field: FieldName,
): AuthorizationRequest {
  if (input.responseType !== 'code') {
    throw new AppError('UNSUPPORTED_RESPONSE_TYPE', undefined, { field: field('responseType'), code: 114 });
  }
  const state = typeof input.state === 'string' ? requireText(input.state, field('state'), { most: 2_048 }) : null;
  return { ...redirection, state, ...requireChallenge(input, field) };
}

const unreserved = /^[A-Za-z0-9\-._~]{43,128}$/;
/** SHA-256 in base64url. */
const digest = /^[A-Za-z0-9_-]{43}$/;

function requireChallenge(
  { codeChallenge, codeChallengeMethod }: Pick<AuthorizationInput, 'codeChallenge' | 'codeChallengeMethod'>,
  field: FieldName,
): Pick<AuthorizationRequest, 'codeChallenge' | 'codeChallengeMethod'> {
  const method = codeChallengeMethod ?? 'plain';
  if (method !== 'S256' && method !== 'plain') {
    throw invalidInput(field('codeChallengeMethod'), 'S256 and plain are supported.');
  }
  if (typeof codeChallenge !== 'string') {
    if (typeof codeChallengeMethod !== 'string') return { codeChallenge: null, codeChallengeMethod: null };
    throw invalidInput(field('codeChallenge'), 'it is missing.', { code: 14 });
  }
  if (!(method === 'S256' ? digest : unreserved).test(codeChallenge)) {
    throw invalidInput(field('codeChallenge'), 'this is not a code challenge of RFC 7636.');
  }
  return { codeChallenge, codeChallengeMethod: method };
}

function badCallback(field: string, message: string): AppError {
  return new AppError('CALLBACK_NOT_VALID', `${field}: ${message}`, { field, code: 113 });
}
