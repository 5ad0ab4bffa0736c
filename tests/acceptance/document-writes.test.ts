// Writing documents, as clients do it: what each operation does, what refuses it, and that nobody's work is lost.
import { describe, expect, jest, test } from '@jest/globals';
import { mutations } from '../support/clinic.ts';
import { describeClinic } from '../support/describe-clinic.ts';
import type { Writing } from '../support/document-writing.ts';
import { disable, newDocument, newSchema, read, refused, send, versionsOf } from '../support/document-writing.ts';
import { createGraphqlClient, type GraphqlClient } from '../support/graphql-client.ts';

jest.setTimeout(300_000);

const unknown = '01890000-0000-7000-8000-000000000000';
const properties = {
  n: { type: 'number', minimum: 0 },
  text: { type: 'string' },
  at: { type: 'string', format: 'date-time' },
  labels: { type: 'array', items: { type: 'string' } },
  device: { type: 'object', properties: { model: { type: 'string' }, serial: { type: 'string' } } },
  meals: {
    type: 'array',
    items: { type: 'object', required: ['kcal'], properties: { kcal: { type: 'number' }, name: { type: 'string' } } },
  },
  secret: { type: 'string', queryable: false },
};
const manual = { type: 'manual', fromStatuses: ['new'], toStatus: 'done' };
const definition = {
  properties,
  statuses: { new: {}, done: {} },
  creationTransition: { type: 'manual', toStatus: 'new' },
  transitions: [
    { ...manual, name: 'go' },
    { ...manual, name: 'wait', actions: [{ type: 'delay', time: 3_600_000 }] },
  ],
  readMode: ['creator', 'linkedUsers', 'linkedGroupStaff'],
  updateMode: ['creator'],
  deleteMode: ['creator'],
};

interface Target {
  readonly schemaName: string;
  readonly id: string;
  readonly itemId: string;
  readonly commentId: string;
  /** Somebody who has nothing to do with it. */
  readonly userId: string;
}

interface Operation {
  readonly mutation: Writing;
  readonly input: (target: Target) => Record<string, unknown>;
  /** Whom a refusal tells that the permission is missing: staff of a linked group, or a linked user. */
  readonly onlooker: 'karim' | 'rosa';
  readonly permission: string;
  readonly idField: string;
  readonly takesExpectation: boolean;
  /** While a transition waits. */
  readonly worksLocked: boolean;
}

const change = {
  onlooker: 'karim',
  permission: 'UPDATE_DOCUMENTS',
  idField: 'input.id',
  takesExpectation: true,
} as const;
const changing = { ...change, worksLocked: false };
const linking = { ...changing, permission: 'UPDATE_ACCESS_TO_DOCUMENT' };
const commenting = {
  ...changing,
  onlooker: 'rosa',
  permission: 'UPDATE_DOCUMENT_COMMENTS',
  takesExpectation: false,
} as const;
const operations: readonly Operation[] = [
  { ...changing, mutation: 'update', input: ({ id }) => ({ id, data: { n: 2 } }) },
  { ...changing, mutation: 'deleteFields', input: ({ id }) => ({ id, fields: ['n'] }) },
  { ...changing, mutation: 'addItem', input: ({ id }) => ({ id, path: 'meals', item: { kcal: 1 } }) },
  {
    ...changing,
    mutation: 'updateItem',
    input: ({ id, itemId }) => ({ id, path: 'meals', itemId, item: { kcal: 1 } }),
  },
  { ...changing, mutation: 'deleteItem', input: ({ id, itemId }) => ({ id, path: 'meals', itemId }) },
  {
    ...changing,
    permission: 'TRANSITION_DOCUMENTS',
    mutation: 'transition',
    input: ({ id }) => ({ id, name: 'go', data: { n: 3 } }),
  },
  { ...changing, mutation: 'restore', input: ({ id }) => ({ id, version: 1 }) },
  { ...linking, mutation: 'link', input: ({ id, userId }) => ({ id, userIds: [userId] }) },
  { ...linking, mutation: 'unlink', input: ({ id }) => ({ id, allUsers: true, allGroups: true }) },
  {
    ...commenting,
    onlooker: 'karim',
    permission: 'CREATE_DOCUMENT_COMMENTS',
    idField: 'input.documentId',
    mutation: 'comment',
    input: ({ id }) => ({ documentId: id, text: 'Well?' }),
  },
  {
    ...commenting,
    worksLocked: true,
    mutation: 'updateComment',
    input: ({ commentId }) => ({ id: commentId, text: 'No.' }),
  },
  { ...commenting, worksLocked: true, mutation: 'deleteComment', input: ({ commentId }) => ({ id: commentId }) },
  { ...change, permission: 'DELETE_DOCUMENTS', worksLocked: true, mutation: 'delete', input: ({ id }) => ({ id }) },
];

const commentsOf = 'query ($id: ID!) { document(id: $id) { comments { totalCount nodes { id text } } } }';

describeClinic('writing documents', (world) => {
  const anyone = () => createGraphqlClient(world.shape.url);

  /** Pat's document, linked to Rosa and to Karim's group, with a meal and a comment. */
  async function target(): Promise<Target> {
    const { admin, pat, quinn, rosa, groupB } = world.clinic;
    const schemaName = await newSchema(admin, definition);
    const data = { n: 1, text: 'first', meals: [{ kcal: 300 }], device: { model: 'a', serial: '1' } };
    const id = await newDocument(pat, schemaName, data);
    const linked = await send(admin, 'link', { id, userIds: [rosa.userId], groupIds: [groupB] });
    const { comment } = await send(pat, 'comment', { documentId: id, text: 'Fine.' });
    return {
      schemaName,
      id,
      itemId: linked.document.data.meals[0].id,
      commentId: comment.id,
      userId: quinn.userId ?? '',
    };
  }

  /** Everything that a client can see of a document. */
  const everything = async ({ id }: Target) => {
    const { admin } = world.clinic;
    return [await read(admin, id), await admin.run(commentsOf, { id }), (await versionsOf(admin, id)).totalCount];
  };

  describe.each(operations)('$mutation', (operation) => {
    const { mutation, onlooker, permission, idField, takesExpectation, worksLocked } = operation;
    test('is refused to nobody in particular, to those who do not see the document, and to those who only see it', async () => {
      const { jane, quinn, [onlooker]: viewer } = world.clinic;
      const it = await target();
      const before = await everything(it);
      const input = operation.input(it);
      expect(await refused(anyone(), mutation, input)).toMatchObject({ code: 'UNAUTHENTICATED' });
      const [key = ''] = idField.split('.').slice(1);
      for (const stranger of [jane, quinn]) {
        const hidden = await refused(stranger, mutation, input);
        expect(hidden).toMatchObject({ code: 'NOT_FOUND', details: { field: idField, code: 16 } });
        expect(await refused(stranger, mutation, { ...input, [key]: unknown })).toEqual(hidden);
      }
      const seen = await refused(viewer, mutation, input);
      expect(seen).toMatchObject({ code: 'FORBIDDEN', details: { permission, code: 10 } });
      const malformed = await refused(viewer, mutation, { ...input, [key]: 'x' });
      expect(malformed).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: idField } });
      expect(await everything(it)).toEqual(before);
    });

    test('respects a transition that waits, and a schema that is disabled', async () => {
      const { admin, pat } = world.clinic;
      const it = await target();
      if (!worksLocked) {
        await send(pat, 'transition', { id: it.id, name: 'wait' });
        const before = await everything(it);
        expect(before[0].transitionLockedAt).not.toBeNull();
        const locked = await refused(admin, mutation, operation.input(it));
        expect(locked).toMatchObject({ code: 'LOCKED_DOCUMENT', details: { code: 415 } });
        expect(await everything(it)).toEqual(before);
      }
      const before = await everything(it);
      await disable(admin, it.schemaName);
      const closed = await refused(admin, mutation, operation.input(it));
      expect(closed).toMatchObject({ code: 'ILLEGAL_STATE', details: { code: 27 } });
      expect(await everything(it)).toEqual(before);
      if (!worksLocked) return;
      const other = await target();
      await send(pat, 'transition', { id: other.id, name: 'wait' });
      await send(pat, mutation, operation.input(other));
    });

    if (!takesExpectation) return;
    test('is refused where the document is not as expected, or the expectation is not valid', async () => {
      const { admin } = world.clinic;
      const it = await target();
      const before = await everything(it);
      const input = operation.input(it);
      const holds = { expected: { field: 'data.n', eq: 1 } };
      for (const [expectation, code, field] of [
        [{ expected: { field: 'data.n', eq: 2 } }, 'CONFLICT', 'input.expected'],
        [{ expectedRql: 'eq(status,done)' }, 'CONFLICT', 'input.expectedRql'],
        [{ ...holds, expectedRql: 'contains(data.meals,gt(kcal,600))' }, 'CONFLICT', 'input.expectedRql'],
        [{ expected: { field: 'data.nope', ne: 1 } }, 'CONFLICT', 'input.expected'],
        [{ expected: { eq: 1 } }, 'BAD_USER_INPUT', 'input.expected.field'],
        [{ expected: { field: 'data.secret', eq: 'x' } }, 'BAD_USER_INPUT', 'input.expected.field'],
        [{ ...holds, expectedRql: 'eq(data.n' }, 'BAD_USER_INPUT', 'input.expectedRql'],
      ] as const) {
        const fault = await refused(admin, mutation, { ...input, ...expectation });
        expect(fault).toMatchObject({ code, details: { field } });
      }
      expect(await everything(it)).toEqual(before);
      await send(admin, mutation, { ...input, ...holds, expectedRql: 'and(eq(status,new),ge(data.n,1))' });
    });
  });

  describe('is refused, naming the field:', () => {
    const refuses = async (mutation: Writing, input: object, field: string) => {
      const { admin } = world.clinic;
      const it = await target();
      const before = await everything(it);
      const fault = await refused(admin, mutation, { id: it.id, ...input });
      expect(fault).toMatchObject({ code: 'BAD_USER_INPUT', details: { field } });
      expect(await everything(it)).toEqual(before);
    };
    test.each<[Writing, object, string]>([
      ['update', { data: [] }, 'input.data'],
      ['update', { data: { n: 'x' } }, 'input.data.n'],
      ['update', { data: { n: -1 } }, 'input.data.n'],
      ['update', { data: { m: 1 } }, 'input.data.m'],
      ['update', { data: { at: 'soon' } }, 'input.data.at'],
      ['deleteFields', { fields: [] }, 'input.fields'],
      ['deleteFields', { fields: ['n', 'a\0'] }, 'input.fields.1'],
      ['addItem', { path: 'labels', item: { kcal: 1 } }, 'input.path'],
      ['addItem', { path: 'meals', item: { id: unknown, kcal: 1 } }, 'input.item.id'],
      ['addItem', { path: 'meals', item: { name: 'x' } }, 'data.meals.1.kcal'],
      ['updateItem', { path: 'meals', itemId: 'x', item: {} }, 'input.itemId'],
      ['updateItem', { path: 'meals', itemId: unknown, item: [] }, 'input.item'],
      ['deleteItem', { path: 'nope', itemId: unknown }, 'input.path'],
      ['transition', {}, 'input.name'],
      ['transition', { name: 'go', transitionId: unknown }, 'input.transitionId'],
      ['transition', { name: 'go', data: { n: 'x' } }, 'input.data.n'],
      ['restore', { version: 0 }, 'input.version'],
      ['link', { userIds: ['x'] }, 'input.userIds.0'],
      ['unlink', { fileIds: ['x'] }, 'input.fileIds.0'],
    ])('%s %j', refuses);
    test.each<[Writing, object, string]>([
      ['deleteFields', { fields: Array(101).fill('n') }, 'input.fields'],
      ['link', { groupIds: Array(101).fill(unknown) }, 'input.groupIds'],
    ])('%s of too many', refuses);

    test.each<[Writing, object, string]>([
      ['updateItem', { path: 'meals', itemId: unknown, item: {} }, 'input.itemId'],
      ['deleteItem', { path: 'meals', itemId: unknown }, 'input.itemId'],
      ['transition', { name: 'nope' }, 'input.name'],
      ['transition', { transitionId: unknown }, 'input.transitionId'],
      ['restore', { version: 99 }, 'input.version'],
      ['link', { userIds: [unknown] }, 'input.userIds.0'],
      ['link', { groupIds: [unknown] }, 'input.groupIds.0'],
      ['link', { fileIds: [unknown] }, 'input.fileIds.0'],
    ])('%s %j, which is not there', async (mutation, input, field) => {
      const it = await target();
      const before = await everything(it);
      const fault = await refused(world.clinic.admin, mutation, { id: it.id, ...input });
      expect(fault).toMatchObject({ code: 'NOT_FOUND', details: { field, code: 16 } });
      expect(await everything(it)).toEqual(before);
    });
  });

  test('creating: refused to nobody in particular, by the mode, with bad data, for an unknown or disabled schema', async () => {
    const { admin, pat } = world.clinic;
    const schemaName = await newSchema(admin, definition);
    const closed = await newSchema(admin, { ...definition, createMode: 'permissionRequired' });
    expect((await refused(anyone(), 'create', { schemaName })).code).toBe('UNAUTHENTICATED');
    expect(await refused(pat, 'create', { schemaName: closed })).toMatchObject({
      code: 'FORBIDDEN',
      details: { permission: 'CREATE_DOCUMENTS' },
    });
    for (const [data, field] of [
      ['text', 'input.data'],
      [{ n: 'x' }, 'input.data.n'],
      [{ nope: 1 }, 'input.data.nope'],
      [{ meals: [{ kcal: 1 }, {}] }, 'input.data.meals.1.kcal'],
    ] as const) {
      const fault = await refused(pat, 'create', { schemaName, data });
      expect(fault).toMatchObject({ code: 'BAD_USER_INPUT', details: { field } });
    }
    const nowhere = await refused(pat, 'create', { schemaName: 'nope' });
    expect(nowhere).toMatchObject({ code: 'NOT_FOUND', details: { field: 'input.schemaName' } });
    await disable(admin, schemaName);
    expect(await refused(admin, 'create', { schemaName })).toMatchObject({
      code: 'ILLEGAL_STATE',
      details: { code: 27 },
    });
    const { documents } = await admin.run(`{ documents(schemaName: "${schemaName}") { totalCount } }`);
    expect(documents.totalCount).toBe(0);
  });

  test('update merges at the top level, null removes, and the moment gets its form', async () => {
    const { admin, pat } = world.clinic;
    const schemaName = await newSchema(admin, definition);
    const { document } = await send(pat, 'create', {
      schemaName,
      data: {
        n: 1,
        text: 'a',
        at: '2012-08-22T12:16+02:00',
        device: { model: 'a', serial: '1' },
        meals: [{ kcal: 1 }],
      },
    });
    const [meal] = document.data.meals;
    expect(document).toMatchObject({
      status: 'new',
      version: 1,
      creator: { id: pat.userId },
      users: [],
      groups: [],
      data: { at: '2012-08-22T10:16:00.000Z', meals: [{ id: expect.any(String), kcal: 1 }] },
    });
    const updated = await send(pat, 'update', {
      id: document.id,
      data: { text: null, device: { model: 'b' }, meals: [meal, { kcal: 2 }], at: null },
    });
    expect(updated.document).toMatchObject({ version: 2, status: 'new' });
    const other = { id: expect.not.stringContaining(meal.id), kcal: 2 };
    expect(updated.document.data).toEqual({ n: 1, device: { model: 'b' }, meals: [meal, other] });
    const fields = ['device.model', 'meals', 'nope'];
    const removed = await send(pat, 'deleteFields', { id: document.id, fields });
    expect(removed.document).toMatchObject({ version: 3, data: { n: 1, device: {} } });
    // What changes nothing is no change.
    expect((await send(pat, 'update', { id: document.id, data: { n: 1 } })).document.version).toBe(3);
  });

  test('objects in lists are added, changed and removed by their ids, when they are as expected', async () => {
    const { pat } = world.clinic;
    const { id, itemId } = await target();
    const added = await send(pat, 'addItem', { id, path: 'meals', item: { kcal: 500, name: 'soup' } });
    expect(added.item).toEqual({ id: expect.any(String), kcal: 500, name: 'soup' });
    const place = { id, path: 'meals', itemId: added.item.id };
    for (const mutation of ['updateItem', 'deleteItem'] as const) {
      const unfit = { ...place, ...(mutation === 'updateItem' ? { item: { kcal: 1 } } : {}) };
      for (const [expectedItem, code, field] of [
        [{ field: 'kcal', gt: 500 }, 'CONFLICT', 'input.expectedItem'],
        [{ field: 'kcal', gt: true }, 'BAD_USER_INPUT', 'input.expectedItem.gt'],
      ] as const) {
        const fault = await refused(pat, mutation, { ...unfit, expectedItem });
        expect(fault).toMatchObject({ code, details: { field } });
      }
    }
    const expectedItem = { field: 'name', like: 'SOUP' };
    const changed = await send(pat, 'updateItem', { ...place, item: { kcal: 501, name: null }, expectedItem });
    expect(changed.item).toEqual({ id: added.item.id, kcal: 501 });
    const { document } = await send(pat, 'deleteItem', {
      id,
      path: 'meals',
      itemId,
      expectedItem: { field: 'kcal', eq: 300 },
    });
    expect(document.data.meals).toEqual([changed.item]);
  });

  test('links of users and groups give and take sight at once; all of them can go', async () => {
    const { admin, pat, jane, quinn, rosa, groupA, groupB } = world.clinic;
    const { id } = await target();
    expect([await read(jane, id), await read(quinn, id)]).toEqual([null, null]);
    const links = { id, userIds: [quinn.userId, rosa.userId], groupIds: [groupA] };
    const { document } = await send(admin, 'link', links);
    expect(document.users.map((user: { id: string }) => user.id).sort()).toEqual([quinn.userId, rosa.userId].sort());
    expect(document.groups.map((group: { id: string }) => group.id).sort()).toEqual([groupA, groupB].sort());
    expect([(await read(jane, id)).id, (await read(quinn, id)).id]).toEqual([id, id]);
    await send(admin, 'unlink', { id, userIds: [quinn.userId, unknown], groupIds: [groupA] });
    expect([await read(jane, id), await read(quinn, id)]).toEqual([null, null]);
    expect((await send(admin, 'unlink', { id })).document).toMatchObject({
      users: [{ id: rosa.userId }],
      groups: [{ id: groupB }],
    });
    expect((await send(admin, 'unlink', { id, allUsers: true })).document).toMatchObject({
      users: [],
      groups: [{ id: groupB }],
    });
    expect((await send(admin, 'unlink', { id, allGroups: true })).document).toMatchObject({ users: [], groups: [] });
    // Who changes documents does not say who sees them.
    const fault = await refused(pat, 'link', { id, userIds: [quinn.userId] });
    expect(fault).toMatchObject({ code: 'FORBIDDEN', details: { permission: 'UPDATE_ACCESS_TO_DOCUMENT' } });
  });

  test('files are linked by who may change the document and sees the file', async () => {
    const { pat, rosa } = world.clinic;
    const { id } = await target();
    const newFile = async (client: GraphqlClient) =>
      (await client.run(mutations.createFile, { input: { name: 'a.txt' } })).createFile.file.id;
    const [fileId, foreign] = [await newFile(pat), await newFile(rosa)];
    expect(await refused(rosa, 'link', { id, fileIds: [foreign] })).toMatchObject({
      code: 'FORBIDDEN',
      details: { permission: 'UPDATE_DOCUMENTS' },
    });
    const fault = await refused(pat, 'link', { id, fileIds: [fileId, foreign] });
    expect(fault).toMatchObject({ code: 'NOT_FOUND', details: { field: 'input.fileIds.1' } });
    expect((await send(pat, 'link', { id, fileIds: [fileId] })).document.files).toEqual([{ id: fileId }]);
    expect((await read(rosa, id)).files).toEqual([{ id: fileId }]);
    expect((await send(pat, 'unlink', { id, fileIds: [fileId, foreign] })).document.files).toEqual([]);
  });

  test('versions tell who changed what, restoring brings content back, deleting is for good', async () => {
    const { admin, pat, rosa, jane } = world.clinic;
    const { id } = await target();
    await send(pat, 'update', { id, data: { n: 5, text: null } });
    await send(pat, 'transition', { id, name: 'go' });
    const restored = await send(admin, 'restore', { id, version: 2 });
    expect(restored.document).toMatchObject({ version: 5, status: 'done', data: { n: 1, text: 'first' } });
    expect(restored.document.users).toEqual([{ id: rosa.userId }]);
    const { totalCount, nodes } = await versionsOf(rosa, id);
    expect(totalCount).toBe(5);
    const told = nodes.map((node: Record<string, unknown>) => [node.version, node.kind, node.transitions, node.status]);
    expect(told).toEqual([
      [5, 'RESTORED', [], 'done'],
      [4, 'TRANSITIONED', ['go'], 'done'],
      [3, 'UPDATED', [], 'new'],
      [2, 'LINKED', [], 'new'],
      [1, 'CREATED', [], 'new'],
    ]);
    expect(nodes[2].changes).toEqual([
      { path: 'data.n', before: 1, after: 5 },
      { path: 'data.text', before: 'first', after: null },
    ]);
    expect([nodes[2].data.n, nodes[3].data.n, nodes[4].changes]).toEqual([5, 1, []]);
    const { endCursor } = (await versionsOf(rosa, id, { first: 2 })).pageInfo;
    const page = await versionsOf(rosa, id, { first: 2, after: endCursor });
    expect(page.nodes.map(({ version }: { version: number }) => version)).toEqual([3, 2]);

    expect(await send(pat, 'delete', { id })).toEqual({ deletedId: id });
    for (const viewer of [admin, pat, jane]) expect(await read(viewer, id)).toBeNull();
    expect((await refused(admin, 'restore', { id, version: 1 })).code).toBe('NOT_FOUND');
  });

  test('ten editors at once lose nothing: those who were late see it and try again', async () => {
    const { admin, pat } = world.clinic;
    const id = await newDocument(pat, await newSchema(admin, definition), { n: 0 });
    let conflicts = 0;
    const edit = async () => {
      for (let tries = 0; tries < 100; tries += 1) {
        const { n } = (await read(pat, id)).data;
        const input = { id, data: { n: n + 1 } };
        const expectation =
          tries % 2 === 0 ? { expected: { field: 'data.n', eq: n } } : { expectedRql: `eq(data.n,${n})` };
        const { errors } = await pat.ask(mutations.updateDocument, { input: { ...input, ...expectation } });
        if (errors === undefined) return;
        expect(errors[0]?.extensions.code).toBe('CONFLICT');
        conflicts += 1;
      }
      throw new Error('an editor never came to it');
    };
    await Promise.all(Array.from({ length: 10 }, edit));
    expect(await read(pat, id)).toMatchObject({ version: 11, data: { n: 10 } });
    expect(conflicts).toBeGreaterThan(0);

    // Without an expectation, too: each change is about its own key or object only.
    const keys = ['text', 'at', 'labels', 'device'];
    const values = ['x', '2026-01-01T00:00:00.000Z', ['a'], { model: 'b' }];
    await Promise.all([
      ...keys.map((key, index) => send(pat, 'update', { id, data: { [key]: values[index] } })),
      ...Array.from({ length: 6 }, (_, kcal) => send(pat, 'addItem', { id, path: 'meals', item: { kcal } })),
    ]);
    const { version, data } = await read(pat, id);
    expect(version).toBe(21);
    expect(keys.map((key) => data[key])).toEqual(values);
    expect(data.meals.map(({ kcal }: { kcal: number }) => kcal).sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect((await versionsOf(admin, id)).totalCount).toBe(21);
  });

  test('each change is told live to those who see the document', async () => {
    const { admin, pat, rosa, jane } = world.clinic;
    const schemaName = await newSchema(admin, definition);
    // From the beginning of the log, so that it does not matter when the gateway begins to follow.
    const watch = `subscription ($schemaName: String) {
      documentChanged(schemaName: $schemaName, after: "0") { kind documentId document { version } }
    }`;
    const watching = [pat, rosa, jane].map((viewer) => viewer.subscribe(watch, { schemaName }));
    const id = await newDocument(pat, schemaName, { n: 1 });
    await send(pat, 'update', { id, data: { n: 2 } });
    await send(admin, 'link', { id, userIds: [rosa.userId] });
    await send(pat, 'transition', { id, name: 'go' });
    const [ofPat, ofRosa, ofJane] = watching;
    const kinds = (received: readonly { data?: { documentChanged: { kind: string } } }[] | undefined) =>
      received?.map(({ data }) => data?.documentChanged.kind);
    expect(kinds(await ofPat?.waitFor(4))).toEqual(['CREATED', 'UPDATED', 'UPDATED', 'TRANSITIONED']);
    expect(kinds(await ofRosa?.waitFor(2))).toEqual(['ACCESS_GAINED', 'TRANSITIONED']);
    await send(pat, 'delete', { id });
    expect(kinds(await ofPat?.waitFor(5))?.at(-1)).toBe('DELETED');
    expect(kinds(await ofRosa?.waitFor(3))?.at(-1)).toBe('DELETED');
    // Of Jane's it is only told that she gained sight of documents of her group, which this one is not of.
    expect((await ofJane?.waitFor(1))?.map(({ data }) => data.documentChanged.documentId)).toEqual([null]);
    await Promise.all(watching.map((one) => one.close()));
  });
});
