// What mails hold: long hashes for links, and short pin codes to type. The database keeps neither, only what they can be
// compared with: of a hash the SHA-256, of a pin code an HMAC, because all pin codes could be tried on a plain hash.
import { createHash, createHmac, randomBytes, randomInt } from 'node:crypto';
import type { VerificationMode } from './verification-rules.ts';

/** 40 hexadecimal characters, or 8 digits. */
export function newSecret(mode: VerificationMode): string {
  return mode === 'HASH' ? randomBytes(20).toString('hex') : randomInt(100_000_000).toString().padStart(8, '0');
}

/** What is stored of a hash; alone, so that a request can be found by it. */
export function digestHash(hash: string): string {
  return createHash('sha256').update(hash).digest('hex');
}

/** What is stored of a pin code: good for one request only. */
export function digestPinCode(key: Uint8Array, requestId: string, pinCode: string): string {
  return createHmac('sha256', key).update(`${requestId} ${pinCode}`).digest('hex');
}
