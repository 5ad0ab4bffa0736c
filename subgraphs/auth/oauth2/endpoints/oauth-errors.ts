// Errors as the endpoints of OAuth 2 tell them: the form of RFC 6749 §5.2, with the number and name that the reference
// gives each.
import type { AppError } from '../../../../platform/errors.ts';

export type OAuthErrorName =
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_request'
  | 'mfa_required'
  | 'server_error'
  | 'temporarily_unavailable'
  | 'unauthorized_client'
  | 'unsupported_grant_type';

interface ReferenceError {
  readonly name: string;
  readonly error: OAuthErrorName;
}

const unexpected: ReferenceError = { name: 'SERVICE_EXCEPTION', error: 'server_error' };

/** By number. */
const references: Readonly<Record<number, ReferenceError>> = {
  1: unexpected,
  4: { name: 'SERVICE_UNREACHABLE_EXCEPTION', error: 'temporarily_unavailable' },
  12: { name: 'ID_FORMAT_EXCEPTION', error: 'invalid_request' },
  13: { name: 'EMPTY_BODY_EXCEPTION', error: 'invalid_request' },
  14: { name: 'MISSING_REQUIRED_FIELDS_EXCEPTION', error: 'invalid_request' },
  15: { name: 'FIELD_FORMAT_EXCEPTION', error: 'invalid_request' },
  22: { name: 'BODY_FORMAT_EXCEPTION', error: 'invalid_request' },
  27: { name: 'ILLEGAL_STATE_EXCEPTION', error: 'unauthorized_client' },
  106: { name: 'AUTHENTICATION_EXCEPTION', error: 'invalid_grant' },
  113: { name: 'CALLBACK_NOT_VALID_EXCEPTION', error: 'invalid_grant' },
  115: { name: 'AUTHORIZATION_UNKNOWN_EXCEPTION', error: 'invalid_grant' },
  116: { name: 'AUTHORIZATION_CODE_EXPIRED_EXCEPTION', error: 'invalid_grant' },
  119: { name: 'REFRESH_TOKEN_UNKNOWN_EXCEPTION', error: 'invalid_grant' },
  120: { name: 'REFRESH_TOKEN_EXPIRED_EXCEPTION', error: 'invalid_grant' },
  121: { name: 'UNSUPPORTED_GRANT_EXCEPTION', error: 'unsupported_grant_type' },
  122: { name: 'INVALID_PKCE_EXCEPTION', error: 'invalid_grant' },
  123: { name: 'OAUTH2_CLIENT_ID_EXCEPTION', error: 'invalid_client' },
  124: { name: 'OAUTH2_CLIENT_SECRET_EXCEPTION', error: 'invalid_client' },
  126: { name: 'OAUTH2_MISSING_CLIENT_CREDENTIALS_EXCEPTION', error: 'invalid_client' },
  128: { name: 'MISSING_PKCE_VERIFIER_EXCEPTION', error: 'invalid_request' },
  129: { name: 'MFA_REQUIRED_EXCEPTION', error: 'mfa_required' },
  130: { name: 'INVALID_MFA_CODE_EXCEPTION', error: 'invalid_grant' },
  131: { name: 'INVALID_MFA_TOKEN_EXCEPTION', error: 'invalid_grant' },
  134: { name: 'MFA_REATTEMPT_DELAY_EXCEPTION', error: 'invalid_grant' },
  211: { name: 'LOGIN_TIMEOUT_EXCEPTION', error: 'invalid_grant' },
  212: { name: 'LOGIN_FREEZE_EXCEPTION', error: 'invalid_grant' },
  213: { name: 'TOO_MANY_FAILED_ATTEMPTS_EXCEPTION', error: 'invalid_grant' },
  215: { name: 'DISABLED_FOR_OIDC_USERS_EXCEPTION', error: 'invalid_grant' },
};

export interface OAuthAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** `basic`: the client tried HTTP Basic; then RFC 6749 asks for 401 when it is refused. */
export function oauthError(error: AppError, basic: boolean): OAuthAnswer {
  const code = numberOf(error);
  const { name, error: oauthName } = references[code] ?? unexpected;
  const description = plain(error.message);
  return {
    status: statusOf(oauthName, code, basic),
    body: {
      error: oauthName,
      error_description: description,
      description,
      exh_error: { code, name, description },
      ...extras(error),
    },
  };
}

function numberOf({ code, details }: AppError): number {
  if (details?.code !== undefined && details.code in references) return details.code;
  if (code === 'SERVICE_UNAVAILABLE' || code === 'CONFLICT') return 4;
  return code === 'BAD_USER_INPUT' || code === 'BAD_REQUEST' ? 15 : 1;
}

function statusOf(error: OAuthErrorName, code: number, basic: boolean): number {
  if (error === 'server_error') return 500;
  if (error === 'temporarily_unavailable') return 503;
  return error === 'invalid_client' && (basic || code !== 126) ? 401 : 400;
}

/** What a client needs to go on: the challenge of a second factor, or how long to wait, in milliseconds. */
function extras({ code, details }: AppError): Record<string, unknown> {
  if (code === 'MFA_REQUIRED') {
    const { code: _, field: __, ...challenge } = details ?? {};
    return { mfa: { ...challenge, methods: methodsOf(challenge.methods) } };
  }
  return code === 'MFA_REATTEMPT_DELAY' ? { remainingDelay: details?.remainingDelay } : {};
}

const methodTypes: Readonly<Record<string, string>> = {
  TOTP: 'totp',
  RECOVERY_CODES: 'recoveryCodes',
  PASSKEY: 'passkey',
};

/** With the names that the reference gives the types. */
function methodsOf(methods: unknown): unknown[] {
  if (!Array.isArray(methods)) return [];
  return methods.map((method: { readonly type: string }) => ({
    ...method,
    type: methodTypes[method.type] ?? method.type,
  }));
}

/** RFC 6749 allows printable ASCII without quotes and backslashes. */
export function plain(text: string): string {
  return text.replaceAll('"', "'").replaceAll(/[^\x20-\x5b\x5d-\x7e]/g, '?');
}
