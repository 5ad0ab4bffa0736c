// The one catalogue of errors. Everything that a client may be told is an AppError made from it; anything else is
// masked (see mask.ts). Add codes, never reuse one.

export interface ErrorFacts {
  /** HTTP status where the error is the whole answer (routes, authentication); GraphQL results carry it in extensions. */
  readonly http: number;
  /** What is said when the thrower has nothing more helpful to say. */
  readonly message: string;
  /** Whether the same call may succeed later without a change. */
  readonly retryable: boolean;
}

export type ErrorCode =
  | 'ACTIVATION_UNKNOWN'
  | 'ALREADY_ACTIVATED'
  | 'ALREADY_EXISTS'
  | 'BAD_REQUEST'
  | 'BAD_USER_INPUT'
  | 'CALLBACK_NOT_VALID'
  | 'CLIENT_UNKNOWN'
  | 'CONFLICT'
  | 'DISABLED_FOR_OIDC_USERS'
  | 'DOCUMENT_NOT_TRUSTED'
  | 'EMAIL_UNKNOWN'
  | 'FILE_DAMAGED'
  | 'FILE_TOO_LARGE'
  | 'FORBIDDEN'
  | 'HEADERS_TOO_LARGE'
  | 'ILLEGAL_STATE'
  | 'INCORRECT_PIN_CODE'
  | 'INTERNAL_SERVER_ERROR'
  | 'INVALID_CREDENTIALS'
  | 'INVALID_GRANT'
  | 'INVALID_MFA_CODE'
  | 'INVALID_MFA_TOKEN'
  | 'INVALID_PRESENCE_TOKEN'
  | 'LOCKED_DOCUMENT'
  | 'LOGIN_FREEZE'
  | 'LOGIN_TIMEOUT'
  | 'MFA_REATTEMPT_DELAY'
  | 'MFA_REQUIRED'
  | 'NEW_PASSWORD_HASH_UNKNOWN'
  | 'NEW_PASSWORD_PIN_CODE_UNKNOWN'
  | 'NOT_ACTIVATED'
  | 'NOT_ENOUGH_MFA_METHODS'
  | 'NOT_FOUND'
  | 'OAUTH_KEY_UNKNOWN'
  | 'OAUTH_SIGNATURE_INVALID'
  | 'OAUTH_TOKEN_UNKNOWN'
  | 'OIDC_CODE_INVALID'
  | 'OIDC_ID_TOKEN_INVALID'
  | 'OIDC_NONCE_INVALID'
  | 'OIDC_PROVIDER_RESPONSE'
  | 'OLD_PASSWORD_WRONG'
  | 'OPERATION_TOO_LARGE'
  | 'PAYLOAD_TOO_LARGE'
  | 'PERSISTED_QUERY_NOT_FOUND'
  | 'PIN_CODES_NOT_ENABLED'
  | 'QUERY_TIMEOUT'
  | 'QUOTA_EXCEEDED'
  | 'RANGE_NOT_SATISFIABLE'
  | 'RATE_LIMITED'
  | 'REFRESH_TOKEN_INVALID'
  | 'REPLAYED_REQUEST'
  | 'REQUEST_LIMIT_REACHED'
  | 'REQUEST_TIMEOUT'
  | 'REQUEST_TOO_SOON'
  | 'RESYNC_REQUIRED'
  | 'SERVICE_UNAVAILABLE'
  | 'STATUS_IN_USE'
  | 'SUBSCRIPTION_SCHEMA_RELOAD'
  | 'TOO_MANY_FAILED_ATTEMPTS'
  | 'TOO_MANY_SUBSCRIPTIONS'
  | 'UNAUTHENTICATED'
  | 'UNSUPPORTED_RESPONSE_TYPE';

export const errorCatalogue: Readonly<Record<ErrorCode, ErrorFacts>> = {
  ACTIVATION_UNKNOWN: {
    http: 400,
    message: 'What the mail held is unknown or has expired: ask for a new mail.',
    retryable: false,
  },
  ALREADY_ACTIVATED: { http: 400, message: 'The e-mail address is confirmed already.', retryable: false },
  ALREADY_EXISTS: { http: 409, message: 'It exists already.', retryable: false },
  BAD_REQUEST: { http: 400, message: 'The request cannot be read.', retryable: false },
  BAD_USER_INPUT: { http: 400, message: 'A value given is not valid.', retryable: false },
  CALLBACK_NOT_VALID: { http: 400, message: 'The application may not send users to this address.', retryable: false },
  CLIENT_UNKNOWN: { http: 401, message: 'There is no application with these credentials.', retryable: false },
  CONFLICT: { http: 409, message: 'Somebody else changed it at the same time.', retryable: true },
  DISABLED_FOR_OIDC_USERS: {
    http: 403,
    message: 'This user signs in through an OpenID Connect provider and has no password.',
    retryable: false,
  },
  DOCUMENT_NOT_TRUSTED: {
    http: 403,
    message: 'Only trusted documents are run here: send the id of one.',
    retryable: false,
  },
  EMAIL_UNKNOWN: { http: 400, message: 'No account has this e-mail address.', retryable: false },
  FILE_DAMAGED: {
    http: 500,
    message: 'The stored bytes of the file are damaged; they are not given out.',
    retryable: false,
  },
  FILE_TOO_LARGE: { http: 413, message: 'The file is larger than allowed.', retryable: false },
  FORBIDDEN: { http: 403, message: 'A permission is missing.', retryable: false },
  HEADERS_TOO_LARGE: { http: 431, message: 'The address and the headers are larger than allowed.', retryable: false },
  ILLEGAL_STATE: { http: 409, message: 'Its present state does not allow this.', retryable: false },
  INCORRECT_PIN_CODE: { http: 400, message: 'The pin code is wrong.', retryable: false },
  INTERNAL_SERVER_ERROR: { http: 500, message: 'Something went wrong.', retryable: true },
  INVALID_CREDENTIALS: { http: 401, message: 'The e-mail address or the password is wrong.', retryable: false },
  INVALID_GRANT: {
    http: 400,
    message: 'The authorization code is unknown, was used, or has expired.',
    retryable: false,
  },
  INVALID_MFA_CODE: { http: 400, message: 'The code is wrong.', retryable: false },
  INVALID_MFA_TOKEN: {
    http: 400,
    message: 'The challenge is unknown or has expired: sign in again.',
    retryable: false,
  },
  INVALID_PRESENCE_TOKEN: {
    http: 400,
    message: 'The presence token is unknown or has expired: confirm your password again.',
    retryable: false,
  },
  LOCKED_DOCUMENT: { http: 409, message: 'The document is being changed by somebody else.', retryable: true },
  LOGIN_FREEZE: { http: 401, message: 'Too many sign-ins failed in a row: wait a minute.', retryable: true },
  LOGIN_TIMEOUT: { http: 401, message: 'A sign-in has just failed: wait a second.', retryable: true },
  MFA_REATTEMPT_DELAY: { http: 400, message: 'A code was wrong: wait before the next one.', retryable: true },
  MFA_REQUIRED: { http: 403, message: 'A second factor is needed.', retryable: false },
  NEW_PASSWORD_HASH_UNKNOWN: {
    http: 400,
    message: 'What the mail held is unknown or has expired: ask for a new mail.',
    retryable: false,
  },
  NEW_PASSWORD_PIN_CODE_UNKNOWN: {
    http: 400,
    message: 'There is no open request for this address, or it has expired: ask for a new mail.',
    retryable: false,
  },
  NOT_ACTIVATED: { http: 400, message: 'The e-mail address was not confirmed yet.', retryable: false },
  NOT_ENOUGH_MFA_METHODS: {
    http: 400,
    message: 'A confirmed TOTP method or passkey, and recovery codes are needed.',
    retryable: false,
  },
  NOT_FOUND: { http: 404, message: 'There is no such thing, or you may not see it.', retryable: false },
  OAUTH_KEY_UNKNOWN: { http: 401, message: 'The consumer key is unknown.', retryable: false },
  OAUTH_SIGNATURE_INVALID: { http: 401, message: 'The signature does not fit the request.', retryable: false },
  OAUTH_TOKEN_UNKNOWN: { http: 401, message: 'The token is unknown for this consumer.', retryable: false },
  OIDC_CODE_INVALID: { http: 400, message: 'The provider refused the authorization code.', retryable: false },
  OIDC_ID_TOKEN_INVALID: { http: 503, message: 'The identity token of the provider is not valid.', retryable: false },
  OIDC_NONCE_INVALID: {
    http: 400,
    message: 'This sign-in was not started here, was finished already, or took too long: start again.',
    retryable: false,
  },
  OIDC_PROVIDER_RESPONSE: { http: 400, message: 'The provider did not answer as it should.', retryable: true },
  OLD_PASSWORD_WRONG: { http: 400, message: 'The old password is wrong.', retryable: false },
  OPERATION_TOO_LARGE: { http: 400, message: 'The operation is larger or deeper than allowed.', retryable: false },
  PAYLOAD_TOO_LARGE: { http: 413, message: 'The request body is larger than allowed.', retryable: false },
  // Clients of automatic persisted queries go by the code, and older ones by this message.
  PERSISTED_QUERY_NOT_FOUND: { http: 400, message: 'PersistedQueryNotFound', retryable: true },
  PIN_CODES_NOT_ENABLED: { http: 403, message: 'Pin codes are not enabled.', retryable: false },
  QUERY_TIMEOUT: {
    http: 503,
    message: 'This takes too long: ask for less, or for what an index holds.',
    retryable: false,
  },
  QUOTA_EXCEEDED: { http: 413, message: 'All files together would be larger than allowed.', retryable: false },
  RANGE_NOT_SATISFIABLE: { http: 416, message: 'The file has no bytes in the range asked for.', retryable: false },
  RATE_LIMITED: { http: 429, message: 'Too much in too short a time: wait.', retryable: true },
  REFRESH_TOKEN_INVALID: { http: 401, message: 'The refresh token is unknown, used or expired.', retryable: false },
  REPLAYED_REQUEST: { http: 401, message: 'This signed request was made before, or too long ago.', retryable: false },
  REQUEST_LIMIT_REACHED: { http: 403, message: 'Too many mails were asked for without success.', retryable: false },
  REQUEST_TIMEOUT: { http: 408, message: 'The request did not arrive in time.', retryable: true },
  REQUEST_TOO_SOON: {
    http: 403,
    message: 'A mail was sent a moment ago: wait before asking for another.',
    retryable: true,
  },
  RESYNC_REQUIRED: {
    http: 410,
    message:
      'The log does not go on from this position (any more): subscribe without `after`, then read the current state.',
    retryable: false,
  },
  SERVICE_UNAVAILABLE: { http: 503, message: 'A part of the service cannot be reached.', retryable: true },
  SUBSCRIPTION_SCHEMA_RELOAD: {
    http: 410,
    message: 'The API has changed, and what was subscribed to is not part of it any more.',
    retryable: false,
  },
  STATUS_IN_USE: { http: 409, message: 'A transition names this status.', retryable: false },
  TOO_MANY_FAILED_ATTEMPTS: { http: 401, message: 'Too many attempts failed.', retryable: false },
  TOO_MANY_SUBSCRIPTIONS: {
    http: 429,
    message: 'Too many operations run on this connection: end one, or open another connection.',
    retryable: true,
  },
  UNAUTHENTICATED: { http: 401, message: 'Sign in first.', retryable: false },
  UNSUPPORTED_RESPONSE_TYPE: { http: 400, message: 'Only the response type `code` is supported.', retryable: false },
};

export interface ErrorDetails {
  /** The argument or field at fault, as a path from the operation's arguments, for example `input.email`. */
  readonly field?: string;
  /** The number that the reference gives this error. */
  readonly code?: number;
  readonly [key: string]: unknown;
}

/** An error that a client may be told as it stands. Its message must not hold SQL, paths, tokens or personal data. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails | undefined;

  constructor(code: ErrorCode, message?: string, details?: ErrorDetails, options?: ErrorOptions) {
    super(message ?? errorCatalogue[code].message, options);
    this.code = code;
    this.details = details;
  }

  get http(): number {
    return errorCatalogue[this.code].http;
  }

  /** What graphql-js and every exit put into the answer. */
  get extensions(): Record<string, unknown> {
    return this.details === undefined ? { code: this.code } : { code: this.code, details: this.details };
  }
}

/** BAD_USER_INPUT that names the field. */
export function invalidInput(field: string, message: string, details?: ErrorDetails): AppError {
  return new AppError('BAD_USER_INPUT', `${field}: ${message}`, { field, code: 15, ...details });
}

/** FORBIDDEN that names the permission. */
export function forbidden(permission: string, where?: string): AppError {
  const place = where === undefined ? '' : ` ${where}`;
  return new AppError('FORBIDDEN', `This needs the permission ${permission}${place}.`, { code: 10, permission });
}

/** NOT_FOUND, the same for what does not exist and for what the viewer may not see. */
export function notFound(what: string, field?: string): AppError {
  const name = what.toLowerCase();
  return new AppError(
    'NOT_FOUND',
    `${field ?? what}: there is no ${name} with this id, or you may not see it.`,
    field === undefined ? { code: 16 } : { field, code: 16 },
  );
}

/** A fact that our own code guarantees; breaking it is a bug, never a client's fault. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken: ${message}`);
}
