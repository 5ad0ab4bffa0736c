// Signatures of OAuth 1.0a: HMAC-SHA1 (RFC 5849 §3.4.2), and the same with SHA-256.
import { createHmac, timingSafeEqual } from 'node:crypto';
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

/** Takes the same time for every signature of the right length. */
export function isSameSignature(given: string, right: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}
