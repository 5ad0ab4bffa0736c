// Links the signed-in user to a provider, and undoes links. The link itself, and all that follows from it (the password
// goes, sessions end), is one change in `users`.
import { notFound } from '../../../platform/errors.ts';
import type { Identity } from '../../../platform/identity/identity.ts';
import { requireId } from '../../../platform/ids.ts';
import { requireUser } from '../../../platform/subgraph/context.ts';
import type { AuthParts } from '../auth-parts.ts';
import { requirePresence } from '../mfa/presence.ts';
import { getEnabledProvider } from './get-enabled-provider.ts';
import { rejectOwnRefusal } from './reject-own-refusal.ts';
import { type Callback, requireCallback, verifyCallback } from './verify-callback.ts';

export interface LinkOidcInput extends Callback {
  readonly providerName: string;
  readonly presenceToken: string;
}

export interface LinkRequest {
  readonly identity: Identity;
  readonly input: LinkOidcInput;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** ILLEGAL_STATE when the user is linked already, ALREADY_EXISTS when somebody else is linked to this subject. */
export async function linkOidc(parts: AuthParts, { identity, input, now }: LinkRequest): Promise<void> {
  const { userId } = requireUser(identity);
  const callback = requireCallback(input);
  const provider = await getEnabledProvider(parts, input.providerName);
  await requirePresence(parts, { userId, presenceToken: input.presenceToken, now });
  const subject = await verifyCallback(parts, provider, { ...callback, now });
  await parts.users.linkOidc(userId, subject).catch(rejectOwnRefusal);
}

/** Whether there was a link. */
export async function unlinkOidc({ users }: AuthParts, userId: string): Promise<boolean> {
  const id = requireId(userId, 'input.userId');
  if (!(await users.exists(id))) throw notFound('User', 'input.userId');
  return users.unlinkOidc(id);
}
