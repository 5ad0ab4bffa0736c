// What is said of a file beside its bytes, in a form or in headers: read into what `createFile` takes, with errors that
// name what the client sent.
import { invalidInput } from '../../platform/errors.ts';
import type { CreateFileInput } from './create-file.ts';
import { requireFileName, requireMimeType, requireTags } from './file-input.ts';

export interface SentFile {
  readonly name: string | undefined;
  readonly mimeType: string | undefined;
  readonly tags: readonly string[];
}

/** What the client calls them. */
export interface SentFields {
  readonly name: string;
  readonly mimeType: string;
}

/** BAD_USER_INPUT names the field at fault. */
export function requireSentFile(sent: SentFile, fields: SentFields): CreateFileInput {
  return {
    name: requireFileName(sent.name ?? '', fields.name),
    mimeType: requireMimeType(sent.mimeType || 'application/octet-stream', fields.mimeType),
    tags: requireTags(sent.tags, 'tags'),
  };
}

/** The tags of a JSON array; undefined for text that is none. BAD_USER_INPUT for an array of other things. */
export function tagsOfJson(text: string): string[] | undefined {
  if (!text.trimStart().startsWith('[')) return undefined;
  try {
    const tags: unknown = JSON.parse(text);
    if (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string')) return tags;
  } catch {
    // Not JSON: refused like the wrong JSON.
  }
  throw invalidInput('tags', 'must be a JSON array of strings.');
}
