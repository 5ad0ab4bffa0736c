// Takes in a file that is sent as a form: what is said of it and its bytes together, in any order. There is a file when
// all of the form was good, and nothing before.
import { AppError, invariant } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { Sealing } from '../../platform/sealing.ts';
import type { UserIdentity } from '../../platform/subgraph/context.ts';
import { newFile } from './create-file.ts';
import { requireMimeType } from './file-input.ts';
import type { InsertedFile } from './insert-file.ts';
import type { MasterKeys } from './master-keys.ts';
import { measuredBytes } from './measured-bytes.ts';
import type { FileModel } from './models.ts';
import type { WriteSegment } from './segment-writer.ts';
import { requireSentFile, tagsOfJson } from './sent-file-input.ts';
import { openedToken } from './tokens/new-token.ts';
import { type LimitsFor, tooLarge, type UploadLimits } from './upload-limits.ts';
import type { UploadStore } from './upload-store.ts';

export type FormPart = FormField | FormFile;

export interface FormField {
  readonly kind: 'field';
  readonly name: string;
  readonly value: unknown;
}

export interface FormFile {
  readonly kind: 'file';
  readonly field: string;
  readonly fileName: string | undefined;
  readonly mimeType: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

export interface SentForm {
  readonly uploader: UserIdentity;
  /** Each must be read before the next one comes. */
  readonly parts: AsyncIterable<FormPart>;
  /** Bytes of the whole form, if that was announced. */
  readonly length: number | undefined;
}

export interface UploadedForm extends Pick<FileModel, 'id' | 'name' | 'mimeType' | 'tags'> {
  readonly size: number;
  readonly sha256: string;
  /** `FULL`. */
  readonly token: string;
}

/** BAD_REQUEST, BAD_USER_INPUT, FILE_TOO_LARGE, QUOTA_EXCEEDED, SERVICE_UNAVAILABLE: and then nothing is kept. */
export type UploadForm = (form: SentForm) => Promise<UploadedForm>;

export interface UploadFormParts {
  readonly uploads: UploadStore;
  readonly writeSegment: WriteSegment;
  readonly limitsFor: LimitsFor;
  readonly masterKeys: MasterKeys;
  readonly sealing: Sealing;
}

/** What a form has beside the bytes of the file, at most. */
const formOverhead = 128 * 1024;

export function createUploadForm({
  uploads,
  writeSegment,
  limitsFor,
  masterKeys,
  sealing,
}: UploadFormParts): UploadForm {
  async function requireRoom({ uploader, length = 0 }: SentForm): Promise<UploadLimits> {
    const { userId: creatorId, applicationId = null } = uploader;
    const limits = await limitsFor(applicationId);
    const atLeast = Math.max(0, length - formOverhead);
    if (atLeast > limits.file) throw tooLarge(limits.file);
    await uploads.requireRoom({ creatorId, applicationId }, { bytes: atLeast, limits });
    return limits;
  }

  return async (form) => {
    const limits = await requireRoom(form);
    const fields = newFields();
    const rest = form.parts[Symbol.asyncIterator]();
    const sent = await readUntilFile(rest, fields);
    if (sent === undefined)
      throw new AppError('BAD_REQUEST', 'file: the form has no part of this name with a file name.');

    const id = newId();
    const { key, ...fileKey } = masterKeys.newFileKey(id);
    const mimeType = requireMimeType(sent.mimeType, 'file');
    const { stream, measure } = measuredBytes(sent.bytes, { most: limits.file, mimeType });
    let inserted: InsertedFile | undefined;
    await writeSegment(stream, key, async (storeKey) => {
      if ((await readUntilFile(rest, fields)) !== undefined)
        throw new AppError('BAD_REQUEST', 'The form has two files.');
      const input = requireSentFile({ ...fields, mimeType, name: fields.name ?? sent.fileName }, formFields);
      const { size, sha256 } = measure();
      const rows = newFile(input, form.uploader, { id, fileKey, sealing });
      inserted = await uploads.createComplete(rows, { size, sha256, limits, segment: { storeKey, size } });
      return true;
    });
    invariant(inserted !== undefined, 'what was committed is known');
    const { name, tags } = inserted.file;
    return { id, name, mimeType, ...measure(), tags, token: openedToken(inserted.token, sealing).token };
  };
}

const formFields = { name: 'name', mimeType: 'file' };

interface Fields {
  name: string | undefined;
  readonly tags: string[];
}

const newFields = (): Fields => ({ name: undefined, tags: [] });

/** Notes the fields that come before the next file. */
async function readUntilFile(parts: AsyncIterator<FormPart>, fields: Fields): Promise<FormFile | undefined> {
  for (let next = await parts.next(); !next.done; next = await parts.next()) {
    const part = next.value;
    if (part.kind === 'field') note(part, fields);
    else if (part.field === 'file') return part;
    else throw new AppError('BAD_REQUEST', 'The part with the file must be named file.');
  }
  return undefined;
}

/** Others are nobody's business: browsers send buttons, too. */
function note({ name, value }: FormField, fields: Fields): void {
  if (name === 'name') fields.name = textOf(name, value);
  if (name === 'tags' || name === 'tags[]') fields.tags.push(...tagsOf(name, value));
}

/** One tag, or a JSON array of them: as text, or read already where the part says that it is JSON. */
function tagsOf(name: string, value: unknown): string[] {
  if (Array.isArray(value)) return value.map((tag) => textOf(name, tag));
  const text = textOf(name, value);
  return tagsOfJson(text) ?? [text];
}

function textOf(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw new AppError('BAD_REQUEST', `${name}: must be text.`);
}
