// What a client sends to prove a second factor: checked at the edge, and held against a method.
import { invalidInput } from '../../../platform/errors.ts';
import { requireText } from '../../../platform/text.ts';
import type { AuthParts, AuthTransaction } from '../auth-parts.ts';
import type { UsedPasskey } from './passkeys.ts';
import { findCodesLeft, recoveryCodeKey } from './recovery-codes.ts';
import type { StoredMethod } from './store.ts';
import { updateMethod } from './store.ts';
import { findTotpStep } from './totp.ts';

export interface ProofInput {
  readonly code?: string | null | undefined;
  readonly credential?: unknown;
}

export interface Proof {
  /** As it is compared: small letters, without white space. */
  readonly code: string | undefined;
  readonly credential: unknown;
}

/** What a browser makes of a passkey has a few hundred characters, with an attestation a few thousand. */
const credentialMost = 20_000;

/** The code or the credential, or BAD_USER_INPUT naming the field at fault. */
export function requireProof({ code, credential }: ProofInput): Proof {
  if (code == null && credential == null) throw invalidInput('input.code', 'a code or a credential is needed.');
  if (credential != null && JSON.stringify(credential).length > credentialMost) {
    throw invalidInput('input.credential', `at most ${credentialMost} characters of JSON are allowed.`);
  }
  const text = code == null ? undefined : requireText(code, 'input.code', { least: 1, most: 100 });
  return { code: text?.replace(/\s/g, '').toLowerCase(), credential: credential ?? undefined };
}

export interface ProofUse {
  readonly method: StoredMethod;
  readonly code: string | undefined;
  /** What the credential turned out to be; undefined when there was none, or none that is good. */
  readonly passkey?: UsedPasskey | undefined;
  readonly now: number;
}

/** Whether it proves the method. What is good once is used up. */
export async function useProof(parts: AuthParts, tx: AuthTransaction, use: ProofUse): Promise<boolean> {
  const { method, code, passkey, now } = use;
  const { id, type } = method.model;
  if (type === 'PASSKEY') {
    if (passkey === undefined || method.passkey === null) return false;
    // Once more, under the lock: the same signature may have been used meanwhile.
    const { counter } = method.passkey;
    if ((passkey.counter > 0 || counter > 0) && passkey.counter <= counter) return false;
    await updateMethod(tx.db, id, { counter: passkey.counter });
    return true;
  }
  if (code === undefined) return false;
  if (type === 'TOTP') return useTotp(parts, tx, { method, code, now });
  return useRecoveryCode(parts, tx, { method, code });
}

async function useTotp(
  { sealing }: AuthParts,
  tx: AuthTransaction,
  { method, code, now }: { readonly method: StoredMethod; readonly code: string; readonly now: number },
): Promise<boolean> {
  if (method.sealedSecret === null) return false;
  const secret = sealing.open(method.sealedSecret);
  const step = findTotpStep({ secret, code, lastStep: method.lastStep, now });
  if (step === null) return false;
  await updateMethod(tx.db, method.model.id, { lastStep: step });
  return true;
}

async function useRecoveryCode(
  { config }: AuthParts,
  tx: AuthTransaction,
  { method, code }: { readonly method: StoredMethod; readonly code: string },
): Promise<boolean> {
  const key = recoveryCodeKey(config);
  const left = findCodesLeft({ key, methodId: method.model.id, code, codeHashes: method.codeHashes });
  if (left === null) return false;
  await updateMethod(tx.db, method.model.id, { codeHashes: left });
  return true;
}
