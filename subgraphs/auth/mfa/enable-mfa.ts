// Turns the second factor on.
import type { Context } from '../../../platform/subgraph/context.ts';
import type { AuthParts } from '../auth-parts.ts';
import type { MfaSettingModel } from '../models.ts';
import { requireEnough, unconfirmedSince } from './counting-methods.ts';
import { type ChangeInput, requireMayChange } from './require-may-change.ts';
import { changeSetting, findMethods, getSetting, lockSetting } from './store.ts';

/** NOT_ENOUGH_MFA_METHODS without methods to rely on. Once more changes nothing. */
export async function enableMfa(parts: AuthParts, context: Context, input: ChangeInput): Promise<MfaSettingModel> {
  const { now } = context;
  const userId = await requireMayChange(parts, context, input);
  return parts.database.write(async (tx) => {
    const { enabled } = await lockSetting(tx.db, userId);
    if (!enabled) {
      const methods = await findMethods(tx.db, [userId], unconfirmedSince(now));
      requireEnough(methods.map(({ model }) => model));
      await changeSetting(tx.db, userId, { enabled: true, now });
      tx.publish({ type: 'mfa_enabled', content: { userId } });
    }
    return getSetting(tx.db, userId);
  });
}
