// Figures about random documents, as SQL in a real database, against a plain computation from those that the viewer sees.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newId } from '../../../platform/ids.ts';
import type {
  AggregatedDocument,
  ModelGroup,
  ModelGrouping,
  ModelMeasure,
} from '../../../tests/support/aggregate-model.ts';
import { modelAggregate } from '../../../tests/support/aggregate-model.ts';
import { type DataService, onEachDatabase, person } from '../../../tests/support/data-service.ts';
import type { ModelFilter } from '../../../tests/support/filter-model.ts';
import { filterProperties, modelMatches } from '../../../tests/support/filter-model.ts';

let service: DataService;
let schemaName: string;
let schemaId: string;

const groupIds = [newId(), newId()];
const creators = [person(), person()];
const director = person({ permissions: ['VIEW_DOCUMENTS'] });
const nurse = person({ staff: [{ groupId: groupIds[0] as string, permissions: ['VIEW_DOCUMENTS'] }] });

/** Quarters: their sums are exact, however they are added up. */
const number = fc.integer({ min: -400, max: 400 }).map((value) => value / 4);
const text = fc.constantFrom('', 'a', 'A', 'b', 'ä', '😀', '\uffee');
const moment = fc
  .date({ min: new Date('2019-12-25T00:00:00Z'), max: new Date('2021-02-01T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString());
/** Around the moments at which clocks change. */
const turning = fc
  .tuple(
    fc.constantFrom(
      '2020-03-29T01:00Z',
      '2020-10-25T01:00Z',
      '2020-03-08T07:00Z',
      '2020-11-01T06:00Z',
      '2020-04-04T15:00Z',
    ),
    fc.integer({ min: -8, max: 8 }),
  )
  .map(([at, quarters]) => new Date(Date.parse(at) + quarters * 900_000).toISOString());
/** Of another type than declared now and then: schemas change, documents stay. */
const or = <T>(usual: fc.Arbitrary<T>) =>
  fc.oneof(
    { weight: 8, arbitrary: usual as fc.Arbitrary<unknown> },
    { weight: 1, arbitrary: fc.constantFrom<unknown>('odd', 7, true, [], {}) },
  );
const dataOf = fc.record(
  {
    n: or(number),
    s: or(text),
    b: or(fc.boolean()),
    at: or(fc.oneof(moment, turning)),
    tags: or(fc.array(or(text), { maxLength: 4 })),
    nums: or(fc.array(or(number), { maxLength: 4 })),
    device: or(fc.record({ model: or(text) }, { requiredKeys: [] })),
  },
  { requiredKeys: [] },
);
const documentOf = fc.record({
  data: dataOf,
  status: fc.constantFrom('new', 'old'),
  creator: fc.constantFrom(...creators),
  groups: fc.subarray(groupIds),
  at: fc.oneof(moment, turning),
});

const fields = ['status', 'creatorId', 'groupIds', 'data.n', 'data.s', 'data.b', 'data.tags', 'data.nums'];
const otherFields = ['data.device.model', 'data.nope', 'data.at', 'statusChangedAt'];
const zones = [
  'UTC',
  'Europe/Brussels',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Kiritimati',
];
const lists = ['groupIds', 'data.tags', 'data.nums'];
const grouping: fc.Arbitrary<ModelGrouping> = fc.oneof(
  fc.record({ field: fc.constantFrom(...fields, ...otherFields) }),
  fc.record({
    field: fc.constantFrom('data.at', 'statusChangedAt'),
    bucket: fc.constantFrom('HOUR', 'DAY', 'WEEK', 'MONTH'),
    timeZone: fc.constantFrom(...zones),
  }),
);
const measure: fc.Arbitrary<ModelMeasure> = fc.oneof(
  fc.record({
    function: fc.constantFrom('COUNT', 'MIN', 'MAX', 'AVG', 'SUM'),
    field: fc.constantFrom('data.n', 'data.nope'),
  }),
  fc.record({
    function: fc.constant('COUNT'),
    field: fc.constantFrom('data.s', 'data.b', 'data.tags', 'data.device.model'),
  }),
  fc.record({ function: fc.constantFrom('MIN', 'MAX'), field: fc.constantFrom('data.at', 'statusChangedAt') }),
);
const filter: fc.Arbitrary<ModelFilter> = fc.oneof(
  fc.constant({}),
  fc.record({ field: fc.constant('data.n'), ge: number }),
  fc.record({ field: fc.constant('data.tags'), ne: text }),
  fc.record({ field: fc.constantFrom('data.s', 'data.at', 'status'), present: fc.boolean() }),
  fc.record({ field: fc.constant('status'), eq: fc.constantFrom('new', 'old') }),
);

interface Asked {
  readonly filter: ModelFilter;
  readonly groupBy: readonly ModelGrouping[];
  readonly measures: readonly ModelMeasure[];
  readonly first: number;
}
const askedOf: fc.Arbitrary<Asked> = fc.record({
  filter,
  groupBy: fc
    .uniqueArray(grouping, { maxLength: 3, selector: ({ field }) => field })
    .filter((groupings) => groupings.filter(({ field }) => lists.includes(field)).length <= 1),
  measures: fc.array(measure, { maxLength: 4 }),
  first: fc.constantFrom(1, 3, 1_000),
});

async function figures(viewer: typeof director, asked: Asked): Promise<{ complete: boolean; groups: ModelGroup[] }> {
  const query = `query ($filter: DocumentFilter, $groupBy: [DocumentGroupBy!]!, $measures: [DocumentMeasure!]!, $first: Int!) {
    documentAggregate(schemaName: "${schemaName}", filter: $filter, groupBy: $groupBy, measures: $measures, first: $first) {
      complete groups { keys count values }
    }
  }`;
  return (await service.ask(viewer, query, { ...asked })).documentAggregate;
}

/** Means are rounded where the database rounds them elsewhere. */
const rounded = (groups: readonly ModelGroup[]) =>
  groups.map(({ keys, count, values }) => ({
    keys,
    count,
    values: values.map((value) => (typeof value === 'number' ? Number(value.toPrecision(12)) : value)),
  }));

onEachDatabase((start) => {
  beforeAll(async () => {
    service = await start();
    schemaName = await service.schema({ readMode: ['creator'], properties: filterProperties });
    schemaId = (await service.ask(director, `{ documentSchema(name: "${schemaName}") { id } }`)).documentSchema.id;
  });
  afterAll(() => service.close());

  test('SQL finds what the plain computation finds, for each viewer', async () => {
    const { db } = service.database.forService<'document'>('data');
    const documents = fc.array(documentOf, { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(documents, fc.array(askedOf, { minLength: 6, maxLength: 6 }), async (contents, questions) => {
        const rows = contents.map(({ data, status, creator, groups, at }) => ({
          id: newId(),
          data: JSON.parse(JSON.stringify(data)),
          columns: { status, creatorId: creator.userId, groupIds: groups, statusChangedAt: at },
        }));
        await db.document.deleteMany({});
        const others = { schemaId, userIds: [] };
        await db.document.createMany({
          data: rows.map(({ id, data, columns }) => ({
            id,
            data,
            ...others,
            ...columns,
            statusChangedAt: new Date(columns.statusChangedAt),
          })),
        });
        const sights: [typeof director, (row: AggregatedDocument) => boolean][] = [
          [director, () => true],
          [nurse, ({ columns }) => (columns.groupIds as string[]).includes(groupIds[0] as string)],
          [creators[0] as typeof director, ({ columns }) => columns.creatorId === creators[0]?.userId],
          [person(), () => false],
        ];
        for (const asked of questions) {
          for (const [viewer, sees] of sights) {
            const chosen = rows.filter((row) => sees(row) && modelMatches(asked.filter, row));
            const expected = modelAggregate(chosen, asked.groupBy, asked.measures);
            const { complete, groups } = await figures(viewer, asked);
            expect({ asked, complete, groups: rounded(groups) }).toEqual({
              asked,
              complete: expected.length <= asked.first,
              groups: rounded(expected.slice(0, asked.first)),
            });
          }
        }
      }),
      { numRuns: 60 },
    );
  }, 300_000);
});
