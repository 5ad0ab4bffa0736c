// Where the bytes of a file are, and when there is nothing to be had yet.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '../../platform/ids.ts';
import { fileQuestions } from '../../tests/support/file-questions.ts';
import { type FileService, type Person, startFileService } from '../../tests/support/file-service.ts';

let files: FileService;
const { ask, refusal } = fileQuestions(() => files);
beforeAll(async () => {
  files = await startFileService();
});
afterAll(() => files.close());

const query = `query ($id: ID!, $width: Int, $height: Int) {
  file(id: $id) { id downloadUrl(width: $width, height: $height) }
}`;
async function kept(creator: Person, facts: Record<string, unknown>): Promise<string> {
  const { id } = await files.createFile(creator, { mimeType: 'image/png' });
  await files.graph.database.forService<'file'>('files').db.file.update({ where: { id }, data: facts });
  return id;
}

test.each([
  ['width', { width: 0 }],
  ['width', { width: 2_049, height: 5 }],
  ['height', { height: 0 }],
  ['height', { width: 5, height: 2_049 }],
])('a picture of no possible %s is refused: %j', async (field, box) => {
  const pat = { userId: newId() };
  const id = await kept(pat, { status: 'READY', size: 5n });
  expect(await refusal(pat, query, { id, ...box })).toMatchObject({ code: 'BAD_USER_INPUT', field });
});

test.each([
  ['no image', { mimeType: 'application/pdf', size: 5n }],
  ['too large', { size: 50n * 1024n * 1024n + 1n }],
])('no picture is made of what is %s', async (_what, facts) => {
  const pat = { userId: newId() };
  const id = await kept(pat, { status: 'READY', ...facts });
  expect(await refusal(pat, query, { id, width: 5 })).toMatchObject({ code: 'BAD_USER_INPUT', field: 'width' });
  expect((await ask(pat, query, { id })).file.downloadUrl).toContain(id);
});

test('only what is ready can be had', async () => {
  const pat = { userId: newId() };
  for (const status of ['AWAITING_BYTES', 'SCANNING', 'INFECTED']) {
    const id = await kept(pat, { status, size: 5n, sha256: 'a' });
    expect((await ask(pat, query, { id })).file).toEqual({ id, downloadUrl: null });
    expect((await ask(pat, query, { id, width: 5 })).file).toEqual({ id, downloadUrl: null });
  }
  const id = await kept(pat, { status: 'READY', size: 5n });
  const [whole, small] = await Promise.all([ask(pat, query, { id }), ask(pat, query, { id, width: 5 })]);
  for (const { file } of [whole, small]) expect(file.downloadUrl).toContain(`${files.url}/files/${id}?grant=`);
  expect(small.file.downloadUrl).not.toBe(whole.file.downloadUrl);
});
