// How an application handles files over the public API: GraphQL for what is known of them, HTTP for their bytes.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { Upload } from 'tus-js-client';
import type { GraphqlClient } from './graphql-client.ts';

export interface FileToken {
  readonly id: string;
  readonly token: string;
  readonly accessLevel: 'FULL' | 'READ';
}

export interface NewFile {
  readonly id: string;
  readonly uploadUrl: string;
  readonly resumableUploadUrl: string;
  readonly token: FileToken;
}

const tokenFields = 'id token accessLevel expiresAt singleUse createdAt';

export const fileOperations = {
  file: `query ($id: ID!, $width: Int, $height: Int) { file(id: $id) {
    id name mimeType size sha256 tags status creator { id } tokens { ${tokenFields} } downloadUrl(width: $width, height: $height)
  } }`,
  fileByToken: `query ($token: String!) { fileByToken(token: $token) {
    id name mimeType size sha256 tags status creator { id } tokens { ${tokenFields} }
  } }`,
  files:
    'query ($filter: FileFilter, $orderBy: FileOrder) { files(filter: $filter, orderBy: $orderBy, first: 100) { totalCount nodes { id } } }',
  createFile: `mutation ($input: CreateFileInput!) { createFile(input: $input) {
    file { id status } uploadUrl resumableUploadUrl token { ${tokenFields} }
  } }`,
  deleteFile: 'mutation ($input: DeleteFileInput!) { deleteFile(input: $input) { fileId } }',
  createFileToken: `mutation ($input: CreateFileTokenInput!) { createFileToken(input: $input) { token { ${tokenFields} } } }`,
  revokeFileToken: 'mutation ($input: RevokeFileTokenInput!) { revokeFileToken(input: $input) { tokenId } }',
  fileSettings: `{ fileSettings {
    disableForceDownloadForMimeTypes anonymousTokens maximumFileBytes maximumBytesPerUser
    applicationLimits { applicationId maximumFileBytes maximumBytes } updatedAt
  } }`,
  updateFileSettings: `mutation ($input: UpdateFileSettingsInput!) { updateFileSettings(input: $input) { settings {
    disableForceDownloadForMimeTypes anonymousTokens maximumFileBytes maximumBytesPerUser
    applicationLimits { applicationId maximumFileBytes maximumBytes } updatedAt
  } } }`,
} as const;

export async function createFile(creator: GraphqlClient, input: Record<string, unknown> = {}): Promise<NewFile> {
  const { createFile: created } = await creator.run(fileOperations.createFile, {
    input: { name: 'trace.bin', ...input },
  });
  return { ...created, id: created.file.id };
}

/** The body in pieces, as a browser sends it: without a length announced. */
export function put(url: string, bytes: Uint8Array, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'PUT',
    headers,
    body: Readable.toWeb(Readable.from(pieces(bytes))) as ReadableStream,
    duplex: 'half',
  } as RequestInit);
}

export async function uploadedFile(
  creator: GraphqlClient,
  bytes: Uint8Array,
  input: Record<string, unknown> = {},
): Promise<NewFile> {
  const file = await createFile(creator, input);
  const response = await put(file.uploadUrl, bytes);
  if (response.status !== 201) throw new Error(await response.text());
  return file;
}

export const bearer = ({ token }: GraphqlClient): { authorization: string } => ({ authorization: `Bearer ${token}` });

export interface ByteAnswer {
  readonly status: number;
  /** Of a refusal. */
  readonly code: string | undefined;
  readonly bytes: Buffer;
  readonly headers: Headers;
}

/** Reads the whole answer; a connection that is cut in the middle rejects. */
export async function getBytes(url: string, headers: Record<string, string> = {}): Promise<ByteAnswer> {
  const response = await fetch(url, { headers });
  const bytes = Buffer.from(await response.arrayBuffer());
  const isRefusal = response.status >= 400 && bytes.length > 0;
  const code = isRefusal ? JSON.parse(bytes.toString('utf8')).errors[0].extensions.code : undefined;
  return { status: response.status, code, bytes, headers: response.headers };
}

export interface ResumableUpload {
  readonly headers?: Record<string, string>;
  /** Where uploads are created; undefined: at `uploadUrl` is one already. */
  readonly endpoint?: string;
  readonly uploadUrl?: string;
  readonly metadata?: Record<string, string>;
  /** Bytes that one request carries at most. */
  readonly chunkSize?: number;
  /** Cut off when so many bytes have gone out. */
  readonly cutAfter?: number;
}

/** The address of the upload when it is through; undefined when it was cut off. By a client of the TUS protocol. */
export function uploadResumable(bytes: Buffer, options: ResumableUpload): Promise<string | undefined> {
  const { cutAfter, chunkSize, ...given } = options;
  return new Promise((resolve, reject) => {
    const upload = new Upload(bytes, {
      ...given,
      ...(chunkSize === undefined ? {} : { chunkSize }),
      // An upload that `createFile` has made was not told its length.
      uploadLengthDeferred: options.uploadUrl !== undefined,
      retryDelays: null,
      storeFingerprintForResuming: false,
      onError: reject,
      onSuccess: () => resolve(upload.url ?? undefined),
      onProgress: (sent) => {
        if (cutAfter === undefined || sent < cutAfter) return;
        upload.abort().then(() => resolve(undefined), reject);
      },
    });
    upload.start();
  });
}

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}
