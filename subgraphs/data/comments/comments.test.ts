// Comments: who may say, change and delete them, who reads them, and what is told of them.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { IdentityData } from '../../../platform/identity/identity.ts';
import { newId } from '../../../platform/ids.ts';
import { type DataService, type Person, person, startDataService } from '../../../tests/support/data-service.ts';
import { countByTable, recordStatements } from '../../../tests/support/recorded-statements.ts';

let service: DataService;
const now = Date.UTC(2026, 0, 1);
let clock = now;

beforeAll(async () => {
  service = await startDataService({ now: () => clock });
});
afterAll(() => service.close());

const create = `mutation ($documentId: ID!, $text: String!) {
  createDocumentComment(input: { documentId: $documentId, text: $text }) { comment { id text creator { id } createdAt } }
}`;
const update = `mutation ($id: ID!, $text: String!) {
  updateDocumentComment(input: { id: $id, text: $text }) { comment { id text createdAt updatedAt } }
}`;
const remove = 'mutation ($id: ID!) { deleteDocumentComment(input: { id: $id }) { deletedId } }';
const list = `query ($id: ID!, $first: Int, $after: String, $last: Int, $direction: SortDirection! = ASC) {
  document(id: $id) {
    comments(first: $first, after: $after, last: $last, direction: $direction) {
      totalCount nodes { text } pageInfo { hasNextPage hasPreviousPage endCursor }
    }
  }
}`;

/** Everybody sees the documents: what else is needed is what the tests are about. */
const open = { readMode: 'allUsers' };

async function say(who: IdentityData, documentId: string, text = 'Looks fine.'): Promise<string> {
  return (await service.ask(who, create, { documentId, text })).createDocumentComment.comment.id;
}

async function texts(who: IdentityData, id: string): Promise<string[] | null> {
  const { comments } = (await service.ask(who, list, { id })).document;
  return comments === null ? null : comments.nodes.map(({ text }: { text: string }) => text);
}

interface World {
  readonly schemaName: string;
  readonly pat: Person;
  readonly id: string;
  readonly groupId: string;
}

/** A document of Pat that is linked to a group. */
async function world(definition: Record<string, unknown> = open): Promise<World> {
  const [schemaName, pat, groupId] = [await service.schema(definition), person(), newId()];
  const id = await service.document(pat, schemaName);
  await tables().document.update({ where: { id }, data: { groupIds: [groupId] } });
  return { schemaName, pat, id, groupId };
}

const tables = () => service.database.forService<'document' | 'documentSchema' | 'documentComment'>('data').db;
const staffWith = (groupId: string, ...permissions: string[]) => person({ staff: [{ groupId, permissions }] });
const notFound = (field: string) => ({ code: 'NOT_FOUND', details: { field, code: 16 } });
const forbidden = (permission: string) => ({ code: 'FORBIDDEN', details: { code: 10, permission } });

describe('commenting is refused', () => {
  test('anonymously, and with bad input', async () => {
    const { pat, id: documentId } = await world();
    expect(await service.refusal({}, create, { documentId, text: 'x' })).toMatchObject({ code: 'UNAUTHENTICATED' });
    for (const [variables, field] of [
      [{ documentId: 'x', text: 'x' }, 'input.documentId'],
      [{ documentId, text: ' ' }, 'input.text'],
      [{ documentId, text: 'x'.repeat(10_001) }, 'input.text'],
      [{ documentId, text: 'a\0b' }, 'input.text'],
    ] as const) {
      const refusal = await service.refusal(pat, create, variables);
      expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { field } });
    }
  });

  test('on what is not there and what the viewer does not see, alike; even with the permission to comment', async () => {
    const { id: documentId } = await world({ readMode: ['creator'] });
    const stranger = person({ permissions: ['CREATE_DOCUMENT_COMMENTS'] });
    for (const target of [documentId, newId()]) {
      const refusal = await service.refusal(stranger, create, { documentId: target, text: 'x' });
      expect(refusal).toMatchObject(notFound('input.documentId'));
    }
  });

  test('on what others own, without the permission: suffixed it counts everywhere, in a group only unsuffixed', async () => {
    const { schemaName, id: documentId, groupId } = await world();
    const permission = 'CREATE_DOCUMENT_COMMENTS';
    for (const who of [
      person(),
      person({ permissions: [`${permission}:other`, 'VIEW_DOCUMENT_COMMENTS', 'UPDATE_DOCUMENTS'] }),
      staffWith(newId(), permission),
      staffWith(groupId, `${permission}:${schemaName}`),
    ]) {
      expect(await service.refusal(who, create, { documentId, text: 'x' })).toMatchObject(forbidden(permission));
    }
    for (const who of [
      person({ permissions: [permission] }),
      person({ permissions: [`${permission}:${schemaName}`] }),
      staffWith(groupId, permission),
    ]) {
      // Who may not read comments gets none for an answer, not even this one.
      expect(await service.ask(who, create, { documentId, text: 'x' })).toEqual({
        createDocumentComment: { comment: null },
      });
    }
    expect(await tables().documentComment.count({ where: { documentId } })).toBe(3);
  });

  test('while the schema is disabled, and while a transition of the document waits', async () => {
    const { schemaName, pat, id: documentId } = await world();
    const commentId = await say(pat, documentId);
    await tables().document.update({ where: { id: documentId }, data: { lockedAt: new Date(now) } });
    expect(await service.refusal(pat, create, { documentId, text: 'x' })).toMatchObject({
      code: 'LOCKED_DOCUMENT',
      details: { code: 415 },
    });
    await tables().document.update({ where: { id: documentId }, data: { lockedAt: null } });
    await tables().documentSchema.update({ where: { name: schemaName }, data: { disabled: true } });
    const disabled = { code: 'ILLEGAL_STATE', details: { code: 27 } };
    expect(await service.refusal(pat, create, { documentId, text: 'x' })).toMatchObject(disabled);
    expect(await service.refusal(pat, update, { id: commentId, text: 'x' })).toMatchObject(disabled);
    expect(await service.refusal(pat, remove, { id: commentId })).toMatchObject(disabled);
    expect(await texts(pat, documentId)).toEqual(['Looks fine.']);
  });
});

test('the creator and linked users comment on their document and read what was said, whatever the modes', async () => {
  const { pat, id } = await world({ ...open, updateMode: 'permissionRequired' });
  const ann = person();
  await tables().document.update({ where: { id }, data: { userIds: [ann.userId] } });
  await say(pat, id, 'first');
  await say(ann, id, 'second');
  expect(await texts(pat, id)).toEqual(['first', 'second']);
  expect(await texts(ann, id)).toEqual(['first', 'second']);
});

test('others who see the document see its comments with a permission only; else the field is null', async () => {
  const { schemaName, pat, id, groupId } = await world();
  await say(pat, id);
  const permission = 'VIEW_DOCUMENT_COMMENTS';
  for (const who of [
    person({ permissions: ['VIEW_DOCUMENTS', `${permission}:other`] }),
    staffWith(newId(), permission),
    staffWith(groupId, `${permission}:${schemaName}`, 'VIEW_DOCUMENTS'),
  ]) {
    expect(await texts(who, id)).toBeNull();
  }
  for (const who of [
    person({ permissions: [permission] }),
    person({ permissions: [`${permission}:${schemaName}`] }),
    staffWith(groupId, permission),
  ]) {
    expect(await texts(who, id)).toEqual(['Looks fine.']);
  }
});

describe('changing and deleting', () => {
  test('is refused for what is not there, what is not seen, and what others said', async () => {
    const { schemaName, pat, id: documentId, groupId } = await world();
    const id = await say(pat, documentId);
    const permission = 'UPDATE_DOCUMENT_COMMENTS';
    for (const [operation, variables] of [
      [update, { text: 'x' }],
      [remove, {}],
    ] as const) {
      const refusal = (who: IdentityData, of: string) => service.refusal(who, operation, { ...variables, id: of });
      expect(await refusal({}, id)).toMatchObject({ code: 'UNAUTHENTICATED' });
      expect(await refusal(pat, 'x')).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.id' } });
      expect(await refusal(pat, newId())).toMatchObject(notFound('input.id'));
      expect(await refusal(person(), id)).toMatchObject(notFound('input.id'));
      const reader = person({ permissions: ['VIEW_DOCUMENT_COMMENTS', 'UPDATE_DOCUMENTS', `${permission}:other`] });
      expect(await refusal(reader, id)).toMatchObject(forbidden(permission));
      const suffixed = staffWith(groupId, 'VIEW_DOCUMENT_COMMENTS', `${permission}:${schemaName}`);
      expect(await refusal(suffixed, id)).toMatchObject(forbidden(permission));
    }
    // Staff may take away what others said, not put words into their mouths.
    const staff = staffWith(groupId, 'VIEW_DOCUMENT_COMMENTS', permission);
    expect(await service.refusal(staff, update, { id, text: 'x' })).toMatchObject(forbidden(permission));
    expect(await service.refusal(pat, update, { id, text: '' })).toMatchObject({ details: { field: 'input.text' } });
    expect(await texts(pat, documentId)).toEqual(['Looks fine.']);
    expect(await service.ask(staff, remove, { id })).toEqual({ deleteDocumentComment: { deletedId: id } });
    expect(await texts(pat, documentId)).toEqual([]);
  });

  test('is refused to who said it and no longer sees the document', async () => {
    const { schemaName, pat, id: documentId } = await world({ readMode: ['creator'] });
    const ann = person({ permissions: ['VIEW_DOCUMENTS', `CREATE_DOCUMENT_COMMENTS:${schemaName}`] });
    await service.ask(ann, create, { documentId, text: 'x' });
    const { id } = (await tables().documentComment.findFirst({ where: { documentId } })) as { id: string };
    const without = { userId: ann.userId };
    expect(await service.refusal(without, update, { id, text: 'y' })).toMatchObject(notFound('input.id'));
    expect(await service.refusal(without, remove, { id })).toMatchObject(notFound('input.id'));
    expect(await texts(pat, documentId)).toEqual(['x']);
  });

  test('is for who said it, and for holders of the permission', async () => {
    const { schemaName, pat, id: documentId } = await world();
    const id = await say(pat, documentId);
    clock = now + 1_000;
    expect((await service.ask(pat, update, { id, text: 'Better.' })).updateDocumentComment.comment).toEqual({
      id,
      text: 'Better.',
      createdAt: new Date(now).toISOString(),
      updatedAt: new Date(clock).toISOString(),
    });
    clock = now;
    for (const permission of ['UPDATE_DOCUMENT_COMMENTS', `UPDATE_DOCUMENT_COMMENTS:${schemaName}`]) {
      const moderator = person({ permissions: [permission] });
      await service.ask(moderator, update, { id, text: permission });
      expect(await texts(pat, documentId)).toEqual([permission]);
    }
    expect(await service.ask(pat, remove, { id })).toEqual({ deleteDocumentComment: { deletedId: id } });
    expect(await texts(pat, documentId)).toEqual([]);
  });
});

test('each change is told, with ids only; the same text again is none', async () => {
  const { pat, id: documentId } = await world();
  const from = (await service.graph.readLog()).at(-1)?.position;
  const id = await say(pat, documentId, 'private');
  await service.ask(pat, update, { id, text: 'more private' });
  await service.ask(pat, update, { id, text: 'more private' });
  await service.ask(pat, remove, { id });
  const { schemaId } = (await tables().document.findUniqueOrThrow({ where: { id: documentId } })) as never;
  const content = { commentId: id, documentId, schemaId, creatorId: pat.userId };
  expect((await service.graph.readLog(from)).map(({ type, content: told }) => ({ type, told }))).toEqual([
    { type: 'document_comment_created', told: content },
    { type: 'document_comment_updated', told: content },
    { type: 'document_comment_deleted', told: content },
  ]);
});

test('comments go with their document', async () => {
  const { pat, id } = await world({ ...open, deleteMode: ['creator'] });
  await say(pat, id);
  await service.ask(pat, `mutation { deleteDocument(input: { id: "${id}" }) { deletedId } }`);
  expect(await tables().documentComment.count({ where: { documentId: id } })).toBe(0);
});

test('they come in pages, in both directions', async () => {
  const { pat, id } = await world();
  for (const text of ['1', '2', '3']) await say(pat, id, text);
  const page = async (variables: Record<string, unknown>) =>
    (await service.ask(pat, list, { id, ...variables })).document.comments;
  const first = await page({ first: 2 });
  expect(first).toMatchObject({ totalCount: 3, nodes: [{ text: '1' }, { text: '2' }] });
  expect(first.pageInfo.hasNextPage).toBe(true);
  expect((await page({ first: 2, after: first.pageInfo.endCursor })).nodes).toEqual([{ text: '3' }]);
  expect((await page({ direction: 'DESC', first: 2 })).nodes).toEqual([{ text: '3' }, { text: '2' }]);
  expect((await page({ last: 2 })).nodes).toEqual([{ text: '2' }, { text: '3' }]);
  expect(await service.refusal(pat, list, { id, first: 1, after: 'x' })).toMatchObject({ details: { field: 'after' } });
  expect(await service.refusal(pat, list, { id, direction: 'DESC', after: first.pageInfo.endCursor })).toMatchObject({
    details: { field: 'after' },
  });
});

test('the comments of all documents of a page cost one statement, and one more for their counts', async () => {
  const { schemaName, pat, id } = await world();
  await say(pat, id, 'a');
  await say(pat, await service.document(pat, schemaName), 'b');
  const query = `{ documents(schemaName: "${schemaName}") { nodes { comments { totalCount nodes { text } } } } }`;
  const statements = await recordStatements(async () => {
    const { nodes } = (await service.ask(pat, query)).documents;
    expect(nodes).toEqual([
      { comments: { totalCount: 1, nodes: [{ text: 'b' }] } },
      { comments: { totalCount: 1, nodes: [{ text: 'a' }] } },
    ]);
  });
  expect(countByTable(statements)['data.document_comments']).toBe(2);
});
