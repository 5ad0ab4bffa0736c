// Changes settings of this service: all that is asked for, or nothing. What is left out stays.
import type { Permission } from '../../../platform/access/permissions.ts';
import { scope } from '../../../platform/access/scope.ts';
import { forbidden, invalidInput } from '../../../platform/errors.ts';
import type { Identity } from '../../../platform/identity/identity.ts';
import type { UsersDatabase } from '../store.ts';
import { type MailSettingsInput, requireMailSettings } from './mail-settings.ts';
import { lockStoredSettings, updateStoredSettings } from './store.ts';
import {
  differencesFromDefaults,
  type PasswordPolicy,
  readSettings,
  settingsFrom,
  type UserSettings,
} from './user-settings.ts';

/** What is null or left out stays. */
type Changes<T> = { readonly [K in keyof T]?: T[K] | null | undefined };

export interface UpdateUserSettingsInput {
  readonly passwordPolicy?: Changes<PasswordPolicy> | null;
  readonly verification?: Changes<UserSettings['verification']> | null;
  readonly mail?: MailSettingsInput | null;
}

type Part = keyof UserSettings;

const neededFor: Readonly<Record<Part, Permission>> = {
  passwordPolicy: 'UPDATE_PASSWORD_POLICY',
  verification: 'UPDATE_USER_VERIFICATION_SETTINGS',
  mail: 'UPDATE_USER_SERVICE_EMAIL_TEMPLATES',
};

const lengths = {
  minimumLength: { least: 3, most: 128 },
  maximumLength: { least: 3, most: 1_000 },
} as const;

/** The settings as they are then. FORBIDDEN when the permission for one of the parts is missing. */
export async function updateUserSettings(
  database: UsersDatabase,
  identity: Identity,
  input: UpdateUserSettingsInput,
): Promise<UserSettings> {
  const parts = (Object.keys(neededFor) as Part[]).filter((part) => (input[part] ?? null) !== null);
  for (const part of parts) {
    if (!scope(identity, neededFor[part]).everywhere) throw forbidden(neededFor[part]);
  }
  if (parts.length === 0) return readSettings(database.db);
  const passwordPolicy = requireLengths(given(input.passwordPolicy ?? {}));
  const verification = given(input.verification ?? {});
  const mail = requireMailSettings(input.mail ?? {}, 'input.mail');
  return database.write(async (tx) => {
    const before = settingsFrom(await lockStoredSettings(tx.db));
    const settings: UserSettings = {
      passwordPolicy: { ...before.passwordPolicy, ...passwordPolicy },
      verification: { ...before.verification, ...verification },
      mail: { ...before.mail, ...mail },
    };
    requireOrder(
      settings.passwordPolicy,
      passwordPolicy.minimumLength === undefined ? 'maximumLength' : 'minimumLength',
    );
    await updateStoredSettings(tx.db, differencesFromDefaults(settings));
    tx.publish({ type: 'user_settings_updated', content: { parts } });
    return settings;
  });
}

/** Without what is null. */
function given<T extends object>(changes: Changes<T>): Partial<T> {
  return Object.fromEntries(
    Object.entries(changes).filter(([, value]) => value !== null && value !== undefined),
  ) as Partial<T>;
}

function requireLengths(policy: Partial<PasswordPolicy>): Partial<PasswordPolicy> {
  for (const [name, { least, most }] of Object.entries(lengths)) {
    const length = policy[name as keyof typeof lengths];
    if (length !== undefined && (length < least || length > most)) {
      throw invalidInput(`input.passwordPolicy.${name}`, `from ${least} to ${most} is allowed.`);
    }
  }
  return policy;
}

/** Of what is merged: each of the two may be given without the other; `given` is one that was. */
function requireOrder({ minimumLength, maximumLength }: PasswordPolicy, given: keyof typeof lengths): void {
  if (minimumLength > maximumLength) {
    const says = `at least ${minimumLength} and at most ${maximumLength} characters: no password would do.`;
    throw invalidInput(`input.passwordPolicy.${given}`, says);
  }
}
