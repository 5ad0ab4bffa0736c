// Opens and renews requests, and queues their mails. What a mail will hold is not made here: the job that sends it makes
// it, so that it stands nowhere but in the mail.
import { newId } from '../../../platform/ids.ts';
import type { MailKind } from '../mail/compose-mail.ts';
import type { UsersTransaction } from '../store.ts';
import { deleteRequest, findRequest, insertRequest, updateInitiation } from './request-store.ts';
import { lifetimes, mailKind, type NewRequest, type Occasion, requirePatience } from './verification-rules.ts';

/** What the job `sendVerificationMail` needs. */
export interface VerificationMailOrder {
  readonly requestId: string;
  /** The number of the initiation: when the request has another by the time the job runs, the mail is not wanted. */
  readonly initiation: number;
  readonly kind: MailKind;
}

export interface RequestOrder extends NewRequest {
  /** Locked. */
  readonly userId: string;
  readonly occasion: Occasion;
}

/** Forgets what was asked for until now, and is not throttled. When what the mail holds expires. */
export async function openRequest(tx: UsersTransaction, order: RequestOrder): Promise<Date> {
  const { userId, purpose } = order;
  await deleteRequest(tx.db, userId, purpose);
  const first = { id: newId(), ...initiation(order, 1) };
  await insertRequest(tx.db, { ...first, userId, purpose });
  return queueMail(tx, order, first);
}

/** REQUEST_TOO_SOON or REQUEST_LIMIT_REACHED, or when what the mail holds expires. */
export async function renewRequest(tx: UsersTransaction, order: RequestOrder): Promise<Date> {
  const open = await findRequest(tx.db, order.userId, order.purpose);
  requirePatience(open, order);
  if (open === null) return openRequest(tx, order);
  const next = initiation(order, open.requestCount + 1);
  await updateInitiation(tx.db, open.id, next);
  return queueMail(tx, order, { id: open.id, ...next });
}

function initiation({ mode, now }: RequestOrder, requestCount: number) {
  return { mode, requestCount, lastRequestAt: new Date(now), expiresAt: new Date(now + lifetimes[mode]) };
}

function queueMail(
  tx: UsersTransaction,
  { occasion, mode }: RequestOrder,
  { id, requestCount, expiresAt }: ReturnType<typeof initiation> & { readonly id: string },
): Date {
  const data: VerificationMailOrder = { requestId: id, initiation: requestCount, kind: mailKind(occasion, mode) };
  tx.enqueue({ job: 'sendVerificationMail', data: { ...data } });
  return expiresAt;
}
