// The settings of mails as an operator gives them: addresses of the operator's application, and texts of their own.
import { invalidInput } from '../../../platform/errors.ts';
import { requireText } from '../../../platform/text.ts';
import { requireLanguage } from '../account-input.ts';
import type { UserMailSettingsModel } from '../models.ts';

type Template = UserMailSettingsModel['templates'][number];

/** What is left out stays, as does what is null where null has no meaning of its own. */
export interface MailSettingsInput {
  /** Null: none. */
  readonly activationUrl?: string | null;
  readonly passwordResetUrl?: string | null;
  readonly disabled?: UserMailSettingsModel['disabled'] | null;
  readonly templates?: readonly Template[] | null;
}

const mostTemplates = 200;
const linkSecret = '{hash}';
/** Placeholders of every kind of mail. */
const shared = ['firstName', 'lastName', 'minutes'];
const byHash = ['hash', 'link'];
const byPinCode = ['pinCode'];

/** What is given, checked; or BAD_USER_INPUT naming the field. */
export function requireMailSettings(input: MailSettingsInput, field: string): Partial<UserMailSettingsModel> {
  const { activationUrl, passwordResetUrl, disabled, templates } = input;
  return {
    ...(activationUrl === undefined ? {} : { activationUrl: requireLink(activationUrl, `${field}.activationUrl`) }),
    ...(passwordResetUrl === undefined
      ? {}
      : { passwordResetUrl: requireLink(passwordResetUrl, `${field}.passwordResetUrl`) }),
    ...(disabled === undefined || disabled === null ? {} : { disabled: [...new Set(disabled)] }),
    ...(templates === undefined || templates === null
      ? {}
      : { templates: requireTemplates(templates, `${field}.templates`) }),
  };
}

function requireLink(url: string | null, field: string): string | null {
  if (url === null) return null;
  requireText(url, field, { least: 1, most: 2_048 });
  if (url.split(linkSecret).length !== 2) throw invalidInput(field, `it must hold ${linkSecret} once.`);
  const target = url.replace(linkSecret, 'hash');
  if (/\s/u.test(url) || !URL.canParse(target) || !/^https?:$/.test(new URL(target).protocol)) {
    throw invalidInput(field, 'this is not an address that starts with https:// or http://.');
  }
  return url;
}

function requireTemplates(templates: readonly Template[], field: string): Template[] {
  if (templates.length > mostTemplates) throw invalidInput(field, `at most ${mostTemplates} are allowed.`);
  const seen = new Set<string>();
  return templates.map((given, index) => {
    const template = requireTemplate(given, `${field}.${index}`);
    const key = `${template.kind} ${template.language}`;
    if (seen.has(key)) throw invalidInput(`${field}.${index}`, 'there is one for this kind and language already.');
    seen.add(key);
    return template;
  });
}

function requireTemplate({ kind, language, subject, text }: Template, field: string): Template {
  const template = {
    kind,
    language: requireLanguage(language, `${field}.language`),
    subject: requireText(subject, `${field}.subject`, { least: 1, most: 200 }),
    text: requireText(text, `${field}.text`, { least: 1, most: 20_000 }),
  };
  if (/[\r\n\u2028\u2029]/.test(subject)) throw invalidInput(`${field}.subject`, 'a subject is one line.');
  const secrets = isByPinCode(kind) ? byPinCode : byHash;
  requireKnownPlaceholders(subject, [...shared, ...secrets], `${field}.subject`);
  requireKnownPlaceholders(text, [...shared, ...secrets], `${field}.text`);
  if (!placeholdersOf(text).some((name) => secrets.includes(name))) {
    throw invalidInput(`${field}.text`, `it must hold ${secrets.map((name) => `{{${name}}}`).join(' or ')}.`);
  }
  return template;
}

function requireKnownPlaceholders(text: string, known: readonly string[], field: string): void {
  const unknown = placeholdersOf(text).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const all = known.map((name) => `{{${name}}}`).join(', ');
    throw invalidInput(field, `there is a placeholder that is none of ${all}.`);
  }
}

/** What stands between double braces; what is opened and not closed is a placeholder, too, and known to nobody. */
function placeholdersOf(text: string): string[] {
  return [...text.matchAll(/\{\{([^{}]*)(\}\})?/g)].map(([whole, name = '']) => (whole.endsWith('}}') ? name : '{'));
}

function isByPinCode(kind: Template['kind']): boolean {
  return kind.endsWith('_PIN');
}
