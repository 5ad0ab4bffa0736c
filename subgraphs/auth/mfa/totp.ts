// One-time codes that change with the time: RFC 6238 as authenticator apps speak it, with SHA-1, six digits and steps
// of 30 seconds. A code is taken for the step before and the step after, too: clocks differ, and people type slowly.
import { generateSecret, generateURI, verifySync } from 'otplib';

const stepSeconds = 30;
const secretBytes = 20;
const issuer = 'Caregraph';

export interface TotpSecret {
  /** In base 32. */
  readonly secret: string;
  /** The same as an address of the kind `otpauth:`. */
  readonly uri: string;
}

/** A new secret. `name` is what the user calls it; apps show it, so nothing personal stands there unless the user put it. */
export function newTotpSecret(name: string | null): TotpSecret {
  const secret = generateSecret({ length: secretBytes });
  // A colon parts issuer and label.
  const label = (name ?? 'account').replaceAll(':', ' ');
  return { secret, uri: generateURI({ issuer, label, secret }) };
}

export interface TotpAttempt {
  /** In base 32. */
  readonly secret: string;
  readonly code: string;
  /** The last step that a code was taken for; null: none yet. Codes of that step and of earlier ones are refused. */
  readonly lastStep: number | null;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** The time step that the code is good for; null when it is wrong, too old, or was used. Compares in constant time. */
export function findTotpStep({ secret, code, lastStep, now }: TotpAttempt): number | null {
  // The library throws at anything else.
  if (!/^[0-9]{6}$/.test(code)) return null;
  const result = verifySync({
    strategy: 'totp',
    secret,
    token: code,
    epoch: Math.floor(now / 1_000),
    epochTolerance: stepSeconds,
  });
  if (!result.valid || !('timeStep' in result)) return null;
  // Not by the library's own option, which throws where the clocks of two replicas differ by more than the window.
  return lastStep === null || result.timeStep > lastStep ? result.timeStep : null;
}
