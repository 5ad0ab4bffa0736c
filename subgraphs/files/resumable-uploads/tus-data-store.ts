// What @tus/server sees of the uploads, on behalf of one request: who asks, and about which file, was decided before.
import type { Readable } from 'node:stream';
import { DataStore, Upload } from '@tus/server';
import { invariant } from '../../../platform/errors.ts';
import type { CreateFileInput } from '../create-file.ts';
import type { FileModel } from '../models.ts';
import { requireSentFile, tagsOfJson } from '../sent-file-input.ts';
import { type ResumableUploads, uploadLifetime } from './resumable-uploads.ts';
import { isTusRefusal, refusalOf } from './tus-refusals.ts';

export interface TusRequest {
  readonly resumable: ResumableUploads;
  /** The file that the request is about; undefined for one that creates a file. */
  readonly file: FileModel | undefined;
  readonly create: (input: CreateFileInput, length: number | undefined) => Promise<FileModel>;
}

export class TusDataStore extends DataStore {
  override readonly extensions = [
    'creation',
    'creation-with-upload',
    'creation-defer-length',
    'expiration',
    'termination',
  ];
  readonly #resumable: ResumableUploads;
  readonly #create: TusRequest['create'];
  #file: FileModel | undefined;
  #failure: unknown;

  constructor({ resumable, file, create }: TusRequest) {
    super();
    this.#resumable = resumable;
    this.#create = create;
    this.#file = file;
  }

  override getExpiration(): number {
    return uploadLifetime;
  }

  /** Why bytes could not be kept. The server knows it for its own abort: it sees first that nobody reads any more. */
  get failure(): unknown {
    return this.#failure;
  }

  override async create(upload: Upload): Promise<Upload> {
    this.#file = await this.#create(fileInput(upload.metadata ?? {}), upload.size);
    upload.id = this.#file.id;
    if (upload.size !== undefined) await this.#resumable.declareLength(this.#file, upload.size);
    if (upload.size === 0) await this.#resumable.append(this.#file, 0, nothing());
    return upload;
  }

  override async getUpload(): Promise<Upload> {
    const file = this.#knownFile();
    const { offset, length, expiresAt } = await this.#resumable.find(file);
    return new Upload({
      id: file.id,
      offset,
      ...(length === undefined ? {} : { size: length }),
      metadata: { filename: file.name, filetype: file.mimeType },
      // The server reckons from here when the upload expires.
      ...(expiresAt === undefined
        ? {}
        : { creation_date: new Date(expiresAt.getTime() - uploadLifetime).toISOString() }),
    });
  }

  override declareUploadLength(_id: string, length: number): Promise<void> {
    return this.#resumable.declareLength(this.#knownFile(), length);
  }

  override async write(bytes: Readable, _id: string, offset: number): Promise<number> {
    try {
      return await this.#resumable.append(this.#knownFile(), offset, received(bytes));
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  override remove(): Promise<void> {
    return this.#resumable.end(this.#knownFile());
  }

  #knownFile(): FileModel {
    invariant(this.#file !== undefined, 'a request about an upload names its file');
    return this.#file;
  }
}

/** The server cuts off what is longer than announced. */
async function* received(bytes: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw isTusRefusal(error) ? refusalOf(error) : error;
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** Names as clients of the protocol use them. */
function fileInput({ filename, name, filetype, type, tags }: NonNullable<Upload['metadata']>): CreateFileInput {
  const sent = {
    name: filename ?? name ?? undefined,
    mimeType: filetype ?? type ?? undefined,
    tags: tagsOf(tags ?? ''),
  };
  return requireSentFile(sent, { name: 'Upload-Metadata filename', mimeType: 'Upload-Metadata filetype' });
}

function tagsOf(text: string): string[] {
  const separate = () => text.split(',').map((tag) => tag.trim());
  return tagsOfJson(text) ?? (text.trim() === '' ? [] : separate());
}
