// Files and the virus scanner, as clients and operators see them: until it says clean, nobody gets the bytes.
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { readiness } from '../../../platform/readiness.ts';
import { type Clamd, type ClamdBehaviour, eicar, startClamd } from '../../../tests/support/clamd.ts';
import { withToken } from '../../../tests/support/file-client.ts';
import { createFileTokenMutation, fileQuestions } from '../../../tests/support/file-questions.ts';
import {
  type CreatedFile,
  type FileService,
  type Person,
  startFileService,
} from '../../../tests/support/file-service.ts';
import { image } from '../../../tests/support/images.ts';
import { damage, storedObjects } from '../../../tests/support/stored-objects.ts';

let clamd: Clamd;
let files: FileService;
let pat: Person;
/** A clock that tests can move. */
let ahead = 0;
const { ask } = fileQuestions(() => files);
const infected = Buffer.concat([randomBytes(100_000), Buffer.from(eicar)]);

beforeAll(async () => {
  clamd = await startClamd({ mostBytes: 1_000_000 });
  files = await startFileService({ environment: { CLAMD_URL: clamd.url }, now: () => Date.now() + ahead });
  pat = files.know({ userId: randomUUID(), permissions: ['VIEW_FILES'] });
});
afterEach(async () => {
  clamd.behaviour = 'scans';
  ahead = 0;
  await files.graph.runJobs();
});
afterAll(async () => {
  await files.close();
  await clamd.stop();
});

const get = (id: string, query = '') => fetch(`${files.url}/files/${id}${query}`, { headers: withToken(pat) });
const seen = async (id: string) => (await ask(pat, `{ file(id: "${id}") { status downloadUrl size } }`)).file;
const run = (job: string, data = {}) => files.graph.jobs.run('files', job, data);
const scan = ({ id }: CreatedFile) => run('scanFile', { fileId: id });

async function refusalOf(response: Promise<Response>) {
  const answer = await response;
  const { errors } = (await answer.json()) as { errors: { extensions: { code: string; details?: unknown } }[] };
  return [answer.status, errors[0]?.extensions.code, errors[0]?.extensions.details];
}
const scanning = [409, 'ILLEGAL_STATE', { status: 'SCANNING' }];

async function eventsOf({ id }: CreatedFile): Promise<Record<string, unknown>[]> {
  const log = await files.graph.readLog();
  return log
    .filter(({ content }) => content.fileId === id)
    .map(({ type, content }) => ({
      type,
      ...(content.signature === undefined ? {} : { signature: content.signature }),
    }));
}

async function expectWaiting(created: CreatedFile): Promise<void> {
  expect(await seen(created.id)).toMatchObject({ status: 'SCANNING', downloadUrl: null });
  expect(await refusalOf(get(created.id))).toEqual(scanning);
}

describe('nobody gets the bytes of a file', () => {
  test('before the scanner was asked: by id, by token, as a picture, or with an older URL', async () => {
    const created = await files.uploadedFile(pat, await image('png'), { mimeType: 'image/png' });
    await expectWaiting(created);
    expect(await refusalOf(get(created.id, '?width=10'))).toEqual(scanning);
    const byToken = () => fetch(`${files.url}/files/tokens/${created.token}`, { headers: withToken(pat) });
    expect(await refusalOf(byToken())).toEqual(scanning);
    expect((await get(created.id)).headers.get('etag')).toBeNull();
  });

  test('in which the scanner finds a virus, and its name is in the log alone', async () => {
    const created = await files.uploadedFile(pat, infected);
    await files.graph.runJobs();
    expect(await seen(created.id)).toMatchObject({ status: 'INFECTED', downloadUrl: null, size: infected.length });
    const answer = await get(created.id);
    const text = await answer.text();
    expect([answer.status, text.includes('Eicar')]).toEqual([409, false]);
    expect(JSON.parse(text).errors[0].extensions.details).toEqual({ status: 'INFECTED' });
    const types = await eventsOf(created);
    expect(types.at(-1)).toEqual({ type: 'file_infected', signature: 'Eicar-Signature' });
  });

  test.each(['garbage', 'hangs up', 'half an answer'] as const)(
    'about which the scanner says nothing that counts: %s',
    async (behaviour: ClamdBehaviour) => {
      clamd.behaviour = behaviour;
      const created = await files.uploadedFile(pat, randomBytes(200_000));
      await expect(scan(created)).rejects.toMatchObject({ name: 'ScannerFailure' });
      await expectWaiting(created);
      clamd.behaviour = 'scans';
      await scan(created);
      expect((await get(created.id)).status).toBe(200);
    },
  );

  test('that is too large for the scanner', async () => {
    const created = await files.uploadedFile(pat, randomBytes(1_100_000));
    await expect(scan(created)).rejects.toMatchObject({ name: 'ScannerFailure' });
    await expectWaiting(created);
    await ask(pat, `mutation { deleteFile(input: { fileId: "${created.id}" }) { fileId } }`);
  });

  test('whose bytes were damaged before they were scanned', async () => {
    const before = new Set((await storedObjects(files)).map(({ key }) => key));
    const created = await files.uploadedFile(pat, randomBytes(1_000));
    const [object] = (await storedObjects(files)).filter(({ key }) => !before.has(key));
    if (object === undefined) throw new Error('the upload is stored');
    const repair = await damage(object);
    await expect(scan(created)).rejects.toMatchObject({ name: 'DamagedBytes' });
    await expectWaiting(created);
    await repair();
  });

  test('while the scanner is away; when it is back, they are scanned', async () => {
    await clamd.stop();
    const created = await files.uploadedFile(pat, randomBytes(1_000));
    await expect(scan(created)).rejects.toMatchObject({ name: 'ScannerFailure' });
    await expectWaiting(created);
    const checks = files.graph.subgraph('files').parts.otherChecks ?? {};
    expect(await readiness(checks)).toEqual({ ready: true, parts: { scanner: 'unavailable' } });
    await clamd.start();
    expect(await readiness(checks)).toEqual({ ready: true, parts: { scanner: 'ok' } });
    await scan(created);
    expect((await get(created.id)).status).toBe(200);
  });
});

describe('a file is there for who may see it', () => {
  test('when the scanner has found nothing in all of its bytes', async () => {
    const bytes = randomBytes(300_001);
    const created = await files.uploadedFile(pat, bytes);
    await files.graph.runJobs();
    expect(clamd.scanned.at(-1)).toBe(bytes.length);
    expect(await seen(created.id)).toMatchObject({ status: 'READY', downloadUrl: expect.any(String) });
    expect(Buffer.from(await (await get(created.id)).arrayBuffer()).equals(bytes)).toBe(true);
    expect((await eventsOf(created)).at(-1)).toEqual({ type: 'file_ready' });
  });

  test('once: a scan that is done again, or for a file that is gone, changes nothing', async () => {
    const created = await files.uploadedFile(pat, randomBytes(10));
    await files.graph.runJobs();
    const events = await eventsOf(created);
    await scan(created);
    expect(await eventsOf(created)).toEqual(events);
    const other = await files.uploadedFile(pat, infected);
    await Promise.all([scan(other), scan(other), scan(other)]);
    expect((await eventsOf(other)).filter(({ type }) => type === 'file_infected')).toHaveLength(1);
    await run('scanFile', { fileId: newId() });
  });

  test('and a token for single use is not used up while it is scanned', async () => {
    const created = await files.uploadedFile(pat, randomBytes(10));
    const input = { fileId: created.id, singleUse: true };
    const { token } = (await ask(pat, createFileTokenMutation, { input })).createFileToken;
    const download = () => fetch(`${files.url}/files/tokens/${token.token}`, { headers: withToken(pat) });
    expect((await download()).status).toBe(409);
    await files.graph.runJobs();
    expect((await download()).status).toBe(200);
    expect((await download()).status).toBe(404);
  });
});

describe('files that were left over', () => {
  test('are scanned when the scanner is back, and one that cannot be scanned keeps no other waiting', async () => {
    const tooLarge = await files.uploadedFile(pat, randomBytes(1_100_000));
    const clean = await files.uploadedFile(pat, randomBytes(10));
    const bad = await files.uploadedFile(pat, infected);
    // Their own jobs still have time.
    await run('scanWaitingFiles');
    expect((await seen(clean.id)).status).toBe('SCANNING');
    ahead = 16 * 60_000;
    await clamd.stop();
    await run('scanWaitingFiles');
    expect((await seen(clean.id)).status).toBe('SCANNING');
    await clamd.start();
    await run('scanWaitingFiles');
    const statuses = await Promise.all([tooLarge, clean, bad].map(async ({ id }) => (await seen(id)).status));
    expect(statuses).toEqual(['SCANNING', 'READY', 'INFECTED']);
    await ask(pat, `mutation { deleteFile(input: { fileId: "${tooLarge.id}" }) { fileId } }`);
  });
});
