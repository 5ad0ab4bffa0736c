// Confirms a method: the user has shown to hold what the method asks for, so that it can be relied on.
import { AppError, notFound } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import type { Context } from '../../../platform/subgraph/context.ts';
import type { AuthParts, AuthTransaction } from '../auth-parts.ts';
import type { MfaMethodModel } from '../models.ts';
import { attempt, requireNoDelay } from './attempt.ts';
import { unconfirmedSince } from './counting-methods.ts';
import { verifyRegistration } from './passkeys.ts';
import { type ProofInput, requireProof, useProof } from './proof.ts';
import { type ChangeInput, requireMayChange } from './require-may-change.ts';
import type { Passkey, StoredMethod } from './store.ts';
import { changeSetting, findMethods, lockCredential, lockSetting, updateMethod } from './store.ts';

export interface ConfirmMethodInput extends ChangeInput, ProofInput {
  readonly methodId: string;
}

/**
 * ILLEGAL_STATE for recovery codes and for what is confirmed already; INVALID_MFA_CODE, counted, for a wrong proof;
 * MFA_REATTEMPT_DELAY while the user has to wait; ALREADY_EXISTS for a passkey that is registered.
 */
export async function confirmMethod(
  parts: AuthParts,
  context: Context,
  input: ConfirmMethodInput,
): Promise<MfaMethodModel> {
  const { now } = context;
  const methodId = requireId(input.methodId, 'input.methodId');
  const { code, credential } = requireProof(input);
  const userId = await requireMayChange(parts, context, input);
  const key = { userId, methodId, now };
  const passkey = await findRegistered(parts, key, credential);
  const outcome = await parts.database.write((tx) => confirm(parts, tx, { ...key, code, passkey }));
  if (outcome instanceof AppError) throw outcome;
  return outcome;
}

interface MethodKey {
  readonly userId: string;
  readonly methodId: string;
  readonly now: number;
}

/** NOT_FOUND unless there is such a method, and ILLEGAL_STATE unless it waits to be confirmed. */
async function requireUnconfirmed(
  db: AuthTransaction['db'],
  { userId, methodId, now }: MethodKey,
): Promise<StoredMethod> {
  const methods = await findMethods(db, [userId], unconfirmedSince(now));
  const method = methods.find(({ model }) => model.id === methodId);
  if (method === undefined) throw notFound('Method', 'input.methodId');
  if (method.model.verified) throw new AppError('ILLEGAL_STATE', 'The method needs no confirmation.', { code: 26 });
  return method;
}

/** Before the transaction, because checking a registration takes its time. */
async function findRegistered(parts: AuthParts, key: MethodKey, credential: unknown): Promise<Passkey | null> {
  const { challenge } = await requireUnconfirmed(parts.database.db, key);
  if (credential === undefined || challenge === null) return null;
  await requireNoDelay(parts.database, key.userId, key.now);
  return verifyRegistration(parts.config, { credential, challenge });
}

interface Confirmation extends MethodKey {
  readonly code: string | undefined;
  readonly passkey: Passkey | null;
}

/** The method, or the refusal, which is not thrown so that what it counted is committed. */
async function confirm(
  parts: AuthParts,
  tx: AuthTransaction,
  confirmation: Confirmation,
): Promise<MfaMethodModel | AppError> {
  const { userId, methodId, now, code, passkey } = confirmation;
  const setting = await lockSetting(tx.db, userId);
  const method = await requireUnconfirmed(tx.db, confirmation);
  const refusal = await attempt(tx, { userId, setting, now }, () =>
    method.challenge === null ? useProof(parts, tx, { method, code, now }) : register(tx, methodId, passkey),
  );
  if (refusal !== null) return refusal;
  const confirmed = await updateMethod(tx.db, methodId, { verified: true, challenge: null });
  await changeSetting(tx.db, userId, { now });
  tx.publish({ type: 'mfa_method_confirmed', content: { userId, methodId } });
  return confirmed;
}

async function register(tx: AuthTransaction, methodId: string, passkey: Passkey | null): Promise<boolean> {
  if (passkey === null) return false;
  if (await lockCredential(tx.db, passkey.credentialId)) {
    throw new AppError('ALREADY_EXISTS', 'This passkey is registered already.', { code: 17 });
  }
  await updateMethod(tx.db, methodId, passkey);
  return true;
}
