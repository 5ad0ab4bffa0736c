// Reads the Authorization header of a signed request (RFC 5849 §3.5.1), strictly: what could be read in two ways is
// refused, since the signature would cover one reading only.
import { AppError } from '../../../platform/errors.ts';
import { decodeStrictly, type Parameter } from './base-string.ts';

export interface SignedAuthorization {
  readonly consumerKey: string;
  /** Undefined when the application alone has signed. */
  readonly token: string | undefined;
  readonly signatureMethod: string;
  readonly signature: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
  /** As it was sent. */
  readonly nonce: string;
  /** All that the signature covers of the header, decoded. */
  readonly covered: readonly Parameter[];
}

/** Parameters that say who has signed and how: each at most once, and in the header alone. */
export const protocolParameters: ReadonlySet<string> = new Set([
  'oauth_consumer_key',
  'oauth_token',
  'oauth_signature_method',
  'oauth_signature',
  'oauth_timestamp',
  'oauth_nonce',
  'oauth_version',
]);

/** UNAUTHENTICATED that says what is wrong. */
export function parseAuthorization(authorization: string): SignedAuthorization {
  const parameters = parseParameters(authorization);
  const version = parameters.get('oauth_version');
  if (version !== undefined && version !== '1.0') throw malformed('oauth_version must be 1.0');
  const required = (name: string): string => {
    const value = parameters.get(name);
    if (value === undefined || value === '') throw malformed(`${name} is missing`);
    return value;
  };
  const timestamp = required('oauth_timestamp');
  if (!/^[0-9]{1,12}$/.test(timestamp)) throw malformed('oauth_timestamp must be a number of seconds');
  return {
    consumerKey: required('oauth_consumer_key'),
    // Some clients send an empty one where they have none.
    token: parameters.get('oauth_token') || undefined,
    signatureMethod: required('oauth_signature_method'),
    signature: required('oauth_signature'),
    timestamp: Number(timestamp),
    nonce: required('oauth_nonce'),
    covered: [...parameters].filter(([name]) => name !== 'oauth_signature'),
  };
}

/** A name, and a value in quotes: percent-encoded, except in `realm`, which is a quoted string of HTTP. */
const parameterShape = /[ \t]*([^\s=",]+)="((?:[^"\\]|\\.)*)"[ \t]*(,|$)/y;

/** Without `realm`, which nothing covers. */
function parseParameters(authorization: string): ReadonlyMap<string, string> {
  const scheme = /^OAuth[ \t]+/i.exec(authorization);
  if (scheme === null) throw malformed('it must begin with OAuth');
  const names = new Set<string>();
  const parameters = new Map<string, string>();
  parameterShape.lastIndex = scheme[0].length;
  for (let more = true; more; ) {
    const [, encodedName = '', encodedValue = '', separator] = parameterShape.exec(authorization) ?? [];
    if (separator === undefined) throw malformed('it must be a list of name="value", separated by commas');
    const name = encodedName.toLowerCase() === 'realm' ? 'realm' : decodeStrictly(encodedName);
    if (name === undefined) throw malformed('a name is not percent-encoded');
    if (names.has(name)) throw malformed(`${shown(name)} stands there more than once`);
    names.add(name);
    if (name !== 'realm') {
      const value = decodeStrictly(encodedValue);
      if (value === undefined) throw malformed(`the value of ${shown(name)} is not percent-encoded`);
      parameters.set(name, value);
    }
    more = separator === ',';
  }
  return parameters;
}

/** Only names that are known are repeated. */
function shown(name: string): string {
  return protocolParameters.has(name) || name === 'realm' ? name : 'a parameter';
}

function malformed(what: string): AppError {
  return new AppError('UNAUTHENTICATED', `Authorization: ${what} (RFC 5849, section 3.5.1).`, { code: 101 });
}
