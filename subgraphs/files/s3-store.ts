// Bytes in a bucket of an S3-compatible store. Large files go in parts; S3 shows an object only when it is whole.
import type { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  NoSuchKey,
  NotFound,
  S3Client,
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
  const address = (key: string) => ({ Bucket: config.bucket, Key: `files/${key}` });

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
      const { Body } = await client.send(new GetObjectCommand({ ...address(key), ...part })).catch((error) => {
        throw error instanceof NoSuchKey ? new MissingBytes(key, { cause: error }) : error;
      });
      invariant(Body !== undefined, 'S3 answers with a body');
      return Body as Readable; // on Node always; the type covers browsers, too
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

    // Parts of a cut-off upload are no files here; a lifecycle rule of the bucket removes them (docs/files.md).
    async removeLeftovers() {},

    async ping() {
      await client.send(new HeadBucketCommand({ Bucket: config.bucket }));
    },

    close: () => client.destroy(),
  };
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
