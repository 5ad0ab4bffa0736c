// Seals what must be read back but must not lie open in the database: authenticated encryption under a key that
// HKDF-SHA256 (RFC 5869) derives from the service secret for one purpose. What is only compared is hashed, not sealed.
import { decrypt, encrypt } from './authenticated-encryption.ts';
import { deriveKey } from './derive-key.ts';

export interface Sealing {
  /** Printable text; another one each time, even for the same text. */
  seal(text: string): string;
  /** Throws for what was changed, cut, or sealed with another secret or for another purpose. */
  open(sealed: string): string;
}

/** Stands before everything sealed, so that another way of sealing can be told apart one day. */
const version = 'v1';

/** `purpose` keeps apart what is sealed for different ends: what one opens, no other does. */
export function createSealing(secret: string, purpose: string): Sealing {
  const key = deriveKey(secret, `sealing ${purpose}`);
  return {
    seal: (text) => `${version}.${encrypt(Buffer.from(text, 'utf8'), key).toString('base64url')}`,
    open(sealed) {
      const [prefix, body = '', ...rest] = sealed.split('.');
      const bytes = Buffer.from(body, 'base64url');
      // Decoding is lenient: without the comparison, several texts would open to the same.
      const wellFormed = rest.length === 0 && bytes.toString('base64url') === body;
      if (prefix !== version || !wellFormed) throw new Error('This is not a sealed value');
      return decrypt(bytes, key).toString('utf8');
    },
  };
}
