// A throwaway S3-compatible server as a process of its own, with one empty bucket. It checks signatures, takes multipart
// uploads and serves ranges; it does not know how to abort a multipart upload, so tests look at what it was asked.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HeadBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { S3Config } from '../../platform/config.ts';
import { freePort, removeFolder, runServer, temporaryFolder } from './throwaway-process.ts';

export interface S3Server {
  readonly config: S3Config & { readonly endpoint: string };
  /** The keys of all objects. */
  keys(): Promise<string[]>;
  /** What was asked of the server since it started: `PUT /bucket/key?partNumber=1…`. */
  requests(): string[];
  /** Ends the server at once; it stays away. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

const bucket = 'caregraph-test';
/** What the server takes unless told otherwise. */
const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

export async function startS3(): Promise<S3Server> {
  const folder = temporaryFolder('s3');
  mkdirSync(join(folder, 'objects'));
  const port = await freePort();
  const config = { bucket, endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', ...credentials };
  const client = new S3Client({ ...config, credentials, forcePathStyle: true, maxAttempts: 1 });
  const server = await runServer({
    program: process.execPath,
    args: [fileURLToPath(new URL('s3-process.mjs', import.meta.url)), folder, `${port}`, bucket],
    folder,
    isReady: async () => {
      await client.send(new HeadBucketCommand({ Bucket: bucket }));
    },
  });
  return {
    config,
    async keys() {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
      return Contents.map(({ Key }) => Key ?? '');
    },
    requests: () => readFileSync(join(folder, 'requests.log'), 'utf8').trim().split('\n'),
    crash: () => server.end('SIGKILL'),
    async stop() {
      client.destroy();
      await server.end('SIGKILL');
      removeFolder(folder);
    },
  };
}
