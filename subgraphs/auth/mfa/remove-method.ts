// Removes a second factor.
import { notFound } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import type { Context } from '../../../platform/subgraph/context.ts';
import type { AuthParts } from '../auth-parts.ts';
import type { MfaSettingModel } from '../models.ts';
import { counts, requireEnough, unconfirmedSince } from './counting-methods.ts';
import { type ChangeInput, requireMayChange } from './require-may-change.ts';
import { changeSetting, deleteMethods, findMethods, getSetting, lockSetting } from './store.ts';

export interface RemoveMethodInput extends ChangeInput {
  readonly methodId: string;
}

/** NOT_ENOUGH_MFA_METHODS when the second factor is asked for and what stays would not do. */
export async function removeMethod(
  parts: AuthParts,
  context: Context,
  input: RemoveMethodInput,
): Promise<MfaSettingModel> {
  const { now } = context;
  const methodId = requireId(input.methodId, 'input.methodId');
  const userId = await requireMayChange(parts, context, input);
  return parts.database.write(async (tx) => {
    const { enabled } = await lockSetting(tx.db, userId);
    const methods = (await findMethods(tx.db, [userId], unconfirmedSince(now))).map(({ model }) => model);
    const method = methods.find(({ id }) => id === methodId);
    if (method === undefined) throw notFound('Method', 'input.methodId');
    if (enabled && counts(method)) requireEnough(methods.filter((other) => other !== method));
    await deleteMethods(tx.db, [methodId]);
    await changeSetting(tx.db, userId, { now });
    tx.publish({ type: 'mfa_method_removed', content: { userId, methodId } });
    return getSetting(tx.db, userId);
  });
}
