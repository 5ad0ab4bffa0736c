// The bench of files: one large file up and down through the all-in-one program, and what that costs its memory. The bytes
// go to disk; with BENCH_STORE=s3 to a throwaway S3-compatible server. BENCH_FILE_BYTES makes the file smaller.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { request } from 'undici';
import { startS3 } from '../operations/servers/s3.ts';
import { type ApiClient, createApiClient, signIn } from './api-client.ts';
import { withExtraMemory } from './extra-memory.ts';
import { rounded } from './load.ts';
import { progress } from './progress.ts';
import type { RunningProgram } from './running-program.ts';
import { administrator, startProgram } from './running-program.ts';

const chunk = 64 * 1_024;

interface NewFile {
  readonly id: string;
  readonly uploadUrl: string;
  readonly resumableUploadUrl: string;
}

export async function benchFiles(): Promise<object> {
  const store = process.env.BENCH_STORE ?? 'disk';
  if (store === 'disk') return measure(store);
  if (store !== 's3') throw new Error('BENCH_STORE is disk or s3.');
  const s3 = await startS3();
  try {
    return await measure(store, s3.environment);
  } finally {
    await s3.stop();
  }
}

async function measure(store: string, settings: Readonly<Record<string, string>> = {}): Promise<object> {
  const bytes = Number(process.env.BENCH_FILE_BYTES ?? 2 * 1_024 ** 3);
  progress('starting the program');
  const program = await startProgram({ ...settings, MAX_FILE_BYTES: `${bytes}` });
  const api = createApiClient(program.url, 1);
  try {
    const token = await signIn(api, administrator.email, administrator.password);
    // What a first file costs once (code, connections, buffers that stay) is not what this is about.
    await upAndDown(program, await createFile(api, token), { bytes: 16 * 1_024 ** 2, token });
    progress(`${bytes} bytes up and down`);
    const file = await createFile(api, token);
    const { result, extraRssMB } = await withExtraMemory(program, () => upAndDown(program, file, { bytes, token }));
    progress('the same by the resumable protocol');
    const resumable = await withExtraMemory(program, async () =>
      uploadResumable((await createFile(api, token)).resumableUploadUrl, bytes),
    );
    return {
      store,
      resumable: { extraRssMB: resumable.extraRssMB, uploadMBps: megabytesPerSecond(bytes, resumable.result) },
      bytes,
      extraRssMB,
      uploadMBps: megabytesPerSecond(bytes, result.uploadSeconds),
      downloadMBps: megabytesPerSecond(bytes, result.downloadSeconds),
    };
  } finally {
    await api.close();
    await program.stop();
  }
}

async function createFile(api: ApiClient, token: string): Promise<NewFile> {
  const query = `mutation ($input: CreateFileInput!) {
    createFile(input: $input) { file { id } uploadUrl resumableUploadUrl }
  }`;
  const { createFile: created } = await api.call<{
    createFile: { file: { id: string }; uploadUrl: string; resumableUploadUrl: string };
  }>({ query, variables: { input: { name: 'large.bin' } } }, token);
  return { ...created, id: created.file.id };
}

/** Bytes that are cheap to make, and never the same in two chunks. */
function* content(bytes: number): Generator<Buffer> {
  for (let at = 0; at < bytes; at += chunk) {
    const part = Buffer.alloc(Math.min(chunk, bytes - at), 7);
    if (part.length >= 8) part.writeBigUInt64LE(BigInt(at));
    yield part;
  }
}

async function upAndDown(
  program: RunningProgram,
  file: NewFile,
  { bytes, token }: { readonly bytes: number; readonly token: string },
): Promise<{ readonly uploadSeconds: number; readonly downloadSeconds: number }> {
  const begin = performance.now();
  const uploaded = await request(file.uploadUrl, {
    method: 'PUT',
    headers: { 'content-length': `${bytes}` },
    body: Readable.from(content(bytes)),
    headersTimeout: 0,
  });
  const answer = (await uploaded.body.json()) as { sha256?: string };
  if (uploaded.statusCode !== 201) throw new Error(`The upload answered ${uploaded.statusCode}.`);
  const between = performance.now();
  const downloaded = await request(`${program.url}/files/${file.id}`, {
    headers: { authorization: `Bearer ${token}` },
    bodyTimeout: 0,
  });
  const hash = createHash('sha256');
  for await (const part of downloaded.body as AsyncIterable<Buffer>) hash.update(part);
  if (hash.digest('hex') !== answer.sha256) throw new Error('What came down is not what went up.');
  return {
    uploadSeconds: (between - begin) / 1_000,
    downloadSeconds: (performance.now() - between) / 1_000,
  };
}

/** Seconds. */
async function uploadResumable(url: string, bytes: number): Promise<number> {
  const begin = performance.now();
  const { statusCode, body } = await request(url, {
    method: 'PATCH',
    headers: {
      'tus-resumable': '1.0.0',
      'upload-offset': '0',
      'upload-length': `${bytes}`,
      'content-type': 'application/offset+octet-stream',
      'content-length': `${bytes}`,
    },
    body: Readable.from(content(bytes)),
    headersTimeout: 0,
  });
  await body.dump();
  if (statusCode !== 204) throw new Error(`The resumable upload answered ${statusCode}.`);
  return (performance.now() - begin) / 1_000;
}

function megabytesPerSecond(bytes: number, seconds: number): number {
  return rounded(bytes / 1e6 / seconds, 1);
}
