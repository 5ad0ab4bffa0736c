// Opens the request to confirm a new address, unless nobody wants a mail: neither who asks for it nor the settings.
import type { UserSettings } from '../settings/user-settings.ts';
import type { UsersTransaction } from '../store.ts';
import { openRequest } from './open-request.ts';
import { deleteRequest } from './request-store.ts';
import { type ActivationMode, isSent, mailKind } from './verification-rules.ts';

export interface ActivationOrder {
  /** Locked or new. */
  readonly userId: string;
  readonly occasion: 'ACTIVATION' | 'REACTIVATION';
  readonly mode: ActivationMode;
  readonly settings: UserSettings;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What was sent for an address before confirms nothing any more, also when there is no mail now. */
export async function openActivation(tx: UsersTransaction, { mode, ...order }: ActivationOrder): Promise<void> {
  const purpose = 'activation';
  if (mode === 'MANUAL' || !isSent(order.settings, mailKind(order.occasion, mode))) {
    await deleteRequest(tx.db, order.userId, purpose);
  } else {
    await openRequest(tx, { ...order, purpose, mode });
  }
}
