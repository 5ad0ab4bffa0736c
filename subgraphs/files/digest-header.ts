// The digest that an upload may announce, in `Repr-Digest` or `Content-Digest` (RFC 9530).
import { AppError } from '../../platform/errors.ts';

/** 32 bytes as a byte sequence of RFC 8941 §3.3.5; parameters may follow. */
const sha256Shape = /^:([A-Za-z\d+/]{43}=):\s*(?:;|$)/;

/** SHA-256 in hexadecimal, or undefined when the header is absent or names other algorithms only; BAD_REQUEST when it is broken. */
export function announcedSha256(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  for (const member of header.split(',')) {
    const [algorithm, ...rest] = member.split('=');
    if (algorithm?.trim() !== 'sha-256') continue;
    const base64 = sha256Shape.exec(rest.join('=').trim())?.[1];
    if (base64 === undefined) throw new AppError('BAD_REQUEST', `${name}: must be sha-256=:<SHA-256 in base64>:`);
    return Buffer.from(base64, 'base64').toString('hex');
  }
  return undefined;
}

/** The header's value for a SHA-256 in hexadecimal. */
export function sha256Header(sha256: string): string {
  return `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`;
}
