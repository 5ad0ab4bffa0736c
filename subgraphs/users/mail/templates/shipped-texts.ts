// The texts that ship, as templates: by language, kind, and whether there is an address for a link.
import { de } from './de.ts';
import { en } from './en.ts';
import { fr } from './fr.ts';
import type { MailKind, MailPurpose, MailTexts } from './mail-texts.ts';
import { nl } from './nl.ts';

const languages: ReadonlyMap<string, MailTexts> = new Map([
  ['EN', en],
  ['NL', nl],
  ['FR', fr],
  ['DE', de],
]);

/** The language itself where texts ship in it, else English. */
export function shippedLanguage(language: string): string {
  return languages.has(language) ? language : 'EN';
}

export interface ShippedText {
  readonly subject: string;
  readonly text: string;
  /** The unit of its `{{duration}}`. */
  readonly unit: (minutes: number) => string;
}

export function shippedText(kind: MailKind, language: string, withLink: boolean): ShippedText {
  const texts = languages.get(language) ?? en;
  const isPin = isPinKind(kind);
  const { subject, reason, link, code, unasked } = texts.purposes[purposeOf(kind)];
  const useLink = withLink && !isPin;
  const paragraphs = [
    texts.greeting,
    `${reason} ${useLink ? link : code}`,
    useLink ? '{{link}}' : isPin ? '{{pinCode}}' : '{{hash}}',
    useLink ? texts.linkValid : texts.codeValid,
    unasked,
    texts.automatic,
  ];
  return {
    subject,
    text: `${paragraphs.join('\n\n')}\n`,
    unit: (minutes) => (minutes === 1 ? texts.minute : texts.minutes),
  };
}

export function isPinKind(kind: MailKind): boolean {
  return kind.endsWith('_PIN');
}

export function purposeOf(kind: MailKind): MailPurpose {
  return kind.replace(/_PIN$/, '') as MailPurpose;
}
