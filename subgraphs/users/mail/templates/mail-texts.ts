// What the texts of one language consist of. Total: a language that lacks one does not compile.
import type { UserSettings } from '../../settings/user-settings.ts';

export type MailKind = UserSettings['mail']['disabled'][number];

/** What a mail is for; each comes with a hash or with a pin code. */
export type MailPurpose = Exclude<MailKind, `${string}_PIN`>;

/**
 * Placeholders as in texts of the operator's own, and `{{duration}}`: the minutes with their unit. A mail is, in this
 * order, the greeting, why it comes and what to do, the link or the code, how long that is good for, what to do when it
 * was not asked for, and that nobody reads answers.
 */
export interface MailTexts {
  readonly greeting: string;
  readonly linkValid: string;
  readonly codeValid: string;
  readonly automatic: string;
  readonly minute: string;
  readonly minutes: string;
  readonly purposes: Readonly<Record<MailPurpose, PurposeTexts>>;
}

export interface PurposeTexts {
  readonly subject: string;
  /** Why this mail comes. */
  readonly reason: string;
  /** Asks to open the link that follows. */
  readonly link: string;
  /** Asks to enter the code that follows. */
  readonly code: string;
  readonly unasked: string;
}
