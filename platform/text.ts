// Text from outside: checked at the edge, before anything is done with it.
import { invalidInput } from './errors.ts';

export interface TextLimits {
  /** Characters at least; with 1 or more, white space alone does not count. 0 unless told. */
  readonly least?: number;
  readonly most: number;
}

/** NUL, which PostgreSQL cannot store, and halves of surrogate pairs, which no encoding can carry. */
const notStorable = /\0|\p{Surrogate}/u;

/** Whether the database can hold it. */
export function isStorable(value: string): boolean {
  return !notStorable.test(value);
}

/** The text as it was given, or BAD_USER_INPUT naming the field. */
export function requireText(value: string, field: string, { least = 0, most }: TextLimits): string {
  if (value.length > most) throw invalidInput(field, `at most ${most} characters are allowed.`);
  if (value.length < least || (least > 0 && value.trim() === '')) {
    throw invalidInput(field, `at least ${least} ${least === 1 ? 'character is' : 'characters are'} needed.`);
  }
  if (!isStorable(value)) throw invalidInput(field, 'it holds a character that cannot be stored.');
  return value;
}
