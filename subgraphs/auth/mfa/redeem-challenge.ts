// Finishes a sign-in that was stopped for a second factor. The challenge says whose it is; the proof says that the user
// holds the second factor, too.
import { AppError } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import type { AuthParts, AuthTransaction } from '../auth-parts.ts';
import type { Authentication } from '../users-service.ts';
import { attempt, requireNoDelay } from './attempt.ts';
import { counts, unconfirmedSince } from './counting-methods.ts';
import { type UsedPasskey, verifyAssertion } from './passkeys.ts';
import { type Proof, type ProofInput, requireProof, useProof } from './proof.ts';
import { findMethods, lockSetting } from './store.ts';
import { type ChallengeRow, deleteChallenge, findChallenge } from './token-store.ts';

export interface Redemption extends ProofInput {
  readonly token: string;
  /** One of the methods of the challenge; for a passkey any of them, as the device chooses which one signs. */
  readonly methodId: string;
  /** The application that finishes; null: the API itself. */
  readonly applicationId: string | null;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * Who has signed in; the challenge is used up. INVALID_MFA_TOKEN for one that is unknown, expired, of another
 * application or from before the user's sessions were ended; INVALID_MFA_CODE, counted, for a proof that is wrong;
 * MFA_REATTEMPT_DELAY (`details.remainingDelay` in milliseconds) while the user has to wait, whatever the proof.
 */
export async function redeemChallenge(parts: AuthParts, redemption: Redemption): Promise<Authentication> {
  const { token, now } = redemption;
  const methodId = requireId(redemption.methodId, 'input.methodId');
  const proof = requireProof(redemption);
  const challenge = await requireChallenge(parts, redemption);
  const passkey = await findUsedPasskey(parts, challenge, { proof, now });
  const refusal = await parts.database.write((tx) =>
    redeem(parts, tx, { token, challenge, methodId, code: proof.code, passkey, now }),
  );
  if (refusal !== null) throw refusal;
  return { userId: challenge.userId, credentialVersion: challenge.credentialVersion };
}

async function requireChallenge(
  { database, users }: AuthParts,
  { token, applicationId, now }: Redemption,
): Promise<ChallengeRow> {
  const challenge = await findChallenge(database.db, token);
  const isGood =
    challenge !== null &&
    challenge.expiresAt.getTime() > now &&
    challenge.applicationId === applicationId &&
    challenge.credentialVersion === (await users.findCredentialVersion(challenge.userId));
  if (!isGood) throw invalidToken();
  return challenge;
}

/** Before the transaction, because checking a signature takes its time. */
async function findUsedPasskey(
  { database, config }: AuthParts,
  { userId, passkeyChallenge }: ChallengeRow,
  { proof: { credential }, now }: { readonly proof: Proof; readonly now: number },
): Promise<UsedPasskey | undefined> {
  if (credential === undefined || passkeyChallenge === null) return undefined;
  await requireNoDelay(database, userId, now);
  const methods = await findMethods(database.db, [userId], unconfirmedSince(now));
  return verifyAssertion(config, methods, { credential, challenge: passkeyChallenge });
}

interface Redeeming {
  readonly token: string;
  readonly challenge: ChallengeRow;
  readonly methodId: string;
  readonly code: string | undefined;
  readonly passkey: UsedPasskey | undefined;
  readonly now: number;
}

/** Null when it succeeded. */
async function redeem(parts: AuthParts, tx: AuthTransaction, redeeming: Redeeming): Promise<AppError | null> {
  const { token, challenge, methodId, code, passkey, now } = redeeming;
  const { userId } = challenge;
  const setting = await lockSetting(tx.db, userId);
  // Another attempt may have used it up, or the second factor was turned off, while this one waited for the lock.
  if (!setting.enabled || (await findChallenge(tx.db, token)) === null) return invalidToken();
  return attempt(tx, { userId, setting, now }, async () => {
    const methods = await findMethods(tx.db, [userId], unconfirmedSince(now));
    const named = methods.find(({ model }) => model.id === methodId && counts(model));
    const method =
      named?.model.type === 'PASSKEY' ? methods.find(({ model }) => model.id === passkey?.methodId) : named;
    if (method === undefined || !(await useProof(parts, tx, { method, code, passkey, now }))) return false;
    return deleteChallenge(tx.db, token);
  });
}

function invalidToken(): AppError {
  return new AppError('INVALID_MFA_TOKEN', undefined, { code: 131 });
}
