// Whatever writers say they expect of a document: the change is done, or refused as it should be, and then nothing is.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type DataService, startDataService } from '../../../tests/support/data-service.ts';
import { mutations } from '../../../tests/support/document-operations.ts';
import { type FuzzedDocuments, startFuzzedDocuments } from '../../../tests/support/fuzzed-documents.ts';
import { fuzzedFilters, fuzzedRql, marks } from '../../../tests/support/fuzzed-queries.ts';
import { type FuzzedService, fuzzedService, storedState } from '../../../tests/support/fuzzed-service.ts';
import { hostileJson, hostileText } from '../../../tests/support/hostile-input.ts';

let service: DataService;
let documents: FuzzedDocuments;
let fuzzed: FuzzedService;

beforeAll(async () => {
  service = await startDataService();
  documents = await startFuzzedDocuments(service);
  fuzzed = fuzzedService(service, marks);
});
afterAll(async () => {
  fuzzed.stop();
  await service.close();
});

const codes = ['BAD_USER_INPUT', 'CONFLICT', 'NOT_FOUND'];

/** What became of the change. */
async function send(input: object, query: string = mutations.update): Promise<string> {
  const { code = 'done' } = await fuzzed.ask({ query, variables: { input } }, { viewer: documents.creator, codes });
  return code;
}

interface Sending<T> {
  readonly times: number;
  readonly inputOf: (input: T, id: string) => object;
  readonly query?: string;
}

/** What the answers are that came, each at least once. Who is refused has changed nothing. */
async function outcomes<T>(inputs: fc.Arbitrary<T>, { times, inputOf, query }: Sending<T>): Promise<Set<string>> {
  const seen = new Set<string>();
  let refusals = 0;
  let before = await storedState(service);
  const id = fc.constantFrom(...documents.ids);
  await fc.assert(
    fc.asyncProperty(inputs, id, async (input, document) => {
      const outcome = await send(inputOf(input, document), query);
      seen.add(outcome);
      refusals = outcome === 'done' ? 0 : refusals + 1;
      // Looked at now and then, for it takes as long as many changes.
      if (outcome === 'done') before = undefined;
      else if (before === undefined) before = await storedState(service);
      else if (refusals % 20 === 0) expect(await storedState(service)).toEqual(before);
    }),
    { numRuns: times },
  );
  return seen;
}

const minutes = 4 * 60_000;

test(
  '1,000 filters as `expected`',
  async () => {
    const inputOf = (expected: unknown, id: string) => ({ id, data: { n: 73579113 }, expected });
    expect(await outcomes(fuzzedFilters, { times: 1_000, inputOf })).toEqual(
      new Set(['done', 'BAD_USER_INPUT', 'CONFLICT']),
    );
  },
  minutes,
);

test(
  '1,000 texts as `expectedRql`',
  async () => {
    const inputOf = (expectedRql: string, id: string) => ({ id, data: { s: 'zq7x' }, expectedRql });
    expect(await outcomes(fuzzedRql, { times: 1_000, inputOf })).toEqual(
      new Set(['done', 'BAD_USER_INPUT', 'CONFLICT']),
    );
    expect(fuzzed.bound()).toBeGreaterThan(0);
  },
  minutes,
);

test(
  '1,000 contents',
  async () => {
    const inputOf = (data: unknown, id: string) => ({ id, data });
    const some = fc.oneof(hostileText, hostileJson, fc.double(), fc.constant(1e308), fc.constant('zq7x'));
    const names = fc.constantFrom(
      'n',
      's',
      'b',
      'at',
      'tags',
      'nums',
      'meals',
      'device',
      'toString',
      '__proto__',
      'then',
    );
    const contents = fc.oneof(
      hostileJson,
      fc.array(fc.tuple(names, some), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)),
      hostileJson.map((meal) => ({ meals: [meal] })),
      fc.tuple(hostileText, hostileText).map((entry) => ({ device: Object.fromEntries([entry]) })),
    );
    expect(await outcomes(contents, { times: 1_000, inputOf })).toEqual(new Set(['done', 'BAD_USER_INPUT']));
  },
  minutes,
);

test(
  '500 ids and paths of what is to change',
  async () => {
    const text = fc.oneof(
      hostileText,
      fc.constantFrom('meals', 'meals.0', 'device', 'device.zq7x', 'tags', 'n.x', 'zq7x'),
    );
    const fields = fc.array(text, { minLength: 1, maxLength: 3 });
    await outcomes(fields, {
      times: 200,
      query: mutations.deleteFields,
      inputOf: (given, id) => ({ id, fields: given }),
    });
    await outcomes(fc.tuple(text, hostileText, hostileJson), {
      times: 200,
      query: mutations.updateItem,
      inputOf: ([path, itemId, item], id) => ({ id, path, itemId, item }),
    });
    const seen = await outcomes(hostileText, { times: 100, inputOf: (id) => ({ id, data: {} }) });
    expect(seen).not.toContain('done');
  },
  minutes,
);
