// What may be said of a file when it is created. Everything here ends up in HTTP headers one day, so nothing that could
// end a header, or pass for a path, gets in.
import { invalidInput } from '../../platform/errors.ts';

const longestName = 255;
const mostTags = 50;
const longestTag = 100;
const longestMimeType = 255;

/** Control characters, line separators, and halves of surrogate pairs, which no encoding can carry. */
const unwritable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;
/** Characters that reverse the text after them: `exe.gpj` would be shown as `jpg.exe`. */
const reversing = /[\u202A-\u202E\u2066-\u2069]/u;
const pathSeparator = /[/\\]/;

/** `type/subtype` of RFC 6838 §4.2, then parameters with token values (RFC 9110 §5.6.6). */
const mimeTypeShape =
  /^([a-z\d][a-z\d!#$&^_.+-]{0,126}\/[a-z\d][a-z\d!#$&^_.+-]{0,126})((?:; ?[a-z\d!#$&^_.+-]+=[a-z\d!#$&^_.+-]+)*)$/i;

export function requireFileName(name: string, field: string): string {
  const length = [...name].length;
  if (length < 1 || length > longestName) throw invalidInput(field, `must have 1 to ${longestName} characters.`);
  if (pathSeparator.test(name)) throw invalidInput(field, 'must not contain path separators (/ or \\).');
  if (name === '.' || name === '..') throw invalidInput(field, 'must not be the name of a folder.');
  if (unwritable.test(name) || reversing.test(name)) throw invalidInput(field, 'must not contain control characters.');
  if (name.trim() === '') throw invalidInput(field, 'must not be blank.');
  return name;
}

/** The media type with its type and subtype in lower case, as they mean the same in any case. */
export function requireMimeType(mimeType: string, field: string): string {
  const [, essence, parameters] = (mimeType.length <= longestMimeType && mimeTypeShape.exec(mimeType)) || [];
  if (essence === undefined) throw invalidInput(field, 'must be a media type, for example image/png.');
  return `${essence.toLowerCase()}${parameters ?? ''}`;
}

/** The tags, each once. */
export function requireTags(tags: readonly string[], field: string): string[] {
  if (tags.length > mostTags) throw invalidInput(field, `at most ${mostTags} are allowed.`);
  for (const [index, tag] of tags.entries()) {
    if ([...tag].length > longestTag)
      throw invalidInput(`${field}.${index}`, `must have at most ${longestTag} characters.`);
    if (unwritable.test(tag)) throw invalidInput(`${field}.${index}`, 'must not contain control characters.');
  }
  return [...new Set(tags)];
}
