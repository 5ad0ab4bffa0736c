// AES-256-GCM (NIST SP 800-38D) as one value: nonce, ciphertext and tag. What was changed, cut, or encrypted with another
// key or for another context does not open.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
const options = { authTagLength: tagBytes };

/** How many bytes longer the encrypted value is. */
export const encryptionOverhead = nonceBytes + tagBytes;

/** `context` is not in the result, and must be the same again for it to open. The nonce is random, so keep below 2³² values for one key. */
export function encrypt(plain: Uint8Array, key: Uint8Array, context?: Uint8Array): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce, options);
  if (context !== undefined) cipher.setAAD(context);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Throws unless all of it is what `encrypt` made with this key and context. */
export function decrypt(encrypted: Uint8Array, key: Uint8Array, context?: Uint8Array): Buffer {
  if (encrypted.length < encryptionOverhead) throw new Error('This is too short to be an encrypted value');
  const decipher = createDecipheriv(algorithm, key, encrypted.subarray(0, nonceBytes), options);
  if (context !== undefined) decipher.setAAD(context);
  decipher.setAuthTag(encrypted.subarray(-tagBytes));
  const plain = decipher.update(encrypted.subarray(nonceBytes, -tagBytes));
  // GCM gives nothing more at the end; it throws there when the tag does not fit.
  decipher.final();
  return plain;
}
