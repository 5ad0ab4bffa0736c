// Turns the second factor off.
import type { Context } from '../../../platform/subgraph/context.ts';
import type { AuthParts } from '../auth-parts.ts';
import type { MfaSettingModel } from '../models.ts';
import { type ChangeInput, requireMayChange } from './require-may-change.ts';
import { changeSetting, clearFailures, getSetting, lockSetting } from './store.ts';
import { deleteChallengesOf } from './token-store.ts';

/** Sign-ins that wait for the second factor start anew, and so does the count of wrong codes. */
export async function disableMfa(parts: AuthParts, context: Context, input: ChangeInput): Promise<MfaSettingModel> {
  const { now } = context;
  const userId = await requireMayChange(parts, context, input);
  return parts.database.write(async (tx) => {
    const { enabled } = await lockSetting(tx.db, userId);
    if (enabled) {
      await changeSetting(tx.db, userId, { enabled: false, now });
      await clearFailures(tx.db, userId);
      await deleteChallengesOf(tx.db, userId);
      tx.publish({ type: 'mfa_disabled', content: { userId } });
    }
    return getSetting(tx.db, userId);
  });
}
