// A `PUT` of bytes as an upload: what its headers announce, and its body as it arrives.
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../platform/errors.ts';
import type { UserIdentity } from '../../platform/subgraph/context.ts';
import { announcedSha256 } from './digest-header.ts';
import type { AnnouncedBytes } from './measured-bytes.ts';
import { requestBytes } from './request-bytes.ts';
import type { UploadedFile, UploadFile } from './upload-file.ts';

interface Reception {
  readonly fileId: string;
  readonly uploader: UserIdentity;
  readonly upload: UploadFile;
  readonly patience: number;
}

export function receiveBytes(request: FastifyRequest, reception: Reception): Promise<UploadedFile> {
  const { fileId, uploader, upload, patience } = reception;
  return upload({
    fileId,
    uploader,
    bytes: requestBytes(request.raw, patience),
    announced: announced(request),
  });
}

function announced({ headers }: FastifyRequest): AnnouncedBytes {
  // RFC 9110 §14.5: a server that does not take parts must not take one for the whole.
  if (headers['content-range'] !== undefined) {
    throw new AppError('BAD_REQUEST', 'Content-Range: a file is uploaded whole, not in parts.');
  }
  const length = headers['content-length'];
  const digests = (['repr-digest', 'content-digest'] as const).flatMap((name) => {
    const sha256 = announcedSha256(headers[name]?.toString(), name);
    return sha256 === undefined ? [] : [sha256];
  });
  if (new Set(digests).size > 1)
    throw new AppError('BAD_REQUEST', 'Repr-Digest and Content-Digest contradict each other.');
  return { length: length === undefined ? undefined : Number(length), sha256: digests[0] };
}
