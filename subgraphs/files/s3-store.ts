// Bytes in a bucket of an S3-compatible store. Large files go in parts; S3 shows an object only when it is whole.
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type MultipartUpload,
  NoSuchKey,
  NotFound,
  paginateListObjectsV2,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { S3Config } from '../../platform/config.ts';
import { invariant } from '../../platform/errors.ts';
import type { ByteStore } from './byte-store.ts';
import { MissingBytes } from './byte-store.ts';

/** S3 takes at most this many parts of one object. */
const mostParts = 10_000;
/** S3 takes no smaller ones. An upload holds two on their way in memory, and what is being gathered for the next. */
const smallestPart = 5 * 1024 * 1024;

export function createS3Store(config: S3Config, mostBytes: number): ByteStore {
  const client = createClient(config);
  const place = { Bucket: config.bucket, Prefix: 'files/' };
  const address = (key: string) => ({ Bucket: place.Bucket, Key: place.Prefix + key });

  const remove = async (key: string): Promise<void> => {
    await client.send(new DeleteObjectCommand(address(key)));
  };

  return {
    async put(key, bytes) {
      const upload = new Upload({
        client,
        params: { ...address(key), Body: bytes },
        partSize: Math.max(smallestPart, Math.ceil(mostBytes / mostParts)),
        queueSize: 2,
      });
      try {
        await upload.done();
      } catch (error) {
        // The answer to the last request may be lost while the object is there.
        await remove(key).catch(() => undefined);
        // The stream's own error says more than what the upload made of it.
        throw bytes.errored ?? error;
      }
    },

    async get(key, range) {
      const part = range === undefined ? {} : { Range: `bytes=${range.start}-${range.end}` };
      try {
        const { Body } = await client.send(new GetObjectCommand({ ...address(key), ...part }));
        invariant(Body !== undefined, 'S3 answers with a body');
        return Body as Readable; // on Node always; the type covers browsers, too
      } catch (error) {
        // A range of which nothing is inside; a part of it would be answered with that part.
        if (statusOf(error) === 416) return Readable.from([], { objectMode: false });
        throw error instanceof NoSuchKey ? new MissingBytes(key, { cause: error }) : error;
      }
    },

    delete: remove,

    async size(key) {
      try {
        return (await client.send(new HeadObjectCommand(address(key)))).ContentLength;
      } catch (error) {
        if (error instanceof NotFound) return undefined;
        throw error;
      }
    },

    async *list() {
      for await (const { Contents = [] } of paginateListObjectsV2({ client }, place)) {
        yield Contents.map(({ Key = '', LastModified }) => {
          // Without it, nothing is ever old.
          const storedAt = LastModified ?? new Date();
          return { key: Key.slice(place.Prefix.length), storedAt };
        });
      }
    },

    async removeLeftovers(before) {
      for await (const { Key, UploadId, Initiated } of cutOffUploads(client, place)) {
        if (Initiated === undefined || Initiated >= before) continue;
        await client.send(new AbortMultipartUploadCommand({ Bucket: place.Bucket, Key, UploadId }));
      }
    },

    async ping() {
      await client.send(new HeadBucketCommand({ Bucket: config.bucket }));
    },

    close: () => client.destroy(),
  };
}

/** Uploads in parts that did not end. Some stores cannot list them; theirs a rule of the bucket removes (docs/files.md). */
async function* cutOffUploads(
  client: S3Client,
  place: { readonly Bucket: string; readonly Prefix: string },
): AsyncGenerator<MultipartUpload> {
  let markers = {};
  for (let isTruncated = true; isTruncated; ) {
    const page = await client.send(new ListMultipartUploadsCommand({ ...place, ...markers })).catch((error) => {
      if (statusOf(error) === 501) return undefined;
      throw error;
    });
    yield* page?.Uploads ?? [];
    isTruncated = page?.IsTruncated ?? false;
    markers = { KeyMarker: page?.NextKeyMarker, UploadIdMarker: page?.NextUploadIdMarker };
  }
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

function createClient({ endpoint, region, accessKeyId, secretAccessKey }: S3Config): S3Client {
  const ownKeys = accessKeyId !== undefined && secretAccessKey !== undefined;
  return new S3Client({
    region,
    // Stores other than Amazon's seldom have a host name for each bucket.
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(ownKeys ? { credentials: { accessKeyId, secretAccessKey } } : {}),
    // Many S3-compatible stores do not know the checksums that the client adds unless told.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: 5_000,
      // Milliseconds without a byte in either direction; a download whose reader is slow has its own limit.
      socketTimeout: 120_000,
      httpAgent: { maxSockets: 256 },
      httpsAgent: { maxSockets: 256 },
    },
  });
}
