// Who sees a file sees it on every path, and who does not sees it on none: by id, in lists and counts, under its
// creator, as a reference, for other services, and by its bytes.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '../../platform/ids.ts';
import type { SubgraphDefinition } from '../../platform/subgraph/define-subgraph.ts';
import { createDocumentMutation, createSchemaMutation } from '../../tests/support/data-service.ts';
import { type FileService, type Person, startFileService } from '../../tests/support/file-service.ts';
import { countByTable, recordStatements } from '../../tests/support/recorded-statements.ts';
import { data } from '../data/index.ts';

let files: FileService;
const groupA = newId();
const groupB = newId();
const person = (rights: Partial<Person> = {}) => files.know({ userId: newId(), ...rights });

beforeAll(async () => {
  files = await startFileService({ others: [data as SubgraphDefinition] });
  await ask('data', person({ permissions: ['CREATE_SCHEMAS'] }), createSchemaMutation, {
    input: {
      name: 'ecg',
      definition: {
        readMode: ['creator', 'linkedGroupStaff'],
        updateMode: ['creator'],
        creationTransition: {
          toStatus: 'new',
          type: 'manual',
          actions: [{ type: 'linkCreator' }, { type: 'linkEnlistedGroups' }],
        },
      },
    },
  });
});
afterAll(() => files.close());

async function ask(service: string, viewer: Person, query: string, variables: Record<string, unknown> = {}) {
  const { data: answer, errors } = await files.graph.execute(service, { query, variables, identity: viewer });
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return answer;
}

/** A document of the creator with these files. */
async function documentWith(creator: Person, fileIds: readonly string[]): Promise<string> {
  const { createDocument } = await ask('data', creator, createDocumentMutation, {
    input: { schemaName: 'ecg', data: {} },
  });
  const { id } = createDocument.document;
  const link = 'mutation ($input: LinkDocumentInput!) { linkDocument(input: $input) { document { id } } }';
  await ask('data', creator, link, { input: { id, fileIds } });
  return id;
}

const sorted = (ids: Iterable<string>) => [...ids].sort();
const idsOf = (nodes: readonly ({ id: string } | null)[]) =>
  sorted(nodes.flatMap((node) => (node === null ? [] : [node.id])));

/** Those of the files that the viewer sees, by each path. */
async function seen(viewer: Person, fileIds: readonly string[], creators: readonly Person[]) {
  const byId = await Promise.all(fileIds.map((id) => files.file(viewer, id)));
  const { list, filtered } = await ask(
    'files',
    viewer,
    `query ($ids: [ID!]!) {
      list: files(first: 100) { totalCount nodes { id } }
      filtered: files(first: 100, filter: { id: { in: $ids } }, orderBy: { field: NAME }) { totalCount nodes { id } }
    }`,
    { ids: fileIds },
  );
  const references = await ask(
    'files',
    viewer,
    'query ($all: [_Any!]!) { _entities(representations: $all) { ... on File { id } ... on User { files(first: 100) { totalCount nodes { id } } } } }',
    {
      all: [
        ...fileIds.map((id) => ({ __typename: 'File', id })),
        ...creators.map(({ userId }) => ({ __typename: 'User', id: userId })),
      ],
    },
  );
  const entities = references._entities.slice(0, fileIds.length);
  const nested = references._entities.slice(fileIds.length).map((user: { files: unknown }) => user.files);
  const internal = await files.graph.execute('files', {
    query: 'query ($ids: [ID!]!) { visibleFiles(ids: $ids) }',
    variables: { ids: fileIds },
    identity: viewer,
    service: 'data',
  });
  const downloads = await Promise.all(
    fileIds.map(async (id) => {
      const headers = { authorization: `Bearer ${viewer.userId}` };
      const response = await fetch(`${files.url}/files/${id}`, { headers });
      await response.arrayBuffer();
      return response.status === 200 ? [id] : [];
    }),
  );
  expect(list.totalCount).toBe(list.nodes.length);
  expect(filtered.totalCount).toBe(filtered.nodes.length);
  for (const { totalCount, nodes } of nested) expect(totalCount).toBe(nodes.length);
  return {
    byId: idsOf(byId as ({ id: string } | null)[]),
    list: idsOf(list.nodes),
    filtered: idsOf(filtered.nodes),
    entities: idsOf(entities),
    nested: idsOf(nested.flatMap(({ nodes }: { nodes: { id: string }[] }) => nodes)),
    internal: sorted(internal.data.visibleFiles),
    bytes: sorted(downloads.flat()),
  };
}

test('every path shows a viewer the same files', async () => {
  const pat = person({ patient: [{ groupId: groupA }] });
  const rosa = person({ patient: [{ groupId: groupB }] });
  const upload = async (creator: Person) => (await files.uploadedFile(creator, randomBytes(20))).id;
  const linked = [await upload(pat), await upload(pat)];
  const pats = [...linked, await upload(pat)];
  const rosas = [await upload(rosa), await upload(rosa)];
  await documentWith(pat, linked);
  await documentWith(pat, linked.slice(0, 1));
  await documentWith(rosa, rosas.slice(0, 1));
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
    const ids = sorted(expected);
    expect([who, await seen(viewer, all, [pat, rosa])]).toEqual([
      who,
      { byId: ids, list: ids, filtered: ids, entities: ids, nested: ids, internal: ids, bytes: ids },
    ]);
  }
});

test('a file is seen from when it is linked, until its document is gone', async () => {
  const pat = person({ patient: [{ groupId: groupA }] });
  const jane = person({ staff: [{ groupId: groupA, permissions: ['DELETE_DOCUMENTS'] }] });
  const { id } = await files.uploadedFile(pat, randomBytes(5));
  expect(await files.file(jane, id)).toBeNull();
  const documentId = await documentWith(pat, [id]);
  const url = await files.downloadUrl(jane, id);
  expect((await fetch(url)).status).toBe(200);
  const remove = 'mutation ($input: DeleteDocumentInput!) { deleteDocument(input: $input) { deletedId } }';
  await ask('data', jane, remove, { input: { id: documentId } });
  expect((await fetch(url)).status).toBe(404);
  expect(await files.file(jane, id)).toBeNull();
  expect(await files.file(pat, id)).toMatchObject({ id });
});

test('a page of files costs one query, however many files there are, and so do their references', async () => {
  const pat = person({ patient: [{ groupId: groupB }] });
  const ids: string[] = [];
  for (let made = 0; made < 12; made++) ids.push((await files.createFile(pat)).id);
  await documentWith(pat, ids);
  const reader = person({ staff: [{ groupId: groupB, permissions: [] }] });
  const list = await recordStatements(() => ask('files', reader, '{ files { nodes { id name } } }'));
  expect(countByTable(list)['files.files']).toBe(1);
  const representations = ids.map((id) => ({ __typename: 'File', id }));
  const references = await recordStatements(() =>
    ask('files', reader, 'query ($all: [_Any!]!) { _entities(representations: $all) { ... on File { name } } }', {
      all: representations,
    }),
  );
  expect(countByTable(references)).toMatchObject({ 'files.files': 1, 'data.document_files': 1 });
});
