// Why a probe did not get through, in an operator's words: what is wrong, and where to look.
export class ProbeFailure extends Error {
  override readonly name = 'ProbeFailure';
  readonly lookAt: string;
  /** Of the API's answer, where that is what failed. */
  readonly code: string | undefined;

  constructor(what: string, lookAt: string, { code, ...options }: ErrorOptions & { readonly code?: string } = {}) {
    super(what, options);
    this.lookAt = lookAt;
    this.code = code;
  }
}

const connectionHints: Readonly<Record<string, readonly [what: string, lookAt: string]>> = {
  ECONNREFUSED: ['Nothing listens there', 'whether the gateway, or the proxy in front of it, runs and on which port'],
  ENOTFOUND: ['There is no such host', 'the address, and the DNS of this machine'],
  EAI_AGAIN: ['The name of the host cannot be looked up now', 'the DNS of this machine'],
  ECONNRESET: [
    'The connection was cut',
    'the log of the proxy, and whether the address begins with https:// as it must',
  ],
  ERR_SSL_WRONG_VERSION_NUMBER: ['That is no TLS', 'whether the address must begin with http:// instead'],
  EPROTO: ['That is no TLS', 'whether the address must begin with http:// instead'],
  CERT_HAS_EXPIRED: ['The certificate has expired', 'the proxy that ends TLS'],
};

/** A connection that did not come about, or broke. */
export function connectionFailure(url: string, error: unknown): ProbeFailure {
  const code = codeOf(error);
  const hint = connectionHints[code];
  if (hint !== undefined) return new ProbeFailure(`${hint[0]}: ${url} (${code})`, hint[1], { cause: error });
  if (/CERT|SIGNED|ALTNAME/.test(code)) {
    const lookAt = 'the certificate of the proxy; one of your own authority is trusted with NODE_EXTRA_CA_CERTS=FILE';
    return new ProbeFailure(`The certificate is not trusted: ${url} (${code})`, lookAt, { cause: error });
  }
  const told = code === '' ? String(error instanceof Error ? error.message : error) : code;
  return new ProbeFailure(`There is no connection to ${url} (${told})`, 'the network between here and there', {
    cause: error,
  });
}

/** The first code in an error, its causes, and those that it bundles. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return codeOf(error.cause);
}

const codeHints: Readonly<Record<string, readonly [what: string, lookAt: string]>> = {
  INVALID_CREDENTIALS: [
    'The address or the password is wrong',
    'PROBE_EMAIL and PROBE_PASSWORD, or ADMIN_EMAIL and ADMIN_PASSWORD',
  ],
  MFA_REQUIRED: ['The account asks for a second factor', 'PROBE_EMAIL: name an account without one, of no permissions'],
  NOT_ACTIVATED: ['The address of the account is not confirmed', 'PROBE_EMAIL: name an account that is activated'],
  LOGIN_TIMEOUT: [
    'The account rests after a failed sign-in',
    'whether something else tries wrong passwords; try again in a second',
  ],
  LOGIN_FREEZE: [
    'The account rests after many failed sign-ins',
    'who tries wrong passwords; resetFailedLoginAttempts ends it',
  ],
  SERVICE_UNAVAILABLE: ['A service does not answer', 'the processes and their logs'],
  UNAUTHENTICATED: [
    'The access token is not taken',
    'whether all gateways and services are of one installation, and their clocks',
  ],
  NOT_FOUND: ['There is no GraphQL at this address', 'the address, and where the proxy hands it on to'],
  INTERNAL_SERVER_ERROR: ['The server failed', 'the logs'],
};

export interface GraphqlError {
  readonly message: string;
  readonly extensions?: { readonly code?: string; readonly errorId?: string } | undefined;
}

/** An answer of the API that is an error. */
export function refusal({ message, extensions }: GraphqlError): ProbeFailure {
  const { code = '', errorId } = extensions ?? {};
  const [what, lookAt] = codeHints[code] ?? [message, 'docs/errors.md'];
  const told = code === '' ? what : `${what} (${code})`;
  return new ProbeFailure(told, errorId === undefined ? lookAt : `the logs, for the error id ${errorId}`, { code });
}
