// What must be remembered of the bytes that an upload has brought, so that it can go on later, in another process too:
// the state of their SHA-256, and the first of them. Both tell of the content, so they are sealed with the file's key.
import { createSHA256 } from 'hash-wasm';
import { decrypt, encrypt } from '../../../platform/authenticated-encryption.ts';
import { type ContentTypeCheck, createContentTypeCheck } from '../content-type-check.ts';

export interface PassedBytes {
  /** The type that the first bytes must be of. */
  readonly content: ContentTypeCheck;
  add(bytes: Uint8Array): void;
  /** In hexadecimal. Nothing can be added after that. */
  sha256(): string;
  /** What `openPassedBytes` takes to go on from this offset. */
  seal(offset: number): Uint8Array<ArrayBuffer>;
}

export interface UploadSecrets {
  readonly mimeType: string;
  readonly key: Buffer;
}

/** How many bytes have passed, and what was sealed then; nothing where the upload begins. */
interface SealedState {
  readonly offset: number;
  readonly state: Uint8Array | null;
}

const lengthBytes = 4;

export async function openPassedBytes(upload: SealedState, { mimeType, key }: UploadSecrets): Promise<PassedBytes> {
  const hash = await createSHA256();
  const opened = upload.state === null ? undefined : decrypt(upload.state, key, contextOf(upload.offset));
  const headEnd = opened === undefined ? 0 : lengthBytes + opened.readUInt32BE(0);
  const content = createContentTypeCheck(mimeType, opened?.subarray(lengthBytes, headEnd));
  if (opened === undefined) hash.init();
  else hash.load(new Uint8Array(opened.subarray(headEnd)));
  return {
    content,
    add: (bytes) => void hash.update(bytes),
    sha256: () => hash.digest(),
    seal(offset) {
      const head = content.head();
      const length = Buffer.alloc(lengthBytes);
      length.writeUInt32BE(head.length);
      return new Uint8Array(encrypt(Buffer.concat([length, head, hash.save()]), key, contextOf(offset)));
    },
  };
}

/** A state is good for the offset alone that it was sealed at. */
function contextOf(offset: number): Buffer {
  return Buffer.from(`upload state at ${offset}`);
}
