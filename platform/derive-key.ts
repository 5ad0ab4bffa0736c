// Keys of one purpose each, from the secret that the processes share (HKDF-SHA256, RFC 5869).
import { hkdfSync } from 'node:crypto';

/** 32 bytes. What one purpose's key signs or seals, no other's does. */
export function deriveKey(secret: string, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', `caregraph ${purpose}`, 32));
}
