// The settings of this service: what they are, what they are unless told, and how they are read.
import { z } from 'zod';
import type { Models } from '../../../platform/database/database.ts';
import type { JsonObject } from '../../../platform/events/event.ts';
import type { UserMailSettingsModel } from '../models.ts';
import type { UsersTable } from '../store.ts';
import { findStoredSettings } from './store.ts';

export interface PasswordPolicy {
  readonly minimumLength: number;
  readonly maximumLength: number;
  readonly upperCaseRequired: boolean;
  readonly lowerCaseRequired: boolean;
  readonly numberRequired: boolean;
  readonly symbolRequired: boolean;
}

export interface UserSettings {
  readonly passwordPolicy: PasswordPolicy;
  readonly verification: {
    readonly enablePinCodeActivationRequests: boolean;
    readonly enablePinCodeForgotPasswordRequests: boolean;
    readonly limitHashActivationRequests: boolean;
    readonly limitHashForgotPasswordRequests: boolean;
  };
  readonly mail: UserMailSettingsModel;
}

export const defaultSettings: UserSettings = {
  passwordPolicy: {
    minimumLength: 8,
    maximumLength: 128,
    upperCaseRequired: true,
    lowerCaseRequired: true,
    numberRequired: true,
    symbolRequired: false,
  },
  verification: {
    enablePinCodeActivationRequests: false,
    enablePinCodeForgotPasswordRequests: false,
    limitHashActivationRequests: true,
    limitHashForgotPasswordRequests: true,
  },
  mail: { activationUrl: null, passwordResetUrl: null, disabled: [], templates: [] },
};

const { passwordPolicy, verification, mail } = defaultSettings;

const mailKind = z.enum([
  'ACTIVATION',
  'ACTIVATION_PIN',
  'REACTIVATION',
  'REACTIVATION_PIN',
  'PASSWORD_RESET',
  'PASSWORD_RESET_PIN',
  'OIDC_UNLINK',
  'OIDC_UNLINK_PIN',
]);

/** What is stored: what was set. The rest is as it comes, also where a later version comes with something else. */
const stored: z.ZodType<UserSettings> = z.object({
  passwordPolicy: z
    .object({
      minimumLength: z.int().default(passwordPolicy.minimumLength),
      maximumLength: z.int().default(passwordPolicy.maximumLength),
      upperCaseRequired: z.boolean().default(passwordPolicy.upperCaseRequired),
      lowerCaseRequired: z.boolean().default(passwordPolicy.lowerCaseRequired),
      numberRequired: z.boolean().default(passwordPolicy.numberRequired),
      symbolRequired: z.boolean().default(passwordPolicy.symbolRequired),
    })
    .prefault({}),
  verification: z
    .object({
      enablePinCodeActivationRequests: z.boolean().default(verification.enablePinCodeActivationRequests),
      enablePinCodeForgotPasswordRequests: z.boolean().default(verification.enablePinCodeForgotPasswordRequests),
      limitHashActivationRequests: z.boolean().default(verification.limitHashActivationRequests),
      limitHashForgotPasswordRequests: z.boolean().default(verification.limitHashForgotPasswordRequests),
    })
    .prefault({}),
  mail: z
    .object({
      activationUrl: z.string().nullable().default(mail.activationUrl),
      passwordResetUrl: z.string().nullable().default(mail.passwordResetUrl),
      disabled: z.array(mailKind).readonly().default(mail.disabled),
      templates: z
        .array(z.object({ kind: mailKind, language: z.string(), subject: z.string(), text: z.string() }))
        .readonly()
        .default(mail.templates),
    })
    .prefault({}),
});

/** The settings as they are now. One query. */
export async function readSettings(db: Models<UsersTable>): Promise<UserSettings> {
  return settingsFrom(await findStoredSettings(db));
}

/** What is stored (null: nothing) over the defaults. */
export function settingsFrom(row: unknown): UserSettings {
  return stored.parse(row ?? {});
}

/** What of the settings differs from the defaults: what is stored. */
export function differencesFromDefaults(settings: UserSettings): JsonObject {
  return {
    passwordPolicy: differing(settings.passwordPolicy, defaultSettings.passwordPolicy),
    verification: differing(settings.verification, defaultSettings.verification),
    mail: differing(settings.mail, defaultSettings.mail),
  };
}

function differing<T extends object>(part: T, from: T): Partial<T> {
  const entries = (Object.keys(from) as (keyof T)[]).map((key) => [key, part[key]] as const);
  return Object.fromEntries(
    entries.filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(from[key])),
  ) as Partial<T>;
}
