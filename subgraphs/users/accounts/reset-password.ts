// Sets a new password with what a mail held. Whoever had the old one, or a session, is out.
import { readSettings } from '../settings/user-settings.ts';
import { requirePassword } from '../sign-in/password-policy.ts';
import { hashPassword } from '../sign-in/passwords.ts';
import type { UsersParts } from '../users-parts.ts';
import { examineProof, type ProofInput, proveInTransaction, requireProof } from './proof.ts';
import { deleteRequest } from './request-store.ts';
import { replacePassword } from './store.ts';

export interface ResetPasswordInput extends ProofInput {
  readonly newPassword: string;
}

/**
 * NEW_PASSWORD_HASH_UNKNOWN, NEW_PASSWORD_PIN_CODE_UNKNOWN, INCORRECT_PIN_CODE, TOO_MANY_FAILED_ATTEMPTS,
 * DISABLED_FOR_OIDC_USERS, NOT_ACTIVATED, and BAD_USER_INPUT for the password. `now` is in epoch milliseconds.
 */
export async function resetPassword(
  { database, hmacKey }: Pick<UsersParts, 'database' | 'hmacKey'>,
  input: ResetPasswordInput,
  now: number,
): Promise<void> {
  const purpose = 'password_reset';
  const claim = { purpose, proof: requireProof(input), hmacKey, now } as const;
  // What cannot succeed is not worth the hash of a password. A wrong pin code waits until it can be counted.
  const first = await examineProof(database.db, claim);
  if (first.refusal !== null && first.counts === undefined) throw first.refusal;
  const { passwordPolicy } = await readSettings(database.db);
  const passwordHash = await hashPassword(requirePassword(passwordPolicy, input.newPassword, 'input.newPassword'));
  const outcome = await database.write(async (tx) => {
    const proven = await proveInTransaction(tx, claim);
    if (proven.refusal !== null) return proven;
    const { id: userId } = proven.account;
    await replacePassword(tx.db, userId, passwordHash);
    await deleteRequest(tx.db, userId, purpose);
    tx.publish({ type: 'password_reset_completed', content: { userId } });
    tx.bumpAccess([userId]);
    return proven;
  });
  if (outcome.refusal !== null) throw outcome.refusal;
}
