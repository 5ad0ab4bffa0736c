// Whatever clients send as RQL or as a filter: an answer or BAD_USER_INPUT, never anything else, and soon.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../../../platform/errors.ts';
import { identityFrom } from '../../../platform/identity/identity.ts';
import { type DataService, person, startDataService } from '../../../tests/support/data-service.ts';
import { declaredPaths, filterProperties, undeclaredPaths } from '../../../tests/support/filter-model.ts';
import type { Db } from '../documents/store.ts';
import type { DocumentSchemaModel } from '../models.ts';
import { findSchemasByName } from '../schemas/store.ts';
import { listDocuments, readListing } from './list-documents.ts';
import { pageSql } from './list-store.ts';

let service: DataService;
let schemaName: string;
let schema: DocumentSchemaModel;
let db: Db;
const viewer = person();
const viewerOfAll = { identity: identityFrom({ ...viewer, permissions: ['VIEW_DOCUMENTS'] }), now: Date.now() };

beforeAll(async () => {
  service = await startDataService();
  schemaName = await service.schema({ readMode: 'allUsers', properties: filterProperties });
  const data = { n: 1, s: 'a', b: true, at: '2020', tags: ['a'], nums: [1], meals: [{ kcal: 1, parts: [{ x: 1 }] }] };
  await service.document(viewer, schemaName, data);
  db = service.database.forService<'document' | 'documentSchema' | 'documentFile'>('data').db;
  schema = (await findSchemasByName(db, [schemaName]))[0] as DocumentSchemaModel; // just made
});
afterAll(() => service.close());

const requests = 10_000;
/** Stands in many values and paths, and never in a statement. */
const marker = 'zq7x';

const fields = [...declaredPaths.data, ...undeclaredPaths, `device.${marker}`, `device.'${marker}`].map(
  (path) => `data.${path}`,
);
const pieces = [
  ...fields,
  ...['id', 'status', 'userIds', 'createdAt', 'owner', 'data', 'kcal', 'parts', 'creationTimestamp'],
  ...['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'in', 'out', 'like', 'contains', 'excludes', 'and', 'or', 'not', 'limit'],
  ...['sort', 'select', 'skipCount', 'toString', '__proto__', '(', '(', '(', ')', ')', ')', ',', ',', ',', '&', '|'],
  ...['=', '!=', '<', '>=', '=gt=', '?', '-', '+', '%', '%27', '%00', '%ff', '%F0%9F%98%80', "'", '"', ';--', '$1'],
  ...['{}', '\\', 'null', 'true', '0', '-1', '1e400', '5e-324', '99999999999999999999', '2020-01-01', '2020-02-31'],
  ...[
    marker,
    `'${marker}`,
    'string:',
    'number:',
    'boolean:',
    'date:',
    'epoch:',
    're:',
    'glob:',
    '\0',
    '\ud800',
    '😀',
    ' ',
    '\n',
  ],
];
const words = fc.array(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...pieces) }, fc.string({ maxLength: 4 })), {
  maxLength: 14,
});
/** Well formed more often than not. */
const { term } = fc.letrec<{ term: string }>((tie) => ({
  term: fc.oneof(
    { depthSize: 'small' },
    fc
      .tuple(
        fc.constantFrom('eq', 'ne', 'gt', 'le', 'in', 'out', 'like', 'contains', 'excludes', 'sort', 'limit', 'select'),
        fc.constantFrom(...pieces),
        fc.array(fc.constantFrom(...pieces), { maxLength: 2 }),
      )
      .map(([operator, field, values]) => `${operator}(${[field, ...values].join(',')})`),
    fc
      .tuple(fc.constantFrom('and', 'or'), fc.array(tie('term'), { maxLength: 3 }))
      .map(([operator, terms]) => `${operator}(${terms.join(',')})`),
    fc.tuple(fc.constantFrom(...fields), tie('term')).map(([field, inner]) => `contains(${field},${inner})`),
  ),
}));
const rqlOf = fc.oneof(
  words.map((list) => list.join('')),
  term,
  fc.array(term, { maxLength: 4 }).map((terms) => terms.join('&')),
);

const value = fc.oneof(
  fc.constantFrom<unknown>(
    marker,
    `'${marker}--`,
    null,
    true,
    0,
    -0,
    5e-324,
    1e308,
    '',
    'a',
    '%',
    '\\',
    "'",
    '\0',
    '\ud800',
    '2020-02-31',
    {},
    [],
  ),
  fc.string({ maxLength: 5 }),
);
const field = fc.constantFrom(...fields, 'id', 'status', 'userIds', 'createdAt', 'kcal', 'x', '', "'", '\0');
const { filter: filterOf } = fc.letrec<{ filter: object }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small' },
    fc.record(
      {
        field,
        eq: value,
        ne: value,
        gt: value,
        le: value,
        in: fc.array(value, { maxLength: 3 }),
        present: fc.boolean(),
      },
      { requiredKeys: ['field'] },
    ),
    fc.record(
      { field, out: fc.array(value, { maxLength: 3 }), like: fc.constantFrom('', '%', '_', '\\', '\0') },
      { requiredKeys: [] },
    ),
    fc.record({ field, contains: tie('filter'), excludes: tie('filter') }, { requiredKeys: ['field'] }),
    fc.record(
      {
        and: fc.array(tie('filter'), { maxLength: 3 }),
        or: fc.array(tie('filter'), { maxLength: 3 }),
        not: tie('filter'),
      },
      { requiredKeys: [] },
    ),
  ),
}));

/** What the client gets: undefined for an answer. */
async function outcomeOf(asked: { rql: string } | { filter: object }): Promise<AppError | undefined> {
  try {
    const listing = readListing({ schemaName, withData: false, ...asked }, schema, viewerOfAll);
    expect(pageSql(listing).text).not.toMatch(marker);
    await listDocuments(db, listing);
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw new Error(`not refused: ${JSON.stringify(asked)}`, { cause: error });
  }
}

test(`${requests} texts as RQL`, async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(rqlOf, async (rql) => {
      const refusal = await outcomeOf({ rql });
      if (refusal === undefined) answered += 1;
      else expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'rql', code: 19 } });
    }),
    { numRuns: requests },
  );
  // The texts are not all nonsense.
  expect(answered).toBeGreaterThan(requests / 20);
}, 240_000);

test(`${requests} filters`, async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(filterOf, async (filter) => {
      const refusal = await outcomeOf({ filter });
      if (refusal === undefined) answered += 1;
      else expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT' });
    }),
    { numRuns: requests },
  );
  expect(answered).toBeGreaterThan(requests / 20);
}, 240_000);
