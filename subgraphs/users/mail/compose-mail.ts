// The subject and the text of a mail, in the user's language: from a text of the operator's own, or one that ships.
import type { UserSettings } from '../settings/user-settings.ts';
import { fillTemplate, nameValue, oneLine, type Part, type Placeholder, plainText } from './fill-template.ts';
import { mailHtml } from './mail-html.ts';
import type { MailKind } from './templates/mail-texts.ts';
import { isPinKind, purposeOf, shippedLanguage, shippedText } from './templates/shipped-texts.ts';

export type { MailKind } from './templates/mail-texts.ts';

export interface MailOrder {
  readonly kind: MailKind;
  /** Two capital letters; a language that nothing is written in gets English. */
  readonly language: string;
  readonly firstName: string;
  readonly lastName: string;
  /** The hash or the pin code, as the kind asks. */
  readonly secret: string;
  /** How long it is good for. */
  readonly minutes: number;
}

export interface MailContent {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export function composeMail(order: MailOrder, settings: UserSettings['mail']): MailContent {
  const link = linkOf(order, settings);
  const template = chooseTemplate(order, settings, link !== undefined);
  const values = valuesOf(order, link, template.unit);
  const subject = oneLine(plainText(fillTemplate(template.subject, values)));
  const parts = fillTemplate(template.text, values);
  return { subject, text: plainText(parts), html: mailHtml(parts, { title: subject, language: template.language }) };
}

interface Template {
  readonly language: string;
  readonly subject: string;
  readonly text: string;
  readonly unit: (minutes: number) => string;
}

function chooseTemplate({ kind, language }: MailOrder, settings: UserSettings['mail'], withLink: boolean): Template {
  const wanted = language.toUpperCase();
  const own = (code: string) =>
    settings.templates.find((template) => template.kind === kind && template.language.toUpperCase() === code);
  // Who reads English for want of anything else reads the operator's English, where there is one.
  const readable = own(wanted) === undefined ? shippedLanguage(wanted) : wanted;
  const shipped = shippedText(kind, readable, withLink);
  return { ...shipped, ...own(readable), language: readable };
}

function valuesOf(order: MailOrder, link: string | undefined, unit: Template['unit']): Record<Placeholder, Part> {
  const isPin = isPinKind(order.kind);
  const secret: Part = { kind: 'secret', value: oneLine(order.secret) };
  const nothing: Part = { kind: 'text', value: '' };
  return {
    firstName: nameValue(order.firstName),
    lastName: nameValue(order.lastName),
    hash: isPin ? nothing : secret,
    pinCode: isPin ? secret : nothing,
    // A text that counts on a link would be of no use without anything in its place.
    link: link === undefined ? secret : { kind: 'link', value: link },
    minutes: { kind: 'text', value: `${order.minutes}` },
    duration: { kind: 'text', value: `${order.minutes} ${unit(order.minutes)}` },
  };
}

/** Undefined: the settings name no address for it, or the kind has a code to type. */
function linkOf({ kind, secret }: MailOrder, settings: UserSettings['mail']): string | undefined {
  if (isPinKind(kind)) return undefined;
  const purpose = purposeOf(kind);
  const resets = purpose === 'PASSWORD_RESET' || purpose === 'OIDC_UNLINK';
  const url = resets ? settings.passwordResetUrl : settings.activationUrl;
  if (url === null) return undefined;
  const value = encodeURIComponent(oneLine(secret));
  // A function, because `$` in a plain replacement has a meaning.
  return oneLine(url).replaceAll('{hash}', () => value);
}
