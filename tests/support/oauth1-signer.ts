// Signs requests as a client of OAuth 1.0a does: written from RFC 5849 (§3.1 to §3.6) and nothing else, so that what the
// program verifies is held against a second reading of the standard.
import { createHmac, randomBytes } from 'node:crypto';

export interface Credentials {
  readonly key: string;
  readonly secret: string;
}

export interface RequestToSign {
  readonly method: string;
  readonly url: string;
  readonly consumer: Credentials;
  /** None: the application calls for itself. */
  readonly token?: Credentials;
  readonly signatureMethod?: 'HMAC-SHA1' | 'HMAC-SHA256';
  /** Seconds since 1970; now unless told. */
  readonly timestamp?: number;
  readonly nonce?: string;
  /** Further parameters of the header, all of them signed. */
  readonly more?: Readonly<Record<string, string>>;
}

const unreserved = new Set([...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~'].map(codeOf));

function codeOf(character: string): number {
  return character.charCodeAt(0);
}

/** §3.6. */
export function percentEncode(text: string): string {
  let encoded = '';
  for (const byte of new TextEncoder().encode(text)) {
    encoded += unreserved.has(byte)
      ? String.fromCharCode(byte)
      : `%${byte < 16 ? '0' : ''}${byte.toString(16).toUpperCase()}`;
  }
  return encoded;
}

/** The Authorization header. */
export function signRequest(request: RequestToSign): string {
  const { method, url, consumer, token, signatureMethod = 'HMAC-SHA1', more = {} } = request;
  const header: Record<string, string> = {
    oauth_consumer_key: consumer.key,
    oauth_nonce: request.nonce ?? randomBytes(16).toString('hex'),
    oauth_signature_method: signatureMethod,
    oauth_timestamp: String(request.timestamp ?? Math.floor(Date.now() / 1_000)),
    oauth_version: '1.0',
    ...(token === undefined ? {} : { oauth_token: token.key }),
    ...more,
  };
  const address = new URL(url);
  const pairs: [Buffer, Buffer][] = [];
  const collect = (name: string, value: string) =>
    pairs.push([Buffer.from(percentEncode(name)), Buffer.from(percentEncode(value))]);
  for (const [name, value] of address.searchParams) collect(name, value);
  for (const [name, value] of Object.entries(header)) collect(name, value);
  pairs.sort(([name, value], [other, otherValue]) => name.compare(other) || value.compare(otherValue));
  // `host` has no port where it is the usual one of the scheme.
  const uri = `${address.protocol}//${address.host}${address.pathname}`;
  const normalized = pairs.map(([name, value]) => `${name}=${value}`).join('&');
  const base = `${percentEncode(method.toUpperCase())}&${percentEncode(uri)}&${percentEncode(normalized)}`;
  const secret = `${percentEncode(consumer.secret)}&${percentEncode(token?.secret ?? '')}`;
  const digest = signatureMethod === 'HMAC-SHA1' ? 'sha1' : 'sha256';
  const signature = createHmac(digest, secret).update(base, 'utf8').digest('base64');
  const listed = Object.entries({ ...header, oauth_signature: signature });
  return `OAuth ${listed.map(([name, value]) => `${percentEncode(name)}="${percentEncode(value)}"`).join(', ')}`;
}
