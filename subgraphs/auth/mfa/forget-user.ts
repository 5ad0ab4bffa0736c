// What is left of a deleted user's second factors goes.
import type { AuthTransaction } from '../auth-parts.ts';
import { deleteSetting } from './store.ts';
import { deleteChallengesOf, deletePresenceOf } from './token-store.ts';

export async function forgetSecondFactors({ db }: AuthTransaction, userId: string): Promise<void> {
  await deleteSetting(db, userId);
  await deleteChallengesOf(db, userId);
  await deletePresenceOf(db, userId);
}
