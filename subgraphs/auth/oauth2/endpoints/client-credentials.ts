// The credentials of a client in a request (RFC 6749 §2.3.1): HTTP Basic, or parameters of the body, but not both.
import { AppError, invalidInput } from '../../../../platform/errors.ts';
import type { AuthParts } from '../../auth-parts.ts';
import { authenticateClient, type ClientCredentials, type OAuth2Client } from '../authenticate-client.ts';
import { findParameter, type Parameters } from './parameters.ts';

export interface TokenRequest {
  readonly parameters: Parameters;
  /** The Authorization header. */
  readonly authorization: string | undefined;
}

/** The client, which has proven to be itself as far as it can. Errors of authenticateClient; 126 without credentials. */
export function requireClient(parts: AuthParts, request: TokenRequest): Promise<OAuth2Client> {
  return authenticateClient(parts, clientCredentials(request));
}

function clientCredentials({ parameters, authorization }: TokenRequest): ClientCredentials {
  const clientId = findParameter(parameters, 'client_id');
  const clientSecret = findParameter(parameters, 'client_secret');
  if (authorization === undefined) {
    if (clientId === undefined) throw missing('client_id: it is missing, and there is no HTTP Basic authentication.');
    return { clientId, clientSecret };
  }
  const basic = basicCredentials(authorization);
  if (clientSecret !== undefined) {
    throw invalidInput('client_secret', 'the client authenticates by HTTP Basic or by parameters, not both.');
  }
  if (clientId !== undefined && clientId !== basic.clientId) {
    throw invalidInput('client_id', 'it is another one than that of HTTP Basic.');
  }
  return basic;
}

/** Both parts are form-encoded before they are put together: colons and percent signs can stand in them. */
function basicCredentials(authorization: string): ClientCredentials {
  const [, encoded] = /^Basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(authorization) ?? [];
  if (encoded === undefined) throw missing('Authorization: HTTP Basic with client id and secret is needed.');
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) throw missing('Authorization: HTTP Basic with client id and secret is needed.');
  const [clientId, clientSecret] = [text.slice(0, colon), text.slice(colon + 1)].map(formDecoded);
  return { clientId: clientId ?? '', clientSecret };
}

function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw missing('Authorization: client id and secret must be form-encoded.');
  }
}

function missing(message: string): AppError {
  return new AppError('CLIENT_UNKNOWN', message, { code: 126 });
}
