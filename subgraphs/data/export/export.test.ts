// Exports over HTTP: who gets which documents in which form, what is refused, and that nothing is read ahead of the
// client.
import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { identityFrom } from '../../../platform/identity/identity.ts';
import { newId } from '../../../platform/ids.ts';
import { type DataService, type Person, person, startDataService } from '../../../tests/support/data-service.ts';
import { type ExportClient, readLines, startExports } from '../../../tests/support/export-client.ts';
import type { DataModel } from '../parts.ts';
import { exportDocuments } from './export-documents.ts';

let service: DataService;
let exports: ExportClient;

beforeAll(async () => {
  service = await startDataService();
  exports = await startExports(service);
});
afterAll(async () => {
  await exports.close();
  await service.close();
});

const database = () => service.database.forService<DataModel>('data');
const definition = {
  readMode: ['creator'],
  properties: { n: { type: 'number' }, text: { type: 'string' }, hidden: { type: 'string', queryable: false } },
};

async function refusal(viewer: Person | undefined, schemaName: string, parameters: Record<string, string> = {}) {
  const answer = await exports.fetch(viewer, schemaName, parameters);
  const { errors } = (await answer.json()) as { errors: { message: string; extensions: object }[] };
  return { status: answer.status, ...errors[0]?.extensions };
}

/** Straight into the table: documents of a creator, with data of this many characters. */
async function fill(schemaName: string, creatorId: string, count: number, characters = 1): Promise<string[]> {
  const { db } = database();
  const { id: schemaId } = await db.documentSchema.findUniqueOrThrow({ where: { name: schemaName } });
  const data = Array.from({ length: count }, (_, n) => ({
    id: newId(),
    schemaId,
    creatorId,
    status: 'new',
    statusChangedAt: new Date(),
    userIds: [],
    groupIds: [],
    data: { n, text: 'x'.repeat(characters) },
  }));
  await db.document.createMany({ data });
  return data.map(({ id }) => id);
}

describe('an export is refused', () => {
  test('anonymously, and to who is not known', async () => {
    const name = await service.schema(definition);
    expect(await refusal(undefined, name)).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    const answer = await fetch(`${exports.url}/export/documents/${name}`, {
      headers: { authorization: 'Bearer none' },
    });
    expect(answer.status).toBe(401);
  });

  test('for a schema that there is not, or no longer is', async () => {
    const notFound = { status: 404, code: 'NOT_FOUND', details: { field: 'schemaName', code: 16 } };
    expect(await refusal(person(), 'none')).toMatchObject(notFound);
    expect(await refusal(person(), encodeURIComponent('a\0b'))).toMatchObject(notFound);
    const name = await service.schema(definition);
    await database().db.documentSchema.update({ where: { name }, data: { deletedAt: new Date() } });
    expect(await refusal(person(), name)).toMatchObject(notFound);
  });

  test.each([
    ['filter', 'x', 'filter'],
    ['filter', '1', 'filter'],
    ['filter', '{"field":"status","equals":"new"}', 'filter'],
    ['filter', '{"and":{"field":"status","eq":"new"}}', 'filter.and'],
    ['filter', '{"and":[{"field":1}]}', 'filter.and.0.field'],
    ['filter', '{"eq":1}', 'filter.field'],
    ['filter', '{"field":"data.n","like":1}', 'filter.like'],
    ['filter', '{"__proto__":{}}', 'filter.__proto__'],
    ['rql', 'eq(', 'rql'],
    ['rql', 'sort(data.n)', 'rql'],
    ['rql', 'limit(1)', 'rql'],
    ['rql', 'select(status)', 'rql'],
    ['filtre', '{}', 'filtre'],
  ])('with %s=%s', async (name, value, field) => {
    const refused = await refusal(person(), await service.schema(definition), { [name]: value });
    expect(refused).toMatchObject({ status: 400, code: 'BAD_USER_INPUT', details: { field } });
  });

  test('with a filter that is nested as deep as a URL can hold', async () => {
    const filter = `${'{"not":'.repeat(500)}{}${'}'.repeat(500)}`;
    const refused = await refusal(person(), await service.schema(definition), { filter });
    expect(refused).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
  });

  test('with a filter given twice, and by another method', async () => {
    const [pat, name] = [person(), await service.schema(definition)];
    exports.know(pat);
    const headers = { authorization: `Bearer ${pat.userId}` };
    const url = `${exports.url}/export/documents/${name}`;
    expect((await fetch(`${url}?filter={}&filter={}`, { headers })).status).toBe(400);
    for (const method of ['POST', 'HEAD', 'DELETE']) expect((await fetch(url, { headers, method })).status).toBe(404);
  });
});

test('a document is a line, with what the schema declares of it', async () => {
  const [pat, userId, groupId, fileId] = [person(), newId(), newId(), newId()];
  const name = await service.schema(definition);
  const id = await service.document(pat, name, { n: 1, hidden: 'shown, but not to be asked for' });
  const { db } = database();
  const data = { n: 1, hidden: 'shown, but not to be asked for', gone: 'no longer declared' };
  await db.document.update({ where: { id }, data: { data, userIds: [userId], groupIds: [groupId] } });
  await db.documentFile.create({ data: { documentId: id, fileId } });
  const answer = await exports.fetch(pat, name);
  expect(answer.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
  expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${name}.ndjson"`);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/);
  expect(readLines(await answer.text())).toEqual([
    {
      id,
      status: 'new',
      statusChangedAt: moment,
      version: 1,
      data: { n: 1, hidden: 'shown, but not to be asked for' },
      creatorId: pat.userId,
      userIds: [userId],
      groupIds: [groupId],
      fileIds: [fileId],
      createdAt: moment,
      updatedAt: moment,
    },
  ]);
});

test('everybody gets the documents that they see, oldest first; nobody else gets any', async () => {
  const [pat, ann, name] = [person(), person(), await service.schema(definition)];
  const [ofPat, ofAnn] = [await fill(name, pat.userId, 3), await fill(name, ann.userId, 2)];
  const idsFor = async (viewer: Person) => (await exports.documents(viewer, name)).map(({ id }) => id);
  expect(await idsFor(pat)).toEqual(ofPat);
  expect(await idsFor(ann)).toEqual(ofAnn);
  expect(await idsFor(person())).toEqual([]);
  expect(await idsFor(person({ permissions: [`VIEW_DOCUMENTS:${name}`] }))).toEqual([...ofPat, ...ofAnn]);
});

test('a filter and RQL choose, both together if both are given', async () => {
  const [pat, name] = [person(), await service.schema(definition)];
  await fill(name, pat.userId, 6);
  const numbers = async (parameters: Record<string, string>) =>
    (await exports.documents(pat, name, parameters)).map(({ data }) => data.n);
  const filter = JSON.stringify({
    or: [
      { field: 'data.n', in: [1, 2] },
      { field: 'data.n', ge: 5 },
    ],
  });
  expect(await numbers({ filter })).toEqual([1, 2, 5]);
  expect(await numbers({ rql: 'gt(data.n,1)' })).toEqual([2, 3, 4, 5]);
  expect(await numbers({ filter, rql: 'gt(data.n,1)' })).toEqual([2, 5]);
  expect(await numbers({ filter: '{}', rql: '' })).toEqual([0, 1, 2, 3, 4, 5]);
});

test('a disabled schema can be exported', async () => {
  const [pat, name] = [person(), await service.schema(definition)];
  const ids = await fill(name, pat.userId, 1);
  await database().db.documentSchema.update({ where: { name }, data: { disabled: true } });
  expect((await exports.documents(pat, name)).map(({ id }) => id)).toEqual(ids);
});

describe('batches', () => {
  async function read(batches: AsyncIterable<string>): Promise<string[][]> {
    const sizes: string[][] = [];
    for await (const batch of batches) sizes.push(readLines(batch).map(({ id }) => id));
    return sizes;
  }

  test('put together are all documents once; larger documents make smaller batches, smaller ones larger', async () => {
    const [pat, name] = [person(), await service.schema(definition)];
    const small = await fill(name, pat.userId, 20);
    const large = await fill(name, pat.userId, 20, 5_000);
    const viewer = async () => ({ identity: identityFrom(pat), now: Date.now() });
    const limits = { first: 2, most: 8, characters: 10_000 };
    const batches = await read(
      exportDocuments(
        { schemaName: name, parameters: {}, reads: database().db, viewer },
        { database: database() },
        limits,
      ),
    );
    expect(batches.flat()).toEqual([...small, ...large]);
    expect(batches.slice(0, 3).map(({ length }) => length)).toEqual([2, 8, 8]);
    expect(batches.slice(4).every(({ length }) => length <= 2)).toBe(true);
  });

  test('hold no more data than fits, however large documents become; a large one is alone', async () => {
    const [pat, name] = [person(), await service.schema(definition)];
    const small = await fill(name, pat.userId, 8);
    const large = await fill(name, pat.userId, 6, 4_000);
    const huge = await fill(name, pat.userId, 2, 30_000);
    const viewer = async () => ({ identity: identityFrom(pat), now: Date.now() });
    const limits = { first: 16, most: 16, characters: 10_000 };
    const batches = await read(
      exportDocuments(
        { schemaName: name, parameters: {}, reads: database().db, viewer },
        { database: database() },
        limits,
      ),
    );
    expect(batches.flat()).toEqual([...small, ...large, ...huge]);
    const size = (id: string) => (huge.includes(id) ? 30_000 : large.includes(id) ? 4_000 : 1);
    const bytes = batches.filter(({ length }) => length > 1).map((ids) => ids.reduce((sum, id) => sum + size(id), 0));
    expect(Math.max(...bytes)).toBeLessThanOrEqual(limits.characters);
  });

  test('are decided on each for itself: who may no longer see the rest does not get it', async () => {
    const [pat, name] = [person(), await service.schema(definition)];
    const ids = await fill(name, pat.userId, 9);
    const permissions = [['VIEW_DOCUMENTS'], ['VIEW_DOCUMENTS'], []];
    const viewer = async () => ({
      identity: identityFrom({ userId: newId(), permissions: permissions.shift() ?? [] }),
      now: Date.now(),
    });
    const limits = { first: 3, most: 3, characters: 1e6 };
    const batches = await read(
      exportDocuments(
        { schemaName: name, parameters: {}, reads: database().db, viewer },
        { database: database() },
        limits,
      ),
    );
    expect(batches.flat()).toEqual(ids.slice(0, 6));
  });
});

describe('a long export', () => {
  /** More than sockets hold: some 30 batches of a megabyte. */
  async function longExport() {
    const [pat, name] = [person(), await service.schema(definition)];
    for (let part = 0; part < 6; part += 1) await fill(name, pat.userId, 100, 50_000);
    let batches = 0;
    exports.know({
      ...pat,
      // Asked for with each batch.
      get permissions() {
        batches += 1;
        return [];
      },
    });
    const asked = request(`${exports.url}/export/documents/${name}`, {
      headers: { authorization: `Bearer ${pat.userId}` },
    });
    asked.on('error', () => undefined).end();
    const [answer] = await once(asked, 'response');
    return { pat, name, asked, answer, batches: () => batches };
  }

  async function standsStill(batches: () => number): Promise<number> {
    for (let before = -1; before !== batches(); ) {
      before = batches();
      await pause(500);
    }
    return batches();
  }

  test('is read no faster than the client takes it, and to its end when it does', async () => {
    const { answer, batches } = await longExport();
    expect(await standsStill(batches)).toBeLessThan(20);
    let text = '';
    for await (const chunk of answer.setEncoding('utf8')) text += chunk;
    expect(readLines(text)).toHaveLength(600);
    expect(batches()).toBeGreaterThan(25);
  }, 300_000);

  test('stops when the client goes away', async () => {
    const { asked, answer, batches } = await longExport();
    answer.on('error', () => undefined);
    const before = await standsStill(batches);
    asked.destroy();
    expect(await standsStill(batches)).toBeLessThanOrEqual(before + 2);
  }, 300_000);

  test('is broken off, not ended, when it cannot go on', async () => {
    const { pat, answer, batches } = await longExport();
    await standsStill(batches);
    exports.forget(pat);
    await expect(
      (async () => {
        for await (const _ of answer);
      })(),
    ).rejects.toMatchObject({ code: 'ECONNRESET' });
  }, 300_000);
});
