// Reads an application's request from the query of an address, and tells its faults where they may be told: on a page
// until the address to go back to is known to be the application's own, and there from then on (RFC 6749 §4.1.2.1).
import { AppError, invalidInput } from '../../../../platform/errors.ts';
import { isStorable } from '../../../../platform/text.ts';
import type { AuthParts } from '../../auth-parts.ts';
import type { AuthorizationRequest, FieldName, Redirection } from '../authorization-request.ts';
import { requireAuthorizationRequest, requireRedirection } from '../authorization-request.ts';
import { plain } from '../endpoints/oauth-errors.ts';
import { redirectLocation } from '../redirect-location.ts';
import type { AskedFor } from './flow.ts';

const parameterNames = {
  clientId: 'client_id',
  redirectUri: 'redirect_uri',
  responseType: 'response_type',
  state: 'state',
  codeChallenge: 'code_challenge',
  codeChallengeMethod: 'code_challenge_method',
} as const;

const field: FieldName = (name) => parameterNames[name];

/** Either what was asked for, or where to send the user with the fault. Throws what only a page may tell. */
export async function readRequest(
  parts: AuthParts,
  query: URLSearchParams,
): Promise<{ readonly asked: AskedFor; readonly request: AuthorizationRequest } | { readonly location: string }> {
  const clientId = single(query, 'clientId') ?? '';
  const redirectUri = single(query, 'redirectUri');
  const redirection = await requireRedirection(parts, { clientId, redirectUri }, field);
  try {
    const responseType = single(query, 'responseType');
    if (responseType === null) throw invalidInput('response_type', 'it is missing.', { code: 14 });
    const state = single(query, 'state');
    const codeChallenge = single(query, 'codeChallenge');
    const codeChallengeMethod = single(query, 'codeChallengeMethod');
    const asked = { clientId, redirectUri, responseType, state, codeChallenge, codeChallengeMethod };
    return { asked, request: requireAuthorizationRequest(redirection, asked, field) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { location: faultLocation(error, redirection, { query, issuer: parts.config.publicUrl ?? '' }) };
  }
}

/** The same request at a later page: the application may have changed, or be gone. */
export async function requireSameRequest(parts: AuthParts, asked: AskedFor): Promise<AuthorizationRequest> {
  return requireAuthorizationRequest(await requireRedirection(parts, asked, field), asked, field);
}

interface Telling {
  readonly query: URLSearchParams;
  readonly issuer: string;
}

function faultLocation(error: AppError, { redirectUri }: Redirection, { query, issuer }: Telling): string {
  const [state = null, ...others] = query.getAll('state');
  const echoed = others.length > 0 || state === null || state.length > 2_048 || !isStorable(state) ? null : state;
  const name = error.code === 'UNSUPPORTED_RESPONSE_TYPE' ? 'unsupported_response_type' : 'invalid_request';
  return redirectLocation(
    { redirectUri, state: echoed },
    { error: name, error_description: plain(error.message) },
    issuer,
  );
}

/** Null when it is left out, or empty; BAD_USER_INPUT when it is given more than once. */
function single(query: URLSearchParams, name: keyof typeof parameterNames): string | null {
  const [value = '', ...others] = query.getAll(parameterNames[name]);
  if (others.length > 0) throw invalidInput(parameterNames[name], 'it is given more than once.');
  return value === '' ? null : value;
}
