// The parts of an account as people enter them: checked, and in the form in which they are stored.
import { invalidInput } from '../../platform/errors.ts';
import { requireText } from '../../platform/text.ts';

/** One address and no more: without what a mail header would read as several, or as a name beside an address. */
const addressShape = /^[^\s@,;:<>()[\]\\"]+@[^\s@,;:<>()[\]\\"]+\.[^\s@,;:<>()[\]\\"]+$/u;

/** The address in lower case, in which it is stored and compared. */
export function requireEmail(email: string, field: string): string {
  const address = requireText(email, field, { least: 3, most: 256 }).toLowerCase();
  if (!addressShape.test(address)) throw invalidInput(field, 'this is not an e-mail address.');
  return address;
}

/** A first or last name. */
export function requireName(name: string, field: string): string {
  return requireText(name, field, { least: 1, most: 100 });
}

/** As it was entered: numbers are dialled by people. */
export function requirePhoneNumber(phoneNumber: string, field: string): string {
  return requireText(phoneNumber, field, { least: 1, most: 50 });
}

/** Two letters in upper case. */
export function requireLanguage(language: string, field: string): string {
  if (!/^[A-Za-z]{2}$/.test(language)) throw invalidInput(field, 'a language is two letters of ISO 639-1, such as EN.');
  return language.toUpperCase();
}

/** An IANA name as it was given; older names of a zone are as good as its present one. */
export function requireTimeZone(timeZone: string, field: string): string {
  if (!isTimeZone(timeZone)) throw invalidInput(field, 'this is not the IANA name of a time zone.');
  return timeZone;
}

function isTimeZone(timeZone: string): boolean {
  // Offsets, which newer runtimes take as well, say nothing of summer time.
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(timeZone)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
}
