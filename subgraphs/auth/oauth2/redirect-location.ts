// The address that a user is sent back to, with the answer for the application (RFC 6749 §4.1.2).
import type { AuthorizationRequest } from './authorization-request.ts';

export interface RedirectAnswer {
  readonly code?: string;
  readonly error?: string;
  readonly error_description?: string;
}

/** The query that the address has stays. `issuer` tells the application who answers (RFC 9207). */
export function redirectLocation(
  { redirectUri, state }: Pick<AuthorizationRequest, 'redirectUri' | 'state'>,
  answer: RedirectAnswer,
  issuer: string,
): string {
  const query = new URLSearchParams({ ...answer, ...(state === null ? {} : { state }), iss: issuer });
  // Not by URL, which would rewrite the address: what follows is to be the very one that is registered.
  return `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${query}`;
}
