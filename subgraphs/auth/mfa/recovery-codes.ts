// Recovery codes: for the day when the phone is lost. Eight characters could be guessed from a plain hash, so what is
// kept is an HMAC under a key that the database does not hold.
import { createHmac, randomBytes } from 'node:crypto';
import type { Config } from '../../../platform/config.ts';
import { deriveKey } from '../../../platform/derive-key.ts';
import { invariant } from '../../../platform/errors.ts';
import { isSameText } from '../../../platform/is-same-text.ts';

const amount = 10;
const codeBytes = 4;

/** The key of this service, from the secret that its processes share. */
export function recoveryCodeKey({ serviceSecret }: Config): Uint8Array {
  invariant(serviceSecret !== undefined, 'a process has its secret before it builds services');
  return deriveKey(serviceSecret, 'recovery codes');
}

/** Ten different codes of eight hexadecimal characters. */
export function newRecoveryCodes(): string[] {
  const codes = new Set<string>();
  while (codes.size < amount) codes.add(randomBytes(codeBytes).toString('hex'));
  return [...codes];
}

/** What is kept of a code. The same code of another method hashes to something else. */
export function hashRecoveryCode(key: Uint8Array, methodId: string, code: string): string {
  return createHmac('sha256', key).update(`${methodId} ${code}`).digest('hex');
}

export interface RecoveryAttempt {
  readonly key: Uint8Array;
  readonly methodId: string;
  readonly code: string;
  /** Of the codes that are left. */
  readonly codeHashes: readonly string[];
}

/** The codes that are left after this one; null when it is not among them. Compares in constant time. */
export function findCodesLeft({ key, methodId, code, codeHashes }: RecoveryAttempt): string[] | null {
  const given = hashRecoveryCode(key, methodId, code);
  const left = codeHashes.filter((hash) => !isSameText(hash, given));
  return left.length < codeHashes.length ? left : null;
}
