// The parts of an account as people enter them: checked, and in the form in which they are stored.
import { invalidInput } from '../../platform/errors.ts';
import { requireText } from '../../platform/text.ts';

const addressShape = /^\S+@\S+\.\S+$/u;

/** The address in lower case, in which it is stored and compared. */
export function requireEmail(email: string, field: string): string {
  const address = requireText(email, field, { least: 3, most: 256 }).toLowerCase();
  if (!addressShape.test(address)) throw invalidInput(field, 'this is not an e-mail address.');
  return address;
}

/** Two letters in upper case. */
export function requireLanguage(language: string, field: string): string {
  if (!/^[A-Za-z]{2}$/.test(language)) throw invalidInput(field, 'a language is two letters of ISO 639-1, such as EN.');
  return language.toUpperCase();
}
