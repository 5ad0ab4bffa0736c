// Writers who meet at one document: one of them wins, and nobody's work is lost.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type DataService, onEachDatabase, type Person, person } from '../../../tests/support/data-service.ts';
import { mutations } from '../../../tests/support/document-operations.ts';

let service: DataService;
const properties = { n: { type: 'number' }, texts: { type: 'array', items: { type: 'string' } } };
const own = { properties, readMode: ['creator'], updateMode: ['creator'] };
const task = { type: 'task', functionName: 'once' };
const claim = { name: 'claim', type: 'manual', fromStatuses: ['new'], toStatus: 'claimed', actions: [task] };
const finish = { name: 'finish', type: 'automatic', fromStatuses: ['claimed'], toStatus: 'done' };
const wait = { ...claim, name: 'wait', actions: [{ type: 'delay', time: 60_000 }] };
const statuses = { new: {}, claimed: {}, done: {} };
const contestants = Array.from({ length: 10 }, (_, index) => index);

const versionsOf = (documentId: string) =>
  service.database.forService<'documentVersion'>('data').db.documentVersion.findMany({ where: { documentId } });
const eventTypesOf = async (id: string) =>
  (await service.database.forService<'outboxEvent'>('data').db.outboxEvent.findMany({ orderBy: { seq: 'asc' } }))
    .filter(({ content }) => JSON.stringify(content).includes(id))
    .map(({ type }) => type);
const attempt = (who: Person, mutation: 'transition' | 'update', input: object) =>
  service.graph.execute('data', { query: mutations[mutation], variables: { input }, identity: who });

onEachDatabase((start) => {
  beforeAll(async () => {
    service = await start();
  });
  afterAll(() => service.close());

  test('of many who move a document on, one does; the others find its condition gone', async () => {
    const who = person();
    const id = await service.document(who, await service.schema({ ...own, statuses, transitions: [claim, finish] }));
    const results = await Promise.all(contestants.map(() => attempt(who, 'transition', { id, name: 'claim' })));
    const codes = results
      .map(({ errors }) => (errors?.[0]?.extensions?.details as { code?: number } | undefined)?.code ?? 'won')
      .sort();
    expect(codes).toEqual([...contestants.slice(1).map(() => 26), 'won']);
    expect(await versionsOf(id)).toHaveLength(2);
    expect(await eventTypesOf(id)).toEqual(['document_created', 'document_transitioned', 'task_requested']);
  });

  test('of many who start one that waits, one does; for the others the document is locked', async () => {
    const who = person();
    const id = await service.document(who, await service.schema({ ...own, statuses, transitions: [wait] }));
    const results = await Promise.all(contestants.map(() => attempt(who, 'transition', { id, name: 'wait' })));
    const codes = results.map(({ errors }) => errors?.[0]?.extensions?.code ?? 'won').sort();
    expect(codes).toEqual([...contestants.slice(1).map(() => 'LOCKED_DOCUMENT'), 'won']);
  });

  test('reading, changing and writing back with what is expected loses nothing, however many do it', async () => {
    const who = person();
    const schemaName = await service.schema(own);
    const query = 'query ($id: ID!) { document(id: $id) { version data } }';
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 1, max: 3 }), async (writers, times) => {
        const id = await service.document(who, schemaName, { n: 0, texts: [] });
        const addOne = async (text: string): Promise<void> => {
          for (;;) {
            const { n, texts } = (await service.ask(who, query, { id })).document.data;
            const input = { id, data: { n: n + 1, texts: [...texts, text] }, expected: { field: 'data.n', eq: n } };
            const { errors } = await attempt(who, 'update', input);
            if (errors === undefined) return;
            expect(errors[0]?.extensions).toMatchObject({ code: 'CONFLICT', details: { field: 'input.expected' } });
          }
        };
        const work = async (writer: number): Promise<void> => {
          for (let time = 0; time < times; time += 1) await addOne(`${writer}.${time}`);
        };
        await Promise.all(Array.from({ length: writers }, (_, writer) => work(writer)));
        const { version, data } = (await service.ask(who, query, { id })).document;
        expect(data.n).toBe(writers * times);
        expect(new Set(data.texts).size).toBe(writers * times);
        expect(version).toBe(1 + writers * times);
      }),
      { numRuns: 6 },
    );
  });
});
