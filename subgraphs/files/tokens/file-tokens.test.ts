// Tokens of files: who makes, sees, uses and ends them, and when they are not good any more.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { createSealing } from '../../../platform/sealing.ts';
import type { SubgraphDefinition } from '../../../platform/subgraph/define-subgraph.ts';
import { type FileDocuments, fileDocuments } from '../../../tests/support/file-documents.ts';
import {
  createFileTokenMutation,
  fileQuestions,
  revokeFileTokenMutation,
} from '../../../tests/support/file-questions.ts';
import { type FileService, type Person, startFileService } from '../../../tests/support/file-service.ts';
import { countByTable, recordStatements } from '../../../tests/support/recorded-statements.ts';
import { data } from '../../data/index.ts';

let files: FileService;
let documents: FileDocuments;
let now = Date.now();
const { ask, refusal } = fileQuestions(() => files);
beforeAll(async () => {
  files = await startFileService({ others: [data as SubgraphDefinition], now: () => now });
  documents = await fileDocuments(files);
});
afterAll(() => files.close());

const person = (rights: Partial<Person> = {}) => files.know({ userId: newId(), ...rights });
const seesAll = () => person({ permissions: ['VIEW_FILES'] });
const inMinutes = (minutes: number) => new Date(now + minutes * 60_000).toISOString();
const unknown = (field: string) => ({ code: 'NOT_FOUND', field, number: 2605 });

async function createToken(viewer: Person, input: Record<string, unknown>) {
  return (await ask(viewer, createFileTokenMutation, { input })).createFileToken.token;
}
const refusedToken = (viewer: Partial<Person>, input: Record<string, unknown>) =>
  refusal(viewer, createFileTokenMutation, { input });
const revoke = (viewer: Person, input: Record<string, unknown>) => ask(viewer, revokeFileTokenMutation, { input });
const refusedRevocation = (viewer: Partial<Person>, input: Record<string, unknown>) =>
  refusal(viewer, revokeFileTokenMutation, { input });

const fileByToken = `query ($token: String!) {
  fileByToken(token: $token) { id name creator { id } tokens { id token } downloadUrl }
}`;
const byToken = async (viewer: Partial<Person>, token: string) =>
  (await ask(viewer, fileByToken, { token })).fileByToken;
async function tokensOf(
  viewer: Person,
  id: string,
): Promise<{ id: string; token: string; accessLevel: string }[] | null> {
  return (await ask(viewer, `{ file(id: "${id}") { tokens { id token accessLevel } } }`)).file.tokens;
}
async function firstTokenOf(creator: Person, id: string): Promise<string> {
  return (await tokensOf(creator, id))?.at(-1)?.id as string;
}

describe('making a token', () => {
  test('is for signed-in users', async () => {
    const { token } = await files.createFile(person());
    expect(await refusedToken({}, { fullToken: token })).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('needs either a file or a token of it', async () => {
    const pat = person();
    const { id, token } = await files.createFile(pat);
    const refused = { code: 'BAD_USER_INPUT', field: 'input' };
    expect(await refusedToken(pat, {})).toMatchObject(refused);
    expect(await refusedToken(pat, { fileId: null, fullToken: null })).toMatchObject(refused);
    expect(await refusedToken(pat, { fileId: id, fullToken: token })).toMatchObject(refused);
    expect(await refusedToken(pat, { fileId: 'x' })).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.fileId' });
  });

  test('finds no file that the viewer does not see', async () => {
    const { id } = await files.createFile(person());
    const refused = { code: 'NOT_FOUND', field: 'input.fileId', number: 16 };
    expect(await refusedToken(person(), { fileId: id })).toEqual(refused);
    expect(await refusedToken(person(), { fileId: newId() })).toEqual(refused);
  });

  test('is not for who sees the file through a document only', async () => {
    const pat = person();
    const { id } = await files.createFile(pat);
    const reader = person({ permissions: ['VIEW_DOCUMENTS'] });
    await documents.documentWith(pat, [id]);
    expect(await files.file(reader, id)).toMatchObject({ id });
    expect(await refusedToken(reader, { fileId: id })).toMatchObject({ code: 'FORBIDDEN' });
    expect(await tokensOf(reader, id)).toBeNull();
  });

  test('needs a good FULL token of who is neither creator nor sees all files', async () => {
    const pat = person();
    const { id } = await files.createFile(pat);
    const read = await createToken(pat, { fileId: id });
    const refused = { code: 'FORBIDDEN', field: 'input.fullToken', number: 2606 };
    expect(await refusedToken(person(), { fullToken: read.token })).toEqual(refused);
    expect(await refusedToken(person(), { fullToken: 'cgf_nonsense' })).toEqual(unknown('input.fullToken'));
    expect(await refusedToken(person(), { fullToken: '' })).toEqual(unknown('input.fullToken'));
  });

  test('refuses an end that is not in the future, and FULL tokens for single use', async () => {
    const pat = person();
    const { id } = await files.createFile(pat);
    for (const expiresAt of [inMinutes(0), inMinutes(-1)]) {
      const refused = { code: 'BAD_USER_INPUT', field: 'input.expiresAt' };
      expect(await refusedToken(pat, { fileId: id, expiresAt })).toMatchObject(refused);
    }
    const singleUse = { fileId: id, accessLevel: 'FULL', singleUse: true };
    expect(await refusedToken(pat, singleUse)).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.singleUse' });
    expect(await tokensOf(pat, id)).toHaveLength(1);
  });

  test('stops at 1,000 that are good', async () => {
    const pat = person();
    const { id } = await files.createFile(pat);
    const { db } = files.graph.database.forService<'fileToken'>('files');
    const row = (index: number) => ({ fileId: id, accessLevel: 'READ', hash: `${id} ${index}`, sealed: '' });
    const rows = Array.from({ length: 998 }, (_, index) => ({ id: newId(), ...row(index) }));
    const expired = { id: newId(), ...row(-1), expiresAt: new Date(now - 1) };
    await db.fileToken.createMany({ data: [...rows, expired] });
    const newest = await createToken(pat, { fileId: id });
    expect(await refusedToken(pat, { fileId: id })).toMatchObject({ code: 'ILLEGAL_STATE' });
    // So many cannot be opened for everybody who asks: the newest are shown.
    const sealed = createSealing(files.graph.config.serviceSecret ?? '', 'file tokens').seal('cgf_any');
    await db.fileToken.updateMany({ where: { sealed: '' }, data: { sealed } });
    const shown = await tokensOf(pat, id);
    expect([shown?.length, shown?.[0]?.id]).toEqual([100, newest.id]);
    await revoke(pat, { tokenId: rows[0]?.id });
    await createToken(pat, { fileId: id });
  });

  test('gives READ for ever unless told, to the creator, to a bearer of FULL, and to who sees all files', async () => {
    const pat = person();
    const { id, token: fullToken } = await files.createFile(pat);
    const made = await createToken(pat, { fileId: id });
    expect(made).toEqual({
      id: expect.any(String),
      token: expect.stringMatching(/^cgf_[\w-]{43}$/),
      accessLevel: 'READ',
      expiresAt: null,
      singleUse: false,
      createdAt: expect.anything(),
    });
    const expiresAt = inMinutes(5);
    const other = await createToken(person(), { fullToken, singleUse: true, expiresAt });
    expect(other).toMatchObject({ accessLevel: 'READ', singleUse: true });
    expect(new Date(other.expiresAt).toISOString()).toBe(expiresAt);
    const full = await createToken(seesAll(), { fileId: id, accessLevel: 'FULL' });
    const expected = [full.token, other.token, made.token, fullToken];
    expect((await tokensOf(pat, id))?.map(({ token }) => token)).toEqual(expected);
  });
});

describe('a token', () => {
  test('is kept as a hash and sealed, and is in no event', async () => {
    const pat = person();
    const { id, token } = await files.createFile(pat);
    const { db } = files.graph.database.forService<'fileToken'>('files');
    const [row] = await db.fileToken.findMany({ where: { fileId: id } });
    expect(JSON.stringify(row)).not.toContain(token);
    const events = (await files.graph.readLog()).filter(({ content }) => content.fileId === id);
    expect(events.map(({ type, content, access }) => ({ type, content, access }))).toEqual([
      { type: 'file_created', content: { fileId: id, creatorId: pat.userId }, access: { id, creatorId: pat.userId } },
      {
        type: 'file_token_created',
        content: { fileId: id, tokenId: row?.id, accessLevel: 'FULL' },
        access: { id, creatorId: pat.userId },
      },
    ]);
  });

  test('gives nothing when it is unknown, has expired, was used up or revoked, and when its file is gone', async () => {
    const [pat, bearer] = [person(), person()];
    const { id } = await files.createFile(pat);
    const expiring = await createToken(pat, { fileId: id, expiresAt: inMinutes(1) });
    const used = await createToken(pat, { fileId: id, singleUse: true });
    const revoked = await createToken(pat, { fileId: id });
    const good = await createToken(pat, { fileId: id });
    expect(await byToken(bearer, 'cgf_unknown')).toBeNull();
    for (const { token } of [expiring, used, revoked, good]) expect(await byToken(bearer, token)).toMatchObject({ id });
    await revoke(pat, { tokenId: revoked.id });
    const { db } = files.graph.database.forService<'fileToken'>('files');
    await db.fileToken.update({ where: { id: used.id }, data: { usedAt: new Date(now) } });
    now += 60_000;
    for (const { token } of [expiring, used, revoked]) expect(await byToken(bearer, token)).toBeNull();
    const ids = (await tokensOf(pat, id))?.map((token) => token.id);
    expect(ids).toEqual([good.id, await firstTokenOf(pat, id)]);
    await files.graph.database.forService<'file'>('files').db.file.delete({ where: { id } });
    expect(await byToken(bearer, good.token)).toBeNull();
  });

  test('is no use to who is not signed in, until operators allow it', async () => {
    const { id, token } = await files.createFile(person());
    expect(await refusal({}, fileByToken, { token })).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await refusal({}, fileByToken, { token: 'unknown' })).toMatchObject({ code: 'UNAUTHENTICATED' });
    const { db } = files.graph.database.forService<'fileSettings'>('files');
    await db.fileSettings.update({ where: { id: 1 }, data: { anonymousTokens: true } });
    expect(await byToken({}, token)).toMatchObject({ id });
    expect(await refusedToken({}, { fullToken: token })).toMatchObject({ code: 'UNAUTHENTICATED' });
    await db.fileSettings.update({ where: { id: 1 }, data: { anonymousTokens: false } });
    expect(await refusal({}, fileByToken, { token })).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('READ shows all but the creator and the tokens; FULL shows those too', async () => {
    const [pat, bearer] = [person(), person()];
    const { id, token: full } = await files.createFile(pat, { name: 'scan.png' });
    const { token: read } = await createToken(pat, { fileId: id });
    const seen = { id, name: 'scan.png', downloadUrl: null };
    expect(await byToken(bearer, read)).toEqual({ ...seen, creator: null, tokens: null });
    const inFull = await byToken(bearer, full);
    expect(inFull).toMatchObject({ ...seen, creator: { id: pat.userId } });
    expect(inFull.tokens.map(({ token }: { token: string }) => token)).toEqual([read, full]);
    // Who sees the file without a token sees no less with one.
    expect(await byToken(pat, read)).toMatchObject({ creator: { id: pat.userId }, tokens: inFull.tokens });
    // A token opens one door: the file stays invisible on every other path.
    expect(await files.file(bearer, id)).toBeNull();
  });

  test('gives a URL to the bytes that its bearer can use', async () => {
    const [pat, bearer] = [person(), person()];
    const { id, token: full } = await files.createFile(pat);
    const { token: read } = await createToken(pat, { fileId: id });
    await files.graph.database.forService<'file'>('files').db.file.update({ where: { id }, data: { status: 'READY' } });
    expect((await byToken(bearer, read)).downloadUrl).toBe(`${files.url}/files/tokens/${read}`);
    expect((await byToken(bearer, full)).downloadUrl).toBe(`${files.url}/files/tokens/${full}`);
    expect((await byToken(pat, read)).downloadUrl).toContain(`/files/${id}?grant=`);
  });
});

describe('revoking a token', () => {
  test('is for signed-in users, and takes ids only', async () => {
    const pat = person();
    const { id } = await files.createFile(pat);
    const tokenId = await firstTokenOf(pat, id);
    expect(await refusedRevocation({}, { tokenId })).toMatchObject({ code: 'UNAUTHENTICATED' });
    const refused = { code: 'BAD_USER_INPUT', field: 'input.tokenId' };
    expect(await refusedRevocation(pat, { tokenId: 'x' })).toMatchObject(refused);
  });

  test('tells nobody else which tokens there are', async () => {
    const pat = person();
    const { id } = await files.createFile(pat);
    const { id: tokenId } = await createToken(pat, { fileId: id });
    const reader = person({ permissions: ['VIEW_DOCUMENTS'] });
    await documents.documentWith(pat, [id]);
    for (const viewer of [person(), reader]) {
      expect(await refusedRevocation(viewer, { tokenId })).toEqual(unknown('input.tokenId'));
    }
    expect(await refusedRevocation(pat, { tokenId: newId() })).toEqual(unknown('input.tokenId'));
    expect(await tokensOf(pat, id)).toHaveLength(2);
  });

  test('with a token needs a FULL one, of the same file', async () => {
    const pat = person();
    const [one, other] = [await files.createFile(pat), await files.createFile(person())];
    const read = await createToken(pat, { fileId: one.id });
    const tokenId = await firstTokenOf(pat, one.id);
    const refused = { code: 'FORBIDDEN', field: 'input.fullToken', number: 2606 };
    expect(await refusedRevocation(person(), { tokenId, fullToken: read.token })).toEqual(refused);
    const unknownProof = { tokenId, fullToken: 'cgf_unknown' };
    expect(await refusedRevocation(person(), unknownProof)).toEqual(unknown('input.fullToken'));
    expect(await refusedRevocation(pat, unknownProof)).toEqual(unknown('input.fullToken'));
    const foreign = { tokenId, fullToken: other.token };
    expect(await refusedRevocation(person(), foreign)).toEqual(unknown('input.tokenId'));
  });

  test('leaves the last FULL token that is good', async () => {
    const pat = person();
    const { id, token: fullToken } = await files.createFile(pat);
    const tokenId = await firstTokenOf(pat, id);
    await createToken(pat, { fileId: id });
    const brief = await createToken(pat, { fileId: id, accessLevel: 'FULL', expiresAt: inMinutes(1) });
    now += 60_000;
    const refused = { code: 'ILLEGAL_STATE', number: 2607 };
    expect(await refusedRevocation(pat, { tokenId })).toEqual(refused);
    expect(await refusedRevocation(person(), { tokenId, fullToken })).toEqual(refused);
    expect(await refusedRevocation(pat, { tokenId: brief.id })).toEqual(unknown('input.tokenId'));
    expect(await byToken(person(), fullToken)).toMatchObject({ id });
  });

  test('of two FULL tokens at the same time leaves one', async () => {
    const pat = person();
    const { id } = await files.createFile(pat);
    const first = await firstTokenOf(pat, id);
    const { id: second } = await createToken(pat, { fileId: id, accessLevel: 'FULL' });
    const answers = await Promise.all([first, second].map((tokenId) => refusedRevocation(pat, { tokenId })));
    expect(answers.map(({ code }) => code).sort()).toEqual(['ILLEGAL_STATE', 'no error']);
    expect(await tokensOf(pat, id)).toHaveLength(1);
  });

  test('ends it at once, for the creator, for a bearer of FULL, itself too, and for who sees all files', async () => {
    const [pat, bearer] = [person(), person()];
    const { id, token: fullToken } = await files.createFile(pat);
    const make = (accessLevel: string) => createToken(pat, { fileId: id, accessLevel });
    const made = [await make('READ'), await make('READ'), await make('READ'), await make('FULL')];
    const [byCreator, byBearer, byOperator, itself] = made.map((token) => token.id);
    await revoke(pat, { tokenId: byCreator });
    await revoke(bearer, { tokenId: byBearer, fullToken });
    await revoke(seesAll(), { tokenId: byOperator });
    await revoke(bearer, { tokenId: itself, fullToken: made[3].token });
    for (const { token } of made) expect(await byToken(bearer, token)).toBeNull();
    expect(await tokensOf(pat, id)).toHaveLength(1);
    const events = (await files.graph.readLog()).filter(
      ({ type, content }) => type === 'file_token_revoked' && content.fileId === id,
    );
    expect(events.map(({ content }) => content.tokenId)).toEqual([byCreator, byBearer, byOperator, itself]);
    expect(await refusedRevocation(pat, { tokenId: byCreator })).toEqual(unknown('input.tokenId'));
  });
});

test('the tokens of a page of files cost one query', async () => {
  const pat = person();
  for (let made = 0; made < 5; made++) await files.createFile(pat);
  const statements = await recordStatements(() => ask(pat, '{ files { nodes { tokens { token } } } }'));
  expect(countByTable(statements)['files.tokens']).toBe(1);
});
