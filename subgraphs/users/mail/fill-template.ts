// Puts values into a text with placeholders, in one pass: what a value holds is never read as a placeholder, as a
// second line or as a link. What comes out are parts, so that HTML can be made of them without guessing.

export const placeholders = ['firstName', 'lastName', 'hash', 'pinCode', 'link', 'minutes', 'duration'] as const;
export type Placeholder = (typeof placeholders)[number];

export interface Part {
  /** `text` is written by us or by the operator, `secret` and `link` are ours, a `name` is anybody's. */
  readonly kind: 'text' | 'name' | 'secret' | 'link';
  /** Only `text` has line breaks. */
  readonly value: string;
}

const pattern = new RegExp(`\\{\\{(${placeholders.join('|')})\\}\\}`);

/** A placeholder that is not known stays as it is written. */
export function fillTemplate(template: string, values: Readonly<Record<Placeholder, Part>>): Part[] {
  // Split by one group, every second piece is the name of a placeholder.
  return (
    template
      .replaceAll('\r\n', '\n')
      .split(pattern)
      .map((piece, index): Part => (index % 2 === 1 ? values[piece as Placeholder] : { kind: 'text', value: piece }))
      // An empty name still parts the texts around it.
      .filter(({ kind, value }) => kind !== 'text' || value !== '')
  );
}

export function plainText(parts: readonly Part[]): string {
  return parts.map(({ value }) => value).join('');
}

/** White space and line breaks of all kinds, and control characters. */
const breaks = /[\s\p{Cc}\p{Zl}\p{Zp}]+/gu;
/** They turn the direction of the text around them. */
const turns = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** On one line, and nothing that changes how the text around it reads. */
export function oneLine(value: string): string {
  return value.replace(breaks, ' ').replace(turns, '').trim();
}

/**
 * Somebody's name. Mail programs make links of anything that looks like an address; whoever signs up with an address of
 * a stranger and `evil.example` as a name must not get a link into a mail of ours: a space parts it.
 */
export function nameValue(name: string): Part {
  return { kind: 'name', value: oneLine(oneLine(name).replace(/([.:/\\@])(?=\S)/g, '$1 ')) };
}
