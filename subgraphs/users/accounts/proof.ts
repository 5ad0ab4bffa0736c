// What people show of a mail, and whether it is good: a hash, or an address with a pin code.

import type { Models } from '../../../platform/database/database.ts';
import { AppError, invalidInput } from '../../../platform/errors.ts';
import { isSameText } from '../../../platform/is-same-text.ts';
import { requireEmail } from '../account-input.ts';
import type { UsersTable, UsersTransaction } from '../store.ts';
import { isLinked } from './link-store.ts';
import { countFailedAttempt, findOwnerOfHash, findRequest, type OpenRequest } from './request-store.ts';
import { digestHash, digestPinCode } from './secrets.ts';
import { type Account, findAccount, lockAccount, type Whose } from './store.ts';
import { mostAttempts, type Purpose } from './verification-rules.ts';

export type Proof = { readonly hash: string } | { readonly email: string; readonly pinCode: string };

export interface ProofInput {
  readonly hash?: string | null;
  readonly email?: string | null;
  readonly pinCode?: string | null;
}

/** Exactly one of the two, or BAD_USER_INPUT naming the field that is missing or too much. */
export function requireProof(input: ProofInput): Proof {
  const [hash, email, pinCode] = [input.hash ?? null, input.email ?? null, input.pinCode ?? null];
  if (hash !== null) {
    if (email !== null) throw invalidInput('input.email', 'give it with a pin code, not with a hash.');
    if (pinCode !== null) throw invalidInput('input.pinCode', 'give either a hash or a pin code.');
    return { hash };
  }
  if (email === null && pinCode === null) throw invalidInput('input.hash', 'give it, or an address and a pin code.');
  if (email === null) throw invalidInput('input.email', 'a pin code needs the address that it was sent to.');
  if (pinCode === null) throw invalidInput('input.pinCode', 'an address alone proves nothing.');
  if (!/^\d{8}$/.test(pinCode)) throw invalidInput('input.pinCode', 'a pin code is 8 digits.');
  return { email: requireEmail(email, 'input.email'), pinCode };
}

export interface Claim {
  readonly purpose: Purpose;
  readonly proof: Proof;
  readonly hmacKey: Uint8Array;
  /** Epoch milliseconds. */
  readonly now: number;
}

type Examined =
  | { readonly account: Account; readonly refusal: null }
  /** `counts`: a guess at the pin code of this request, of which there are few. */
  | { readonly refusal: AppError; readonly counts?: OpenRequest };

/**
 * Whose the proof is, or why not, without counting anything: what is refused here need not be tried. A user who is linked
 * to a provider has no password to set; whose address is not confirmed can prove nothing by a mail to it.
 */
export function examineProof(db: Models<UsersTable>, claim: Claim): Promise<Examined> {
  return examine(db, claim, findAccount);
}

/**
 * The same, with the account locked and a wrong pin code counted. Does not throw its refusals: the count has to be
 * committed. Whoever guesses at the same time waits for the lock, so that nobody gets more attempts than allowed.
 */
export async function proveInTransaction(tx: UsersTransaction, claim: Claim): Promise<Examined> {
  const examined = await examine(tx.db, claim, lockAccount);
  if (examined.refusal !== null && examined.counts !== undefined) {
    await countFailedAttempt(tx.db, examined.counts.id, new Date(claim.now));
  }
  return examined;
}

async function examine(db: Models<UsersTable>, claim: Claim, find: typeof lockAccount): Promise<Examined> {
  const { purpose, proof } = claim;
  const whose = await findWhose(db, claim);
  const account = whose && (await find(db, whose));
  if (account === null) return { refusal: unknown(claim) };
  const isReset = purpose === 'password_reset';
  if (isReset && (await isLinked(db, account.id))) return { refusal: disabledForLinked() };
  const request = await findRequest(db, account.id, purpose);
  const refused = 'hash' in proof ? refuseHash(request, claim, proof) : refusePinCode(request, claim, proof);
  if (refused !== null) return refused;
  if (isReset && !account.activation) return { refusal: notActivated() };
  return { account, refusal: null };
}

async function findWhose(db: Models<UsersTable>, { purpose, proof }: Claim): Promise<Whose | null> {
  if ('email' in proof) return { email: proof.email };
  const id = await findOwnerOfHash(db, purpose, digestHash(proof.hash));
  return id === null ? null : { id };
}

type Refused = Extract<Examined, { refusal: AppError }> | null;

function refuseHash(request: OpenRequest | null, claim: Claim, { hash }: { hash: string }): Refused {
  const good = request?.mode === 'HASH' && request.expiresAt.getTime() > claim.now;
  return good && request.secretHash !== null && isSameText(request.secretHash, digestHash(hash))
    ? null
    : { refusal: unknown(claim) };
}

function refusePinCode(request: OpenRequest | null, claim: Claim, { pinCode }: { pinCode: string }): Refused {
  if (request?.mode !== 'PIN_CODE') return { refusal: unknown(claim) };
  const details = { field: 'input.pinCode' };
  if (request.failedAttempts >= mostAttempts) {
    const says = 'Too many wrong pin codes were given: ask for a new mail.';
    return { refusal: new AppError('TOO_MANY_FAILED_ATTEMPTS', says, { ...details, code: 213 }) };
  }
  const { id, secretHash } = request;
  if (secretHash === null || request.expiresAt.getTime() <= claim.now) return { refusal: unknown(claim) };
  if (isSameText(secretHash, digestPinCode(claim.hmacKey, id, pinCode))) return null;
  return { refusal: new AppError('INCORRECT_PIN_CODE', undefined, { ...details, code: 224 }), counts: request };
}

/** One answer for what was never sent, was used, was replaced or has expired. */
function unknown({ purpose, proof }: Claim): AppError {
  const field = 'hash' in proof ? 'input.hash' : 'input.pinCode';
  if (purpose === 'activation') return new AppError('ACTIVATION_UNKNOWN', undefined, { field, code: 205 });
  return 'hash' in proof
    ? new AppError('NEW_PASSWORD_HASH_UNKNOWN', undefined, { field, code: 207 })
    : new AppError('NEW_PASSWORD_PIN_CODE_UNKNOWN', undefined, { field, code: 219 });
}

/** The proof was good, and stays so until the address is confirmed. */
function notActivated(): AppError {
  const says = 'Confirm the e-mail address first (requestActivation, activateUser), then use what this mail held.';
  return new AppError('NOT_ACTIVATED', says, { code: 204 });
}

/** A user who is linked to a provider has no password, and sets none. */
export function disabledForLinked(): AppError {
  return new AppError('DISABLED_FOR_OIDC_USERS', undefined, { code: 215 });
}
