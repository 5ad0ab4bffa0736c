// A throwaway S3-compatible server as a process of its own, with one empty bucket, prepared for somebody else to run or
// run here. It checks signatures, takes multipart uploads and serves ranges.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { S3Config } from '../../platform/config.ts';
import { projectFolder } from '../../platform/project-folder.ts';
import { freePort, type PreparedServer, removeFolder, runServer, temporaryFolder } from './throwaway-process.ts';

export interface S3Server {
  readonly config: S3Config & { readonly endpoint: string };
  /** What tells a program to keep its files here. */
  readonly environment: Readonly<Record<string, string>>;
  /** The keys of all objects. */
  keys(): Promise<string[]>;
  /** The bytes of an object, as they are kept. */
  read(key: string): Promise<Buffer>;
  write(key: string, bytes: Uint8Array): Promise<void>;
  /** The ids of uploads in parts that did not end. */
  unfinishedUploads(): string[];
  /** What was asked of the server since it started: `PUT /bucket/key?partNumber=1…`. */
  requests(): string[];
  /** Objects asked for from now on stop after so many bytes, and nothing more comes, until the server crashes. */
  holdDownloads(bytes: number): void;
  /** Ends the server at once; it stays away. */
  crash(): Promise<void>;
  /** After a crash: comes back at the same address with what it had kept. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const bucket = 'caregraph-test';
/** What the server takes unless told otherwise. */
const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

export interface PreparedS3 extends PreparedServer, Pick<S3Server, 'config' | 'environment'> {}

export async function prepareS3(): Promise<PreparedS3> {
  const folder = temporaryFolder('s3');
  mkdirSync(join(folder, 'objects'));
  const port = await freePort();
  const config = { bucket, endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', ...credentials };
  const environment = {
    S3_BUCKET: bucket,
    S3_ENDPOINT: config.endpoint,
    S3_REGION: config.region,
    S3_ACCESS_KEY_ID: credentials.accessKeyId,
    S3_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  return {
    url: config.endpoint,
    config,
    environment,
    program: process.execPath,
    // Never compiled: what runs from dist/ finds it here too.
    args: [join(projectFolder(), 'operations', 'servers', 's3-process.mjs'), folder, `${port}`, bucket],
    folder,
    isReady: () => hasBucket(config),
    remove: () => removeFolder(folder),
  };
}

async function hasBucket(config: S3Server['config']): Promise<void> {
  const client = clientOf(config);
  try {
    await client.send(new HeadBucketCommand({ Bucket: bucket }));
  } finally {
    client.destroy();
  }
}

function clientOf(config: S3Server['config']): S3Client {
  return new S3Client({ ...config, credentials, forcePathStyle: true, maxAttempts: 1 });
}

export async function startS3(): Promise<S3Server> {
  const prepared = await prepareS3();
  const { config, environment, folder } = prepared;
  const client = clientOf(config);
  const run = () => runServer(prepared);
  const hold = join(folder, 'hold');
  let server = await run();
  return {
    config,
    environment,
    async keys() {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
      return Contents.map(({ Key }) => Key ?? '');
    },
    async read(key) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
    async write(key, bytes) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }));
    },
    unfinishedUploads() {
      const uploads = join(folder, 'objects', bucket, '._S3rver_uploads');
      return existsSync(uploads) ? readdirSync(uploads) : [];
    },
    requests: () => readFileSync(join(folder, 'requests.log'), 'utf8').trim().split('\n'),
    holdDownloads: (bytes) => writeFileSync(hold, `${bytes}`),
    crash: () => server.end('SIGKILL'),
    async restart() {
      rmSync(hold, { force: true });
      server = await run();
    },
    async stop() {
      client.destroy();
      await server.end('SIGKILL');
      prepared.remove();
    },
  };
}
