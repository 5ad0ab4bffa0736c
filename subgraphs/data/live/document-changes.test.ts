// The subscription documentChanged: which events a viewer gets, decided anew for each.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LogEvent } from '../../../platform/events/event.ts';
import type { IdentityData } from '../../../platform/identity/identity.ts';
import { newId } from '../../../platform/ids.ts';
import { type DataService, person, startDataService } from '../../../tests/support/data-service.ts';

let service: DataService;

beforeAll(async () => {
  service = await startDataService();
});
afterAll(() => service.close());

const subscription = `subscription ($schemaName: String, $documentId: ID) {
  documentChanged(schemaName: $schemaName, documentId: $documentId) {
    kind position documentId document { id status data schema { name } files { id } }
  }
}`;

const own = {
  properties: { n: { type: 'number' } },
  readMode: ['creator', 'linkedGroupStaff'],
  updateMode: ['creator'],
  deleteMode: ['creator'],
};
const sharing = {
  ...own,
  creationTransition: { type: 'manual', toStatus: 'new', actions: [{ type: 'linkEnlistedGroups' }] },
};

async function position(): Promise<bigint> {
  return (await service.graph.readLog()).at(-1)?.position ?? 0n;
}

async function received(viewer: IdentityData, events: readonly LogEvent[], variables: Record<string, unknown> = {}) {
  const results = await service.graph.executeEvents('data', {
    query: subscription,
    variables,
    identity: viewer,
    events,
  });
  expect(results).toHaveLength(events.length);
  return results.map((result) => {
    expect(result?.errors).toBeUndefined();
    return result?.data.documentChanged ?? null;
  });
}

const opening = (viewer: IdentityData, variables: Record<string, unknown>) =>
  service.graph.executeEvents('data', { query: subscription, variables, identity: viewer, events: [] });

const change = (id: string, n: number) =>
  `mutation { updateDocument(input: { id: "${id}", data: { n: ${n} } }) { document { id } } }`;
const remove = (id: string) => `mutation { deleteDocument(input: { id: "${id}" }) { deletedId } }`;

describe('opening is refused', () => {
  test('anonymously', async () => {
    await expect(opening({}, {})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('for an unknown schema', async () => {
    await expect(opening(person(), { schemaName: 'none' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      details: { field: 'schemaName' },
    });
  });

  test('for a malformed id', async () => {
    await expect(opening(person(), { documentId: 'x' })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'documentId' },
    });
  });
});

test('a document that there is not, or that cannot be seen, may be waited for', async () => {
  expect(await opening(person(), { schemaName: await service.schema(own), documentId: newId() })).toEqual([]);
});

test('a viewer gets the changes of visible documents, with the document as it is now', async () => {
  const [pat, name, from] = [person(), await service.schema(own), await position()];
  const id = await service.document(pat, name, { n: 1 });
  await service.ask(pat, change(id, 2));
  const events = await service.graph.readLog(from);
  const document = { id, status: 'new', data: { n: 2 }, schema: { name }, files: [] };
  expect(await received(pat, events)).toEqual([
    { kind: 'CREATED', position: String(events[0]?.position), documentId: id, document },
    { kind: 'UPDATED', position: String(events[1]?.position), documentId: id, document },
  ]);
  expect(await received(person(), events)).toEqual([null, null]);
});

test('arguments narrow it down', async () => {
  const [pat, name, other, from] = [person(), await service.schema(own), await service.schema(own), await position()];
  const ids = [
    await service.document(pat, name),
    await service.document(pat, other),
    await service.document(pat, name),
  ];
  const events = await service.graph.readLog(from);
  const seen = async (variables: Record<string, unknown>) =>
    (await received(pat, events, variables)).map((got) => got?.documentId ?? null);
  expect(await seen({})).toEqual(ids);
  expect(await seen({ schemaName: name })).toEqual([ids[0], null, ids[2]]);
  expect(await seen({ documentId: ids[1]?.toUpperCase() })).toEqual([null, ids[1], null]);
  expect(await seen({ schemaName: name, documentId: ids[1] })).toEqual([null, null, null]);
});

test('staff who are removed from the group get nothing more, not even of what was before', async () => {
  const groupId = newId();
  const [pat, name, from] = [person({ patient: [{ groupId }] }), await service.schema(sharing), await position()];
  const id = await service.document(pat, name, { n: 1 });
  const events = await service.graph.readLog(from);
  const jane = person({ staff: [{ groupId, permissions: [] }] });
  expect(await received(jane, events)).toMatchObject([{ documentId: id }]);
  expect(await received({ userId: jane.userId }, events)).toEqual([null]);
});

test('who may see a document now, but not as it was then, does not get the old event; nor the other way round', async () => {
  const [groupA, groupB] = [newId(), newId()];
  const [pat, name, from] = [
    person({ patient: [{ groupId: groupA }] }),
    await service.schema(sharing),
    await position(),
  ];
  const id = await service.document(pat, name);
  const { db } = service.database.forService<'document'>('data');
  await db.document.update({ where: { id }, data: { groupIds: [groupB] } });
  const events = await service.graph.readLog(from);
  const staffOf = (...groupIds: string[]) =>
    person({ staff: groupIds.map((groupId) => ({ groupId, permissions: [] })) });
  expect(await received(staffOf(groupA), events)).toEqual([null]);
  expect(await received(staffOf(groupB), events)).toEqual([null]);
  expect(await received(staffOf(groupA, groupB), events)).toMatchObject([{ documentId: id }]);
});

test('of a deleted document its viewers get what happened, without the document', async () => {
  const [pat, name, from] = [person(), await service.schema(own), await position()];
  const id = await service.document(pat, name, { n: 1 });
  await service.ask(pat, remove(id));
  const events = await service.graph.readLog(from);
  expect(await received(pat, events)).toMatchObject([
    { kind: 'CREATED', documentId: id, document: null },
    { kind: 'DELETED', documentId: id, document: null },
  ]);
  expect(await received(person(), events)).toEqual([null, null]);
});

test('events of other kinds, without an access part, or of a schema that is gone give nothing', async () => {
  const admin = person({ permissions: ['VIEW_DOCUMENTS'] });
  const [name, from] = [await service.schema(own), await position()];
  await service.document(person(), name);
  const [event] = (await service.graph.readLog(from)) as [LogEvent];
  expect(await received(admin, [event])).toMatchObject([{ kind: 'CREATED' }]);
  const schemaId = newId();
  const strange: LogEvent[] = [
    { ...event, type: 'schema_created' },
    { ...event, type: 'toString' },
    { ...event, access: null },
    { ...event, access: { ...event.access, schemaId } },
    { ...event, content: {} },
  ];
  expect(await received(admin, strange)).toEqual(strange.map(() => null));
});

test('a transition is told as one, with the document as it is now; creation stays creation', async () => {
  const review = { name: 'review', type: 'manual', fromStatuses: ['new'], toStatus: 'reviewed' };
  const closing = { name: 'close', type: 'automatic', fromStatuses: ['reviewed'], toStatus: 'closed' };
  const definition = { ...own, statuses: { new: {}, reviewed: {}, closed: {} }, transitions: [review, closing] };
  const [pat, name, from] = [person(), await service.schema(definition), await position()];
  const id = await service.document(pat, name, { n: 1 });
  await service.ask(pat, `mutation { transitionDocument(input: { id: "${id}", name: "review" }) { document { id } } }`);
  const events = await service.graph.readLog(from);
  expect(events.map(({ type, content }) => [type, content.version, content.transitions])).toEqual([
    ['document_created', 1, undefined],
    ['document_transitioned', 2, ['review', 'close']],
  ]);
  expect((await received(pat, events)).map(({ kind, document }) => [kind, document.status])).toEqual([
    ['CREATED', 'closed'],
    ['TRANSITIONED', 'closed'],
  ]);
  expect(await received(person(), events)).toEqual([null, null]);
});

test('of a deleted schema nothing is told any more', async () => {
  const [pat, name, from] = [person(), await service.schema(own), await position()];
  const id = await service.document(pat, name, { n: 1 });
  const events = await service.graph.readLog(from);
  expect(await received(pat, events)).toMatchObject([{ documentId: id }]);
  const { db } = service.database.forService<'documentSchema'>('data');
  await db.documentSchema.update({ where: { name }, data: { name: `deleted:${newId()}`, deletedAt: new Date() } });
  expect(await received(pat, events)).toEqual([null]);
  await expect(opening(pat, { schemaName: name })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
