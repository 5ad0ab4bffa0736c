// What holds for requests to confirm an address or to set a password, as data: how long a secret is good, how many mails
// may be asked for and how fast, and what is said when that is not kept.
import { AppError } from '../../../platform/errors.ts';
import type { MailKind } from '../mail/compose-mail.ts';
import type { UserSettings } from '../settings/user-settings.ts';

/** What a request is for. A user has at most one of each. */
export type Purpose = 'activation' | 'password_reset';

/** What a mail holds to prove that its reader has it. */
export type VerificationMode = 'HASH' | 'PIN_CODE';

/** Whether and how a mail asks to confirm an address. */
export type ActivationMode = VerificationMode | 'MANUAL';

/** Why a mail is written; with the mode it makes the kind of mail. */
export type Occasion = 'ACTIVATION' | 'REACTIVATION' | 'PASSWORD_RESET' | 'OIDC_UNLINK';

const minute = 60_000;

/** How long a secret is good for, in milliseconds. */
export const lifetimes: Readonly<Record<VerificationMode, number>> = { HASH: 60 * minute, PIN_CODE: 15 * minute };

/** Wrong pin codes for one mail. */
export const mostAttempts = 3;

/** Mails that can be asked for without success. A change of mode does not start anew. */
const mostRequests: Readonly<Record<VerificationMode, number>> = { HASH: 5, PIN_CODE: 3 };

/** Between two mails asked for, in milliseconds. */
const gap = 5 * minute;

interface PurposeRules {
  pinCodesEnabled(settings: UserSettings): boolean;
  hashLimited(settings: UserSettings): boolean;
  /** The reference's numbers for too many and for too soon. */
  readonly limitCode: number;
  readonly paceCode: number;
}

const rules: Readonly<Record<Purpose, PurposeRules>> = {
  activation: {
    pinCodesEnabled: ({ verification }) => verification.enablePinCodeActivationRequests,
    hashLimited: ({ verification }) => verification.limitHashActivationRequests,
    limitCode: 222,
    paceCode: 223,
  },
  password_reset: {
    pinCodesEnabled: ({ verification }) => verification.enablePinCodeForgotPasswordRequests,
    hashLimited: ({ verification }) => verification.limitHashForgotPasswordRequests,
    limitCode: 220,
    paceCode: 221,
  },
};

export function mailKind(occasion: Occasion, mode: VerificationMode): MailKind {
  return mode === 'HASH' ? occasion : `${occasion}_PIN`;
}

export function isSent(settings: UserSettings, kind: MailKind): boolean {
  return !settings.mail.disabled.includes(kind);
}

export function pinCodesEnabled(settings: UserSettings, purpose: Purpose): boolean {
  return rules[purpose].pinCodesEnabled(settings);
}

/** PIN_CODES_NOT_ENABLED naming the field, when the settings do not allow the mode. */
export function requireMode(settings: UserSettings, purpose: Purpose, given: { mode: ActivationMode; field: string }) {
  if (given.mode === 'PIN_CODE' && !pinCodesEnabled(settings, purpose)) {
    throw new AppError('PIN_CODES_NOT_ENABLED', undefined, { field: given.field, code: 218 });
  }
}

/** ILLEGAL_STATE for a kind of mail that the settings switch off. */
export function requireSent(settings: UserSettings, kind: MailKind): void {
  if (!isSent(settings, kind)) throw mailSwitchedOff();
}

export function mailSwitchedOff(): AppError {
  return new AppError('ILLEGAL_STATE', 'This kind of mail is switched off.', { code: 27 });
}

export interface NewRequest {
  readonly purpose: Purpose;
  readonly mode: VerificationMode;
  readonly settings: UserSettings;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** REQUEST_TOO_SOON or REQUEST_LIMIT_REACHED when the requests so far leave no room for another. */
export function requirePatience(
  open: { readonly requestCount: number; readonly lastRequestAt: Date } | null,
  { purpose, mode, settings, now }: NewRequest,
): void {
  const { hashLimited, limitCode, paceCode } = rules[purpose];
  if (open === null || (mode === 'HASH' && !hashLimited(settings))) return;
  if (now - open.lastRequestAt.getTime() < gap) throw new AppError('REQUEST_TOO_SOON', undefined, { code: paceCode });
  if (open.requestCount >= mostRequests[mode]) {
    throw new AppError('REQUEST_LIMIT_REACHED', undefined, { code: limitCode });
  }
}
