// Whatever clients send to ask for documents: an answer or BAD_USER_INPUT, never anything else, and soon.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type DataService, startDataService } from '../../../tests/support/data-service.ts';
import { type FuzzedDocuments, startFuzzedDocuments } from '../../../tests/support/fuzzed-documents.ts';
import { fuzzedFigures, fuzzedFilters, fuzzedPages, fuzzedRql, marks } from '../../../tests/support/fuzzed-queries.ts';
import { type FuzzedService, fuzzedService, storedState } from '../../../tests/support/fuzzed-service.ts';

let service: DataService;
let documents: FuzzedDocuments;
let fuzzed: FuzzedService;
let before: unknown;

beforeAll(async () => {
  service = await startDataService();
  documents = await startFuzzedDocuments(service);
  before = await storedState(service);
  fuzzed = fuzzedService(service, marks);
});
afterAll(async () => {
  fuzzed.stop();
  await service.close();
});

const declared = `$schemaName: String!, $filter: DocumentFilter, $rql: String`;
const selected = 'schemaName: $schemaName, filter: $filter, rql: $rql';
const queries = {
  page: `query (${declared}, $orderBy: [DocumentOrder!], $first: Int, $last: Int, $after: String, $before: String) {
    documents(${selected}, orderBy: $orderBy, first: $first, last: $last, after: $after, before: $before) {
      nodes { id data } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    } }`,
  count: `query (${declared}) { documents(${selected}, first: 0) { totalCount } }`,
  under: `query (${declared}, $who: [_Any!]!) { _entities(representations: $who) {
    ... on User { documents(${selected}) { totalCount nodes { id } } }
    ... on Group { documents(${selected}) { nodes { id } } } } }`,
  figures: `query (${declared}, $groupBy: [DocumentGroupBy!]! = [], $measures: [DocumentMeasure!]! = [], $first: Int! = 9) {
    documentAggregate(${selected}, groupBy: $groupBy, measures: $measures, first: $first) {
      complete groups { keys count values } } }`,
};
type Query = keyof typeof queries;
const anyQuery = fc.constantFrom<Query>('page', 'page', 'count', 'under', 'figures');

/** Whether it was answered; else it was refused as it should. */
async function isAnswered(query: Query, given: object): Promise<boolean> {
  const { schemaName, creator } = documents;
  const who = ['User', 'Group'].map((__typename) => ({ __typename, id: creator.userId }));
  const variables = { schemaName, ...(query === 'under' ? { who } : {}), ...given };
  const { code } = await fuzzed.ask(
    { query: queries[query], variables },
    { viewer: creator, codes: ['BAD_USER_INPUT'] },
  );
  return code === undefined;
}

/** Each of so many inputs is asked once. `least`: the part of them that is not nonsense. */
async function runs<T>(
  inputs: fc.Arbitrary<T>,
  { times, least }: { times: number; least: number },
  ask: (input: T) => Promise<boolean>,
) {
  let answered = 0;
  const boundBefore = fuzzed.bound();
  await fc.assert(
    fc.asyncProperty(inputs, async (input) => {
      if (await ask(input)) answered += 1;
    }),
    { numRuns: times },
  );
  expect(answered).toBeGreaterThan(times * least);
  expect(fuzzed.bound() - boundBefore).toBeGreaterThan(0);
  fuzzed.checkStatements();
  expect(await storedState(service)).toEqual(before);
}

const minutes = 4 * 60_000;

test(
  '5,000 texts as RQL',
  async () => {
    await runs(fc.tuple(anyQuery, fuzzedRql), { times: 5_000, least: 1 / 20 }, ([query, rql]) =>
      isAnswered(query, { rql }),
    );
  },
  minutes,
);

test(
  '5,000 filters',
  async () => {
    await runs(fc.tuple(anyQuery, fuzzedFilters), { times: 5_000, least: 1 / 20 }, ([query, filter]) =>
      isAnswered(query, { filter }),
    );
  },
  minutes,
);

test(
  '2,000 orders, sizes of pages and cursors',
  async () => {
    await runs(fuzzedPages, { times: 2_000, least: 1 / 10 }, (page) => isAnswered('page', page));
  },
  minutes,
);

test(
  '2,000 groupings and measures',
  async () => {
    await runs(fuzzedFigures, { times: 2_000, least: 1 / 10 }, (figures) => isAnswered('figures', figures));
  },
  minutes,
);
