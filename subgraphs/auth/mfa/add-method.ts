// Adds a second factor. Its secret is answered once: this service keeps it sealed, or only what it is compared with.
import { AppError } from '../../../platform/errors.ts';
import { newId } from '../../../platform/ids.ts';
import type { Context } from '../../../platform/subgraph/context.ts';
import { requireText } from '../../../platform/text.ts';
import type { AuthParts, AuthTransaction } from '../auth-parts.ts';
import type { MfaMethodModel } from '../models.ts';
import { unconfirmedSince } from './counting-methods.ts';
import { registrationOptions } from './passkeys.ts';
import { hashRecoveryCode, newRecoveryCodes, recoveryCodeKey } from './recovery-codes.ts';
import { type ChangeInput, requireMayChange } from './require-may-change.ts';
import type { NewMethod } from './store.ts';
import { changeSetting, deleteMethods, deleteUnconfirmed, findMethods, insertMethod, lockSetting } from './store.ts';
import { newTotpSecret } from './totp.ts';

export interface AddMethodInput extends ChangeInput {
  readonly type: MfaMethodModel['type'];
  readonly name?: string | null | undefined;
  readonly tags: readonly string[];
}

/** What is shown this once, by the kind of the method. */
interface Shown {
  readonly secret?: string;
  readonly uri?: string;
  readonly codes?: string[];
  readonly passkeyOptions?: object;
}

export interface AddedMethod extends Shown {
  readonly method: MfaMethodModel;
}

const methodsMost = 20;
const nameMost = 100;
const tagsMost = 20;
const tagMost = 50;

/** ILLEGAL_STATE when the user has twenty already. New recovery codes replace the old ones, used or not. */
export async function addMethod(parts: AuthParts, context: Context, input: AddMethodInput): Promise<AddedMethod> {
  const { now } = context;
  const { type } = input;
  const name = input.name == null ? null : requireText(input.name, 'input.name', { least: 1, most: nameMost });
  const tags = requireTags(input.tags);
  const userId = await requireMayChange(parts, context, input);
  const base = { id: newId(), userId, type, name, tags, verified: false, createdAt: new Date(now) };
  const { method, shown } = await newMethodOf(parts, base);
  return parts.database.write(async (tx) => ({ method: await insert(tx, method, now), ...shown }));
}

interface MadeMethod {
  readonly method: NewMethod;
  readonly shown: Shown;
}

async function newMethodOf({ config, sealing, database }: AuthParts, base: NewMethod): Promise<MadeMethod> {
  const { id, userId, type, name, createdAt } = base;
  switch (type) {
    case 'TOTP': {
      const shown = newTotpSecret(name);
      return { method: { ...base, sealedSecret: sealing.seal(shown.secret) }, shown };
    }
    case 'RECOVERY_CODES': {
      const codes = newRecoveryCodes();
      const key = recoveryCodeKey(config);
      const codeHashes = codes.map((code) => hashRecoveryCode(key, id, code));
      return { method: { ...base, verified: true, codeHashes }, shown: { codes } };
    }
    case 'PASSKEY': {
      const methods = await findMethods(database.db, [userId], unconfirmedSince(createdAt.getTime()));
      const known = methods.flatMap(({ passkey }) => (passkey === null ? [] : [passkey]));
      const passkeyOptions = await registrationOptions(config, { userId, name, known });
      return { method: { ...base, challenge: passkeyOptions.challenge }, shown: { passkeyOptions } };
    }
  }
}

async function insert(tx: AuthTransaction, method: NewMethod, now: number): Promise<MfaMethodModel> {
  const { userId, type } = method;
  await lockSetting(tx.db, userId);
  const since = unconfirmedSince(now);
  const removed = await deleteUnconfirmed(tx.db, userId, since);
  const others = await findMethods(tx.db, [userId], since);
  const replaced = others.filter(({ model }) => type === 'RECOVERY_CODES' && model.type === type);
  if (others.length - replaced.length >= methodsMost) {
    throw new AppError('ILLEGAL_STATE', `A user has at most ${methodsMost} methods.`, { code: 27 });
  }
  removed.push(...replaced.map(({ model }) => model.id));
  await deleteMethods(tx.db, removed);
  const inserted = await insertMethod(tx.db, method);
  await changeSetting(tx.db, userId, { now });
  for (const methodId of removed) tx.publish({ type: 'mfa_method_removed', content: { userId, methodId } });
  tx.publish({ type: 'mfa_method_added', content: { userId, methodId: inserted.id } });
  return inserted;
}

function requireTags(tags: readonly string[]): string[] {
  if (tags.length > tagsMost) {
    throw new AppError('BAD_USER_INPUT', `input.tags: at most ${tagsMost} are allowed.`, {
      field: 'input.tags',
      code: 15,
    });
  }
  return tags.map((tag, index) => requireText(tag, `input.tags.${index}`, { least: 1, most: tagMost }));
}
