// Confirms an address with what its mail held.
import type { UsersParts } from '../users-parts.ts';
import { type ProofInput, proveInTransaction, requireProof } from './proof.ts';
import { deleteRequest } from './request-store.ts';
import { markActivated } from './store.ts';

/** ACTIVATION_UNKNOWN, INCORRECT_PIN_CODE and TOO_MANY_FAILED_ATTEMPTS. `now` is in epoch milliseconds. */
export async function activateUser(
  { database, hmacKey }: Pick<UsersParts, 'database' | 'hmacKey'>,
  input: ProofInput,
  now: number,
): Promise<void> {
  const purpose = 'activation';
  const claim = { purpose, proof: requireProof(input), hmacKey, now } as const;
  const outcome = await database.write(async (tx) => {
    const proven = await proveInTransaction(tx, claim);
    if (proven.refusal !== null) return proven;
    const { id: userId } = proven.account;
    await markActivated(tx.db, userId);
    await deleteRequest(tx.db, userId, purpose);
    tx.publish({ type: 'user_activation_completed', content: { userId } });
    return proven;
  });
  if (outcome.refusal !== null) throw outcome.refusal;
}
