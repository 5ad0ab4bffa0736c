// Figures about documents: what is refused, and that they are those of the documents that the viewer sees.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { type DataService, onEachDatabase, person } from '../../../tests/support/data-service.ts';

let service: DataService;
let schemaName: string;
const groups = [newId(), newId()].sort() as [string, string];
const director = person({ permissions: ['VIEW_DOCUMENTS'] });
const nurse = person({ staff: [{ groupId: groups[0], permissions: ['VIEW_DOCUMENTS'] }] });

const query = `query ($schemaName: String!, $filter: DocumentFilter, $rql: String, $groupBy: [DocumentGroupBy!]! = [],
  $measures: [DocumentMeasure!]! = [], $first: Int! = 100) {
  documentAggregate(schemaName: $schemaName, filter: $filter, rql: $rql, groupBy: $groupBy, measures: $measures, first: $first) {
    complete groups { keys count values }
  }
}`;

async function figures(args: object, viewer = director): Promise<{ complete: boolean; rows: unknown[] }> {
  const { documentAggregate } = await service.ask(viewer, query, { schemaName, ...args });
  const rows = documentAggregate.groups.map(
    ({ keys, count, values }: { keys: unknown; count: number; values: unknown }) => [keys, count, values],
  );
  return { complete: documentAggregate.complete, rows };
}

const by = (field: string, rest: object = {}) => ({ groupBy: [{ field, ...rest }] });
const measure = (name: string, field: string) => ({ measures: [{ function: name, field }] });

onEachDatabase((start) => {
  beforeAll(async () => {
    service = await start();
    const properties = {
      n: { type: 'number' },
      s: { type: 'string' },
      b: { type: 'boolean' },
      at: { type: 'string', format: 'date-time' },
      tags: { type: 'array', items: { type: 'string' } },
      meals: { type: 'array', items: { type: 'object', properties: { kcal: { type: 'number' } } } },
      secret: { type: 'number', queryable: false },
    };
    schemaName = await service.schema({ readMode: 'permissionRequired', properties });
    const schemaId = (await service.ask(director, `{ documentSchema(name: "${schemaName}") { id } }`)).documentSchema
      .id;
    const contents: [object, string[]][] = [
      [{ n: 1, s: 'b', at: '2024-03-31T00:30:00.000Z', tags: ['x', 'y', 'x'] }, [groups[0]]],
      [{ n: 3, s: 'a', at: '2024-03-31T22:30:00.000Z', tags: [] }, [groups[0], groups[1]]],
      [{ n: 'old', s: 5, b: true, at: 'old', tags: 'x' }, [groups[1]]],
      [{ b: false, at: '2024-02-31T00:00:00.000Z', meals: [] }, []],
      [{ n: 1e308, at: '0000-01-01T00:00:00.000Z' }, []],
      [{ n: 1e308, at: '9999-12-31T23:59:59.999Z' }, []],
    ];
    const { db } = service.database.forService<'document'>('data');
    await db.document.createMany({
      data: contents.map(([data, groupIds]) => ({
        id: newId(),
        schemaId,
        creatorId: director.userId,
        userIds: [],
        groupIds,
        status: 'new',
        statusChangedAt: new Date('2024-01-02T03:04:05.006Z'),
        data,
      })),
    });
  });
  afterAll(() => service.close());

  describe('what cannot be computed is refused, naming the place', () => {
    test.each<[string, object, string]>([
      ['an unknown root field', by('owner'), 'groupBy.0.field'],
      ['data itself', by('data'), 'groupBy.0.field'],
      ['objects', by('data.meals'), 'groupBy.0.field'],
      ['what is not queryable', by('data.secret'), 'groupBy.0.field'],
      ['stretches of time of text', by('data.s', { bucket: 'DAY' }), 'groupBy.0.bucket'],
      ['an unknown time zone', by('data.at', { bucket: 'DAY', timeZone: 'Mars/Base' }), 'groupBy.0.timeZone'],
      ['an offset', by('data.at', { bucket: 'DAY', timeZone: '+02:00' }), 'groupBy.0.timeZone'],
      ['too many groupings', { groupBy: Array(4).fill({ field: 'status' }) }, 'groupBy'],
      [
        'a field twice',
        { groupBy: [{ field: 'createdAt' }, { field: 'createdAt', bucket: 'DAY' }] },
        'groupBy.1.field',
      ],
      ['a list twice', { groupBy: Array(3).fill({ field: 'data.tags' }) }, 'groupBy.1.field'],
      [
        'two lists',
        { groupBy: [{ field: 'groupIds' }, { field: 'status' }, { field: 'data.tags' }] },
        'groupBy.2.field',
      ],
      ['too many measures', { measures: Array(11).fill({ function: 'COUNT', field: 'data.n' }) }, 'measures'],
      ['a sum of text', measure('SUM', 'data.s'), 'measures.0.field'],
      ['the mean of moments', measure('AVG', 'data.at'), 'measures.0.field'],
      ['the sum of a root field', measure('SUM', 'createdAt'), 'measures.0.field'],
      ['the least status', measure('MIN', 'status'), 'measures.0.field'],
      ['no groups', { first: 0 }, 'first'],
      ['too many groups', { first: 1_001 }, 'first'],
      ['a bad filter', { filter: { eq: 1 } }, 'filter.field'],
      ['an order in RQL', { rql: 'sort(data.n)' }, 'rql'],
    ])('%s', async (_what, args, field) => {
      expect(await service.refusal(director, query, { schemaName, ...args })).toMatchObject({
        code: 'BAD_USER_INPUT',
        details: { field },
      });
    });

    test('of an unknown schema, or by nobody', async () => {
      expect(await service.refusal(director, query, { schemaName: 'none' })).toMatchObject({ code: 'NOT_FOUND' });
      expect(await service.refusal({}, query, { schemaName })).toMatchObject({ code: 'UNAUTHENTICATED' });
    });
  });

  test('nobody counts what they do not see', async () => {
    expect((await figures({})).rows).toEqual([[[], 6, []]]);
    expect((await figures({}, nurse)).rows).toEqual([[[], 2, []]]);
    expect((await figures({}, person())).rows).toEqual([[[], 0, []]]);
    expect((await figures(by('data.n'), person())).rows).toEqual([]);
  });

  test('values in their order, what has none of the declared type last', async () => {
    const rows = async (field: string) => (await figures(by(field))).rows.map((row) => (row as unknown[]).slice(0, 2));
    expect(await rows('data.n')).toEqual([
      [[1], 1],
      [[3], 1],
      [[1e308], 2],
      [[null], 2],
    ]);
    expect(await rows('data.s')).toEqual([
      [['a'], 1],
      [['b'], 1],
      [[null], 4],
    ]);
    expect(await rows('data.b')).toEqual([
      [[false], 1],
      [[true], 1],
      [[null], 4],
    ]);
    expect(await rows('status')).toEqual([[['new'], 6]]);
    expect(await rows('data.nope')).toEqual([[[null], 6]]);
  });

  test('a document counts for each of its values', async () => {
    const rows = async (field: string) => (await figures(by(field))).rows.map((row) => (row as unknown[]).slice(0, 2));
    expect(await rows('data.tags')).toEqual([
      [['x'], 1],
      [['y'], 1],
      [[null], 5],
    ]);
    expect(await rows('groupIds')).toEqual([
      [[groups[0]], 2],
      [[groups[1]], 2],
      [[null], 3],
    ]);
    expect(await rows('creatorId')).toEqual([[[director.userId], 6]]);
  });

  test('stretches of time begin where the time zone has them begin', async () => {
    const begins = async (rest: object) =>
      (await figures({ filter: { field: 'data.at', like: '2024-03' }, ...by('data.at', rest) })).rows.map(
        (row) => (row as [string[]])[0][0],
      );
    expect(await begins({})).toEqual(['2024-03-31T00:30:00.000Z', '2024-03-31T22:30:00.000Z']);
    expect(await begins({ bucket: 'HOUR' })).toEqual(['2024-03-31T00:00:00.000Z', '2024-03-31T22:00:00.000Z']);
    expect(await begins({ bucket: 'DAY' })).toEqual(['2024-03-31T00:00:00.000Z']);
    // The clocks go forward between the two: the first day begins at +1, the second at +2.
    expect(await begins({ bucket: 'DAY', timeZone: 'Europe/Brussels' })).toEqual([
      '2024-03-30T23:00:00.000Z',
      '2024-03-31T22:00:00.000Z',
    ]);
    expect(await begins({ bucket: 'WEEK' })).toEqual(['2024-03-25T00:00:00.000Z']);
    expect(await begins({ bucket: 'MONTH', timeZone: 'Europe/Brussels' })).toEqual([
      '2024-02-29T23:00:00.000Z',
      '2024-03-31T22:00:00.000Z',
    ]);
  });

  test('text that looks like no moment, or like one that never was, stops nothing', async () => {
    const { rows } = await figures(by('data.at', { bucket: 'MONTH', timeZone: 'America/New_York' }));
    expect(rows.reduce<number>((sum, row) => sum + (row as [unknown, number])[1], 0)).toBe(6);
  });

  test('measures', async () => {
    const names = ['COUNT', 'MIN', 'MAX', 'AVG', 'SUM'];
    const small = { filter: { field: 'data.n', lt: 10 } };
    expect(
      (await figures({ ...small, measures: names.map((name) => ({ function: name, field: 'data.n' })) })).rows,
    ).toEqual([[[], 2, [2, 1, 3, 2, 4]]]);
    const others = [
      ['COUNT', 'data.s'],
      ['COUNT', 'data.meals'],
      ['COUNT', 'data.nope'],
      ['SUM', 'data.nope'],
      ['MIN', 'data.at'],
      ['MAX', 'statusChangedAt'],
    ].map(([name, field]) => ({ function: name, field }));
    expect((await figures({ rql: 'like(data.at,2024-03)', measures: others })).rows).toEqual([
      [[], 2, [2, 0, 0, null, '2024-03-31T00:30:00.000Z', '2024-01-02T03:04:05.006Z']],
    ]);
    // A sum that no number in JavaScript holds.
    expect((await figures(measure('SUM', 'data.n'))).rows).toEqual([[[], 6, [`2${'0'.repeat(307)}4`]]]);
    expect((await figures({ ...measure('SUM', 'data.n'), filter: { field: 'data.n', ge: 1e308 } })).rows).toEqual([
      [[], 2, [`2${'0'.repeat(308)}`]],
    ]);
  });

  test('several keys, and as many groups as asked for', async () => {
    const asked = { groupBy: [{ field: 'groupIds' }, { field: 'data.s' }] };
    const { rows, complete } = await figures(asked);
    expect(complete).toBe(true);
    expect(rows.map((row) => (row as unknown[])[0])).toEqual([
      [groups[0], 'a'],
      [groups[0], 'b'],
      [groups[1], 'a'],
      [groups[1], null],
      [null, null],
    ]);
    expect(await figures({ ...asked, first: 2 })).toEqual({ complete: false, rows: rows.slice(0, 2) });
    expect((await figures({ ...asked, first: 5 })).complete).toBe(true);
  });
});
