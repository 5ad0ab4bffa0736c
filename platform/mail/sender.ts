// Whom mail is from, as an operator writes it: an address, or a name and an address in angle brackets.

export interface Sender {
  /** Empty: the address alone. */
  readonly name: string;
  readonly address: string;
}

/** Without the characters that have a meaning of their own in headers and in SMTP: whoever passes is one recipient. */
const mailable = /^[^\s\p{Cc}<>()[\]\\,;:"@]+@[^\s\p{Cc}<>()[\]\\,;:"@]+$/u;

/** Whether mail can be sent to it at all; whether anybody is there, its server knows. */
export function isMailable(address: string): boolean {
  return address.length <= 320 && mailable.test(address);
}

/** Undefined when the text is neither. */
export function parseSender(text: string): Sender | undefined {
  const named = /^([^<>\p{Cc}]*)<([^<>]+)>$/u.exec(text.trim());
  const name = (named?.[1] ?? '').trim().replace(/^"(.*)"$/, '$1');
  const address = (named?.[2] ?? text).trim();
  return isMailable(address) ? { name, address } : undefined;
}
