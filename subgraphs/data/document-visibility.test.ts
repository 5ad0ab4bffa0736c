// Every path to documents shows a viewer the same ones: those that the plain model of the rules says. By id, in lists,
// counts and filters, as references, under users and groups, in the subscription, and through their files.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LogEvent } from '../../platform/events/event.ts';
import { newId } from '../../platform/ids.ts';
import type { DataService } from '../../tests/support/data-service.ts';
import { onEachDatabase } from '../../tests/support/data-service.ts';
import type { ModelDocument, ModelIdentity, ModelSchema } from '../../tests/support/document-model.ts';
import { anyDocument, anyIdentity, modelGroups, modelMay, modelUsers } from '../../tests/support/document-model.ts';
import { documentEvent } from './events.ts';

const now = Date.UTC(2026, 0, 1);
const modes: ModelSchema['mode'][] = [
  'allUsers',
  'permissionRequired',
  [],
  ['creator'],
  ['linkedUsers'],
  ['linkedGroupStaff'],
  ['linkedGroupPatients'],
  ['creator', 'linkedGroupStaff', 'linkedGroupPatients'],
];

let service: DataService;
let schemas: ModelSchema[];

/** Straight into the tables: who made them and how is not the question here. Each document has a file with its own id. */
async function replaceDocuments(documents: readonly ModelDocument[]): Promise<void> {
  const { db } = service.database.forService<'document' | 'documentFile'>('data');
  await db.document.deleteMany({});
  const rest = { status: 'new', statusChangedAt: new Date(now), data: {} };
  await db.document.createMany({ data: documents.map((document) => ({ ...document, ...rest })) });
  await db.documentFile.createMany({ data: documents.map(({ id }) => ({ documentId: id, fileId: id })) });
}

const idsOf = (nodes: readonly { id: string }[]): string[] => nodes.map(({ id }) => id).sort();

async function shownInLists(who: ModelIdentity, documents: readonly ModelDocument[]) {
  const shown: { schema: ModelSchema; list: string[]; count: number; filtered: string[] }[] = [];
  for (const schema of schemas) {
    const answer = await service.ask(
      who,
      `query ($name: String!, $ids: [JSON]) {
        list: documents(schemaName: $name) { totalCount nodes { id } }
        filtered: documents(schemaName: $name, filter: { field: "id", in: $ids }) { nodes { id } }
      }`,
      { name: schema.name, ids: documents.map(({ id }) => id) },
    );
    const { list, filtered } = answer;
    shown.push({ schema, list: idsOf(list.nodes), count: list.totalCount, filtered: idsOf(filtered.nodes) });
  }
  return shown;
}

async function shownById(who: ModelIdentity, documents: readonly ModelDocument[]) {
  const fields = documents.map(({ id }, index) => `d${index}: document(id: "${id}") { id }`);
  const byId = documents.length === 0 ? {} : await service.ask(who, `{ ${fields.join(' ')} }`);
  const { _entities } = await service.ask(
    who,
    'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Document { id } } }',
    { representations: documents.map(({ id }) => ({ __typename: 'Document', id })) },
  );
  const there = (entities: unknown[]) => idsOf(entities.filter((entity): entity is { id: string } => entity !== null));
  return { byId: there(Object.values(byId)), entities: there(_entities) };
}

async function shownUnder(who: ModelIdentity, typename: 'User' | 'Group', schema: ModelSchema) {
  const ids = typename === 'User' ? modelUsers : modelGroups;
  const { _entities } = await service.ask(
    who,
    `query ($representations: [_Any!]!, $name: String!) { _entities(representations: $representations) {
      ... on ${typename} { id documents(schemaName: $name) { totalCount nodes { id } } }
    } }`,
    { representations: ids.map((id) => ({ __typename: typename, id })), name: schema.name },
  );
  return new Map<string, { count: number; list: string[] }>(
    _entities.map((entity: { id: string; documents: { totalCount: number; nodes: { id: string }[] } }) => [
      entity.id,
      { count: entity.documents.totalCount, list: idsOf(entity.documents.nodes) },
    ]),
  );
}

async function shownLive(who: ModelIdentity, documents: readonly ModelDocument[]): Promise<string[]> {
  const events = documents.map((document, index): LogEvent => {
    const rest = {
      status: 'new',
      statusChangedAt: new Date(now),
      data: {},
      createdAt: new Date(now),
      updatedAt: new Date(now),
    };
    const { type, content, access } = documentEvent('document_updated', { ...document, ...rest }, 'any');
    return {
      id: newId(),
      position: BigInt(index + 1),
      service: 'data',
      type,
      content,
      access: access ?? null,
      createdAt: new Date(now),
    };
  });
  const query = 'subscription { documentChanged { documentId document { id } } }';
  const results = await service.graph.executeEvents('data', { query, identity: who, events });
  const changes = results.flatMap((result) => (result === null ? [] : [result.data.documentChanged]));
  for (const { documentId, document } of changes) expect(document.id).toBe(documentId);
  return changes.map(({ documentId }) => documentId).sort();
}

async function shownFiles(who: ModelIdentity, documents: readonly ModelDocument[]) {
  const query = 'query ($ids: [ID!]!) { visibleLinkedFiles(fileIds: $ids) linkedFileIds(first: 1000) }';
  const variables = { ids: documents.map(({ id }) => id) };
  const { data } = await service.graph.execute('data', { query, variables, identity: who, service: 'files' });
  return { asked: [...data.visibleLinkedFiles].sort(), listed: [...data.linkedFileIds].sort() };
}

onEachDatabase((start) => {
  beforeAll(async () => {
    service = await start({ now: () => now });
    schemas = [];
    for (const mode of modes) {
      const name = await service.schema({ readMode: mode, maximumLimit: 1_000, defaultLimit: 1_000 });
      const { documentSchema } = await service.ask({ userId: newId() }, `{ documentSchema(name: "${name}") { id } }`);
      schemas.push({ id: documentSchema.id, name, mode });
    }
  });
  afterAll(() => service.close());

  test('every path shows the same documents', async () => {
    const permissions = ['VIEW_DOCUMENTS', 'UPDATE_DOCUMENTS', ...schemas.map(({ name }) => `VIEW_DOCUMENTS:${name}`)];
    const documentsOf = fc.array(anyDocument(schemas.map(({ id }) => id)), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(documentsOf, anyIdentity(permissions, now), async (documents, who) => {
        await replaceDocuments(documents);
        const visible = documents.filter((document) => {
          const schema = schemas.find(({ id }) => id === document.schemaId) as ModelSchema;
          return modelMay(who, document, schema, { permission: 'VIEW_DOCUMENTS', now });
        });
        const expected = idsOf(visible);
        for (const { schema, list, count, filtered } of await shownInLists(who, documents)) {
          const own = idsOf(visible.filter(({ schemaId }) => schemaId === schema.id));
          expect({ list, count, filtered }).toEqual({ list: own, count: own.length, filtered: own });
        }
        expect(await shownById(who, documents)).toEqual({ byId: expected, entities: expected });
        expect(await shownLive(who, documents)).toEqual(expected);
        expect(await shownFiles(who, documents)).toEqual({ asked: expected, listed: expected });
        const schema = schemas.find(({ id }) => id === documents[0]?.schemaId) as ModelSchema;
        const ofSchema = visible.filter(({ schemaId }) => schemaId === schema.id);
        for (const [id, { count, list }] of await shownUnder(who, 'User', schema)) {
          const own = idsOf(ofSchema.filter(({ creatorId, userIds }) => creatorId === id || userIds.includes(id)));
          expect({ count, list }).toEqual({ count: own.length, list: own });
        }
        for (const [id, { count, list }] of await shownUnder(who, 'Group', schema)) {
          const own = idsOf(ofSchema.filter(({ groupIds }) => groupIds.includes(id)));
          expect({ count, list }).toEqual({ count: own.length, list: own });
        }
      }),
      { numRuns: 40 },
    );
  }, 180_000);
});
