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
  | 'ALREADY_EXISTS'
  | 'BAD_REQUEST'
  | 'BAD_USER_INPUT'
  | 'CONFLICT'
  | 'FILE_TOO_LARGE'
  | 'FORBIDDEN'
  | 'ILLEGAL_STATE'
  | 'INTERNAL_SERVER_ERROR'
  | 'INVALID_CREDENTIALS'
  | 'LOCKED_DOCUMENT'
  | 'NOT_FOUND'
  | 'OPERATION_TOO_LARGE'
  | 'PAYLOAD_TOO_LARGE'
  | 'RANGE_NOT_SATISFIABLE'
  | 'REFRESH_TOKEN_INVALID'
  | 'RESYNC_REQUIRED'
  | 'SERVICE_UNAVAILABLE'
  | 'UNAUTHENTICATED';

export const errorCatalogue: Readonly<Record<ErrorCode, ErrorFacts>> = {
  ALREADY_EXISTS: { http: 409, message: 'It exists already.', retryable: false },
  BAD_REQUEST: { http: 400, message: 'The request cannot be read.', retryable: false },
  BAD_USER_INPUT: { http: 400, message: 'A value given is not valid.', retryable: false },
  CONFLICT: { http: 409, message: 'Somebody else changed it at the same time.', retryable: true },
  FILE_TOO_LARGE: { http: 413, message: 'The file is larger than allowed.', retryable: false },
  FORBIDDEN: { http: 403, message: 'A permission is missing.', retryable: false },
  ILLEGAL_STATE: { http: 409, message: 'Its present state does not allow this.', retryable: false },
  INTERNAL_SERVER_ERROR: { http: 500, message: 'Something went wrong.', retryable: true },
  INVALID_CREDENTIALS: { http: 401, message: 'The e-mail address or the password is wrong.', retryable: false },
  LOCKED_DOCUMENT: { http: 409, message: 'The document is being changed by somebody else.', retryable: true },
  NOT_FOUND: { http: 404, message: 'There is no such thing, or you may not see it.', retryable: false },
  OPERATION_TOO_LARGE: { http: 400, message: 'The operation is larger or deeper than allowed.', retryable: false },
  PAYLOAD_TOO_LARGE: { http: 413, message: 'The request body is larger than allowed.', retryable: false },
  RANGE_NOT_SATISFIABLE: { http: 416, message: 'The file has no bytes in the range asked for.', retryable: false },
  REFRESH_TOKEN_INVALID: { http: 401, message: 'The refresh token is unknown, used or expired.', retryable: false },
  RESYNC_REQUIRED: {
    http: 410,
    message: 'The log does not reach back to this position: read the current state, then subscribe without `after`.',
    retryable: false,
  },
  SERVICE_UNAVAILABLE: { http: 503, message: 'A part of the service cannot be reached.', retryable: true },
  UNAUTHENTICATED: { http: 401, message: 'Sign in first.', retryable: false },
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
