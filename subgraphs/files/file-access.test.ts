// Who sees a file sees it on every path, and who does not sees it on none: by id, in lists and counts, under its
// creator, as a reference, for other services, by its bytes and pictures, and by what can be done with it. A token shows
// one file to its bearer, and nothing else.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newId } from '../../platform/ids.ts';
import type { SubgraphDefinition } from '../../platform/subgraph/define-subgraph.ts';
import { type FileDocuments, fileDocuments } from '../../tests/support/file-documents.ts';
import { createFileTokenMutation, fileQuestions } from '../../tests/support/file-questions.ts';
import { type FileService, type Person, startFileService } from '../../tests/support/file-service.ts';
import { image } from '../../tests/support/images.ts';
import { countByTable, recordStatements } from '../../tests/support/recorded-statements.ts';
import { type SeenFiles, seenFiles } from '../../tests/support/seen-files.ts';
import { data } from '../data/index.ts';

let files: FileService;
let documents: FileDocuments;
let picture: Buffer;
const { ask } = fileQuestions(() => files);
const groupA = newId();
const groupB = newId();
const person = (rights: Partial<Person> = {}) => files.know({ userId: newId(), ...rights });

beforeAll(async () => {
  files = await startFileService({ others: [data as SubgraphDefinition] });
  documents = await fileDocuments(files);
  picture = await image('png', { width: 16, height: 16 });
});
afterAll(() => files.close());

const sorted = (ids: Iterable<string>) => [...ids].sort();

/** The same ids by each of the paths. */
const everywhere = (paths: SeenFiles, ids: readonly string[]) =>
  Object.fromEntries(Object.keys(paths).map((path) => [path, sorted(ids)]));

const upload = async (creator: Person) => (await files.uploadedFile(creator, picture, { mimeType: 'image/png' })).id;

test('every path shows a viewer the same files', async () => {
  const pat = person({ patient: [{ groupId: groupA }] });
  const rosa = person({ patient: [{ groupId: groupB }] });
  const linked = [await upload(pat), await upload(pat)];
  const pats = [...linked, await upload(pat)];
  const rosas = [await upload(rosa), await upload(rosa)];
  await documents.documentWith(pat, linked);
  await documents.documentWith(pat, linked.slice(0, 1));
  await documents.documentWith(rosa, rosas.slice(0, 1));
  const all = [...pats, ...rosas];

  const viewers: [string, Person, string[]][] = [
    ['the creator', pat, pats],
    ['another creator', rosa, rosas],
    ['staff of the group of the documents', person({ staff: [{ groupId: groupA, permissions: [] }] }), linked],
    ['staff of another group', person({ staff: [{ groupId: groupB, permissions: [] }] }), rosas.slice(0, 1)],
    ['a patient of the group', person({ patient: [{ groupId: groupA }] }), []],
    ['who may see all documents', person({ permissions: ['VIEW_DOCUMENTS'] }), [...linked, ...rosas.slice(0, 1)]],
    ['who may see all files', person({ permissions: ['VIEW_FILES'] }), all],
    ['a stranger', person(), []],
  ];
  for (const [who, viewer, expected] of viewers) {
    const seen = await seenFiles(files, viewer, { fileIds: all, creators: [pat, rosa] });
    expect([who, seen]).toEqual([who, everywhere(seen, expected)]);
  }
}, 300_000);

interface World {
  /** Which of the creators made each file. */
  readonly creators: readonly number[];
  /** The files of each document, which the creator of the first makes of their own. */
  readonly documents: readonly (readonly number[])[];
}

const world = fc.record<World>({
  creators: fc.array(fc.nat(1), { minLength: 1, maxLength: 4 }),
  documents: fc.array(fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }), { maxLength: 3 }),
});

test('whatever is linked to what, lists, references, bytes, pictures and operations agree, and tokens open one file', async () => {
  await fc.assert(
    fc.asyncProperty(world, async ({ creators: makers, documents: links }) => {
      const creators = [groupA, groupB].map((groupId) => person({ patient: [{ groupId }] }));
      const made: { readonly id: string; readonly by: number; readonly token: string }[] = [];
      for (const by of makers) {
        const creator = creators[by] as Person;
        const { id } = await files.uploadedFile(creator, picture, { mimeType: 'image/png' });
        const { createFileToken } = await ask(creator, createFileTokenMutation, { input: { fileId: id } });
        made.push({ id, by, token: createFileToken.token.token });
      }
      const linked = new Set<string>();
      for (const places of links) {
        const first = made[(places[0] as number) % made.length];
        const own = made.filter(({ by }, place) => by === first?.by && places.some((at) => at % made.length === place));
        await documents.documentWith(
          creators[first?.by ?? 0] as Person,
          own.map(({ id }) => id),
        );
        for (const { id } of own) linked.add(id);
      }
      const ofGroup = (by: number) => made.filter((file) => file.by === by && linked.has(file.id));
      const viewers: [Person, readonly { id: string }[]][] = [
        ...creators.map((creator, index): [Person, typeof made] => [creator, made.filter(({ by }) => by === index)]),
        ...[groupA, groupB].map((groupId, index): [Person, typeof made] => [
          person({ staff: [{ groupId, permissions: [] }] }),
          ofGroup(index),
        ]),
        [person({ permissions: ['VIEW_DOCUMENTS'] }), [...ofGroup(0), ...ofGroup(1)]],
        [person({ permissions: ['VIEW_FILES'] }), made],
        [person(), []],
      ];
      for (const [viewer, expected] of viewers) {
        const seen = await seenFiles(files, viewer, { fileIds: made.map(({ id }) => id), creators });
        expect(seen).toEqual(
          everywhere(
            seen,
            expected.map(({ id }) => id),
          ),
        );
        for (const { id, by, token } of made) {
          const isSeen = expected.some((file) => file.id === id);
          const isHandled = viewer === creators[by] || viewer.permissions?.includes('VIEW_FILES') === true;
          const { fileByToken } = await ask(viewer, byToken, { token });
          expect([fileByToken.id, fileByToken.creator !== null]).toEqual([id, isSeen]);
          expect(fileByToken.tokens !== null).toBe(isHandled);
          const headers = { authorization: `Bearer ${viewer.userId}` };
          const { status } = await fetch(fileByToken.downloadUrl, { headers });
          expect(status).toBe(200);
        }
      }
    }),
    { numRuns: 4 },
  );
}, 300_000);

const byToken = `query ($token: String!) {
  fileByToken(token: $token) { id creator { id } tokens { id } downloadUrl }
}`;

test('a file is seen from when it is linked, until its document is gone', async () => {
  const pat = person({ patient: [{ groupId: groupA }] });
  const jane = person({ staff: [{ groupId: groupA, permissions: ['DELETE_DOCUMENTS'] }] });
  const { id } = await files.uploadedFile(pat, randomBytes(5));
  expect(await files.file(jane, id)).toBeNull();
  const documentId = await documents.documentWith(pat, [id]);
  const url = await files.downloadUrl(jane, id);
  expect((await fetch(url)).status).toBe(200);
  const remove = 'mutation ($input: DeleteDocumentInput!) { deleteDocument(input: $input) { deletedId } }';
  await ask(jane, remove, { input: { id: documentId } }, 'data');
  expect((await fetch(url)).status).toBe(404);
  expect(await files.file(jane, id)).toBeNull();
  expect(await files.file(pat, id)).toMatchObject({ id });
});

test('a page of files costs one query, however many files there are, and so do their references', async () => {
  const pat = person({ patient: [{ groupId: groupB }] });
  const ids: string[] = [];
  for (let made = 0; made < 12; made++) ids.push((await files.createFile(pat)).id);
  await documents.documentWith(pat, ids);
  const reader = person({ staff: [{ groupId: groupB, permissions: [] }] });
  const list = await recordStatements(() => ask(reader, '{ files { nodes { id name } } }'));
  expect(countByTable(list)['files.files']).toBe(1);
  const representations = ids.map((id) => ({ __typename: 'File', id }));
  const references = await recordStatements(() =>
    ask(reader, 'query ($all: [_Any!]!) { _entities(representations: $all) { ... on File { name } } }', {
      all: representations,
    }),
  );
  expect(countByTable(references)).toMatchObject({ 'files.files': 1, 'data.document_files': 1 });
});
