// Whether the first bytes of a file are of the media type that it was declared with. Types whose bytes have no mark of
// their own (plain text, CSV, most of what devices write) cannot be told apart, and are believed.
import { fileTypeFromBuffer, supportedMimeTypes } from 'file-type';
import { AppError } from '../../platform/errors.ts';
import { areAlike, canonicalType, isText } from './media-types.ts';

/** So many bytes decide. */
export const decidingBytes = 4_100;

/** The bytes are of another type than the file was declared with. */
export class WrongContent extends AppError {
  constructor(message: string) {
    super('BAD_REQUEST', message);
  }
}

export interface ContentTypeCheck {
  /** The first bytes that have passed, as many as decide at most. */
  head(): Buffer;
  /** Notes bytes that pass. WrongContent as soon as they show another type. */
  pass(bytes: Uint8Array): Promise<void>;
  /** There are no more. WrongContent when what has passed shows another type, or not the declared one. */
  end(): Promise<void>;
}

/** `head`: what passed before, when an upload goes on. */
export function createContentTypeCheck(declared: string, head: Buffer = Buffer.alloc(0)): ContentTypeCheck {
  let decided = head.length >= decidingBytes;
  let seen = head;

  async function decide(): Promise<void> {
    decided = true;
    await requireContentOf(declared, seen);
  }

  return {
    head: () => seen,
    async pass(bytes) {
      if (decided) return;
      seen = Buffer.concat([seen, bytes.subarray(0, decidingBytes - seen.length)]);
      if (seen.length === decidingBytes) await decide();
    },
    async end() {
      if (!decided) await decide();
    },
  };
}

/** WrongContent that names both types. */
export async function requireContentOf(declaredType: string, head: Uint8Array): Promise<void> {
  const declared = canonicalType(declaredType);
  if (declared === 'application/octet-stream') return;
  const mime = (await fileTypeFromBuffer(head).catch(() => undefined))?.mime;
  const detected = mime === undefined ? undefined : canonicalType(mime);
  if (isText(declared) ? mayBeText(detected, head) : mayBe(declared, detected)) return;
  const found = detected === undefined ? 'do not show that' : `are ${detected}`;
  throw new WrongContent(`The file was declared as ${declared}, but its bytes ${found}.`);
}

const detectable: ReadonlySet<string> = new Set([...supportedMimeTypes].map(canonicalType));

function mayBe(declared: string, detected: string | undefined): boolean {
  // Nothing can be said of a type without a mark of its own.
  if (!detectable.has(declared)) return true;
  return detected !== undefined && areAlike(declared, detected);
}

/** Formats that are written as text, though they are no text to read. */
const written = new Set(['application/pdf', 'application/postscript', 'application/eps', 'application/rtf']);
/** No text has them: control characters, but for tabs, ends of lines and pages, and escape. */
const isControl = (byte: number): boolean => byte < 9 || (byte > 13 && byte < 32 && byte !== 27) || byte === 127;

function mayBeText(detected: string | undefined, head: Uint8Array): boolean {
  if (detected === undefined || isText(detected)) return true;
  // Some marks are two letters, such as the BM of bitmaps: a table that begins with BMI is none.
  return !written.has(detected) && !head.some(isControl);
}
