// Signatures of OAuth 1.0a: HMAC-SHA1 (RFC 5849 §3.4.2), and the same with SHA-256.
import { createHmac } from 'node:crypto';
import { encode } from './base-string.ts';

const digests = { 'HMAC-SHA1': 'sha1', 'HMAC-SHA256': 'sha256' } as const;

export type SignatureMethod = keyof typeof digests;

export function isSignatureMethod(name: string): name is SignatureMethod {
  return Object.hasOwn(digests, name);
}

export interface Secrets {
  readonly consumerSecret: string;
  /** Empty without a token. */
  readonly tokenSecret: string;
}

/** In base 64. */
export function signature(method: SignatureMethod, base: string, { consumerSecret, tokenSecret }: Secrets): string {
  const key = `${encode(consumerSecret)}&${encode(tokenSecret)}`;
  return createHmac(digests[method], key).update(base).digest('base64');
}
