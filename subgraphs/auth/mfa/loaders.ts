// One request's reading of second factors: what many users are asked for is read together, and only what the viewer
// may see.
import DataLoader from 'dataloader';
import type { Identity } from '../../../platform/identity/identity.ts';
import { isId } from '../../../platform/ids.ts';
import type { AuthParts } from '../auth-parts.ts';
import type { MfaMethodModel, MfaSettingModel } from '../models.ts';
import { unconfirmedSince } from './counting-methods.ts';
import { findMethods, findSettings, insertSettings } from './store.ts';
import { maySeeSetting } from './visible-setting.ts';

export interface MfaLoaders {
  /** By the id of the user; null for a user who is missing or whose setting the viewer may not see. */
  readonly mfaSettings: DataLoader<string, MfaSettingModel | null>;
  /** By the id of the user, oldest first. Only for users whose setting was loaded, or changed, in this request. */
  readonly mfaMethods: DataLoader<string, MfaMethodModel[]>;
}

export interface MfaLoadersOptions {
  readonly identity: Identity;
  /** Epoch milliseconds. */
  readonly now: number;
}

export function mfaLoaders(parts: AuthParts, { identity, now }: MfaLoadersOptions): MfaLoaders {
  const { db } = parts.database;
  return {
    mfaSettings: new DataLoader(async (userIds) => {
      const visible = userIds.filter((id) => isId(id) && maySeeSetting(identity, id));
      const settings = await loadSettings(parts, visible, identity);
      const found = new Map(settings.map((setting) => [setting.userId, setting]));
      return userIds.map((id) => found.get(id) ?? null);
    }),
    mfaMethods: new DataLoader(async (userIds) => {
      const methods = (await findMethods(db, userIds, unconfirmedSince(now))).map(({ model }) => model);
      return userIds.map((userId) => methods.filter((method) => method.userId === userId));
    }),
  };
}

/** Every user has a setting: it is made when it is first read. Who has no account has none, whatever is left of them. */
async function loadSettings(
  { users, database: { db } }: AuthParts,
  userIds: readonly string[],
  viewer: Identity,
): Promise<MfaSettingModel[]> {
  const others = userIds.filter((id) => id !== viewer.userId);
  const existing = new Set(others.length === 0 ? [] : await users.listExisting(others));
  const asked = userIds.filter((id) => id === viewer.userId || existing.has(id));
  const found = await findSettings(db, asked);
  if (found.length === asked.length) return found;
  const known = new Set(found.map(({ userId }) => userId));
  const missing = asked.filter((id) => !known.has(id));
  await insertSettings(db, missing);
  return [...found, ...(await findSettings(db, missing))];
}
