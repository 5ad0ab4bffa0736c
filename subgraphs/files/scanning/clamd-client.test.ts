// What a scanner says, and all the ways in which it does not say that bytes are clean.
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '../../../operations/servers/throwaway-process.ts';
import { type Clamd, eicar, startClamd } from '../../../tests/support/clamd.ts';
import { createClamdClient, ScannerFailure } from './clamd-client.ts';

let clamd: Clamd;
beforeAll(async () => {
  clamd = await startClamd({ mostBytes: 5_000_000 });
});
afterEach(() => {
  clamd.behaviour = 'scans';
});
afterAll(() => clamd.stop());

/** In pieces, as a file comes from the store. */
function streamOf(bytes: Uint8Array, size = 65_536): Readable {
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );
  return Readable.from(pieces, { objectMode: false });
}

const scan = (bytes: Readable) => createClamdClient(clamd.url).scan(bytes);

describe('bytes are not clean when the scanner', () => {
  test('names a signature, wherever it stands', async () => {
    const bytes = Buffer.concat([randomBytes(65_530), Buffer.from(eicar), randomBytes(200_000)]);
    expect(await scan(streamOf(bytes))).toEqual({ clean: false, signature: 'Eicar-Signature' });
  });

  test.each([
    ['garbage', 'the scanner answered "stream: all is well, OK"'],
    ['hangs up', /ended the connection|cannot be reached/],
    ['half an answer', 'the scanner ended the connection without an answer'],
  ] as const)('misbehaves: %s', async (behaviour, message) => {
    clamd.behaviour = behaviour;
    const bytes = streamOf(randomBytes(4_000_000));
    await expect(scan(bytes)).rejects.toThrow(message);
    expect(bytes.destroyed).toBe(true);
  });

  test('answers before it has all of them', async () => {
    clamd.behaviour = 'hasty';
    const bytes = new Readable({ read() {} });
    bytes.push(randomBytes(100_000));
    await expect(scan(bytes)).rejects.toThrow('the scanner answered before it had all bytes');
    expect(bytes.destroyed).toBe(true);
  });

  test.each(['silent', 'stuck'] as const)('is slow for too long: %s', async (behaviour) => {
    clamd.behaviour = behaviour;
    const client = createClamdClient(clamd.url, { sending: 100, answer: 100 });
    const bytes = streamOf(randomBytes(30_000_000));
    const small = streamOf(randomBytes(10));
    await expect(client.scan(behaviour === 'stuck' ? bytes : small)).rejects.toThrow('the scanner took too long');
  });

  test('finds them too large', async () => {
    await expect(scan(streamOf(randomBytes(6_000_000)))).rejects.toThrow(
      /INSTREAM size limit exceeded\. ERROR|cannot be reached|ended the connection/,
    );
  });

  test('is not there', async () => {
    const gone = await startClamd();
    await gone.stop();
    const client = createClamdClient(gone.url);
    await expect(client.scan(streamOf(randomBytes(10)))).rejects.toThrow(ScannerFailure);
    await expect(client.ping()).rejects.toThrow(ScannerFailure);
    await gone.start();
    await client.ping();
    expect(await client.scan(streamOf(randomBytes(10)))).toEqual({ clean: true });
    await gone.stop();
  });

  test('was not given all of them', async () => {
    async function* broken() {
      yield randomBytes(100_000);
      throw new Error('the store went away');
    }
    const before = clamd.scanned.length;
    await expect(scan(Readable.from(broken(), { objectMode: false }))).rejects.toThrow('the store went away');
    expect(clamd.scanned.length).toBe(before);
  });
});

describe('bytes are clean when the scanner has got all of them and says so', () => {
  test.each([0, 1, 65_536, 1_000_001])('%d bytes', async (size) => {
    expect(await scan(streamOf(randomBytes(size), 70_001))).toEqual({ clean: true });
    expect(clamd.scanned.at(-1)).toBe(size);
  });

  test('over a Unix socket', async () => {
    const folder = temporaryFolder('clamd');
    const local = await startClamd({ path: join(folder, 'clamd.socket') });
    const client = createClamdClient(local.url);
    await client.ping();
    expect(await client.scan(streamOf(Buffer.from(eicar)))).toMatchObject({ clean: false });
    expect(await client.scan(streamOf(Buffer.from('fine')))).toEqual({ clean: true });
    await local.stop();
    await rm(folder, { recursive: true, force: true });
  });
});
