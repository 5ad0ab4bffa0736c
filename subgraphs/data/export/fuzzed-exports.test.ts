// Whatever stands in the URL of an export: documents, or a refusal as clients may get it.
import { get } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type DataService, startDataService } from '../../../tests/support/data-service.ts';
import { type ExportClient, readLines, startExports } from '../../../tests/support/export-client.ts';
import { type FuzzedDocuments, startFuzzedDocuments } from '../../../tests/support/fuzzed-documents.ts';
import { fuzzedFilters, fuzzedRql, marks } from '../../../tests/support/fuzzed-queries.ts';
import { type FuzzedService, fuzzedService, storedState } from '../../../tests/support/fuzzed-service.ts';
import { hostileJson, hostileText, mutated } from '../../../tests/support/hostile-input.ts';

let service: DataService;
let exports: ExportClient;
let documents: FuzzedDocuments;
let fuzzed: FuzzedService;

beforeAll(async () => {
  service = await startDataService();
  documents = await startFuzzedDocuments(service);
  exports = await startExports(service);
  exports.know(documents.creator);
  fuzzed = fuzzedService(service, marks);
});
afterAll(async () => {
  fuzzed.stop();
  await exports.close();
  await service.close();
});

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** As it stands: `fetch`, and `get` with a whole address, would put the query right and by that make it longer. */
function request(path: string, tries = 2): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${documents.creator.userId}` };
    const { hostname, port } = new URL(exports.url);
    const asked = get({ hostname, port, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    asked.on('error', (error) => {
      // A connection that was kept may be closed in the moment in which it is used again: then another one is taken.
      if (asked.reusedSocket && tries > 1) request(path, tries - 1).then(resolve, reject);
      else reject(error);
    });
  });
}

/** Whether there were documents to read, or none; else it was refused as it should. */
async function isAnswered(path: string): Promise<boolean> {
  const { status, text } = await request(path);
  fuzzed.checkStatements();
  if (status === 200) {
    expect(readLines(text).length).toBeLessThanOrEqual(documents.ids.length);
    return true;
  }
  expect([400, 404]).toContain(status);
  const [{ message, extensions }] = JSON.parse(text).errors;
  expect(['BAD_USER_INPUT', 'BAD_REQUEST', 'NOT_FOUND']).toContain(extensions.code);
  fuzzed.checkMessage(message);
  return false;
}

/** What an address can carry: halves of surrogate pairs cannot be sent. */
const encoded = (text: string) => encodeURIComponent(Buffer.from(text).toString());
const parameter = fc.oneof(
  { weight: 4, arbitrary: fuzzedRql.map((rql) => `rql=${encoded(rql)}`) },
  { weight: 4, arbitrary: fuzzedFilters.map((filter) => `filter=${encoded(JSON.stringify(filter) ?? '')}`) },
  { weight: 1, arbitrary: hostileJson.map((json) => `filter=${encoded(JSON.stringify(json) ?? '')}`) },
  { weight: 1, arbitrary: hostileText.map((text) => `filter=${encoded(text)}`) },
  { weight: 1, arbitrary: fc.tuple(hostileText, hostileText).map((parts) => parts.map(encoded).join('=')) },
);
/** Changed after it was encoded, and so perhaps not encoded as it should be. */
const spoilt = parameter.chain(mutated).map((text) => text.replaceAll(/[^\x21-\x7e]|#/g, '%'));
/** Addresses that are much longer come to no route (HEADERS_TOO_LARGE). */
const longest = 12_000;
const queries = fc
  .oneof(
    { weight: 8, arbitrary: parameter },
    { weight: 1, arbitrary: spoilt },
    { weight: 1, arbitrary: fc.tuple(parameter, parameter).map((both) => both.join('&')) },
  )
  .filter(({ length }) => length < longest);

const minutes = 4 * 60_000;

test(
  '2,000 query strings',
  async () => {
    const before = await storedState(service);
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(queries, async (query) => {
        if (await isAnswered(`/export/documents/${documents.schemaName}?${query}`)) answered += 1;
      }),
      { numRuns: 2_000 },
    );
    expect(answered).toBeGreaterThan(100);
    expect(fuzzed.bound()).toBeGreaterThan(0);
    expect(await storedState(service)).toEqual(before);
  },
  minutes,
);

test(
  '300 names of schemas',
  async () => {
    const names = fc
      .oneof(
        hostileText.map(encoded),
        spoilt.map((text) => text.replaceAll(/[?/]/g, '%')),
      )
      .filter(({ length }) => length < longest);
    await fc.assert(
      fc.asyncProperty(names, async (name) => {
        expect(await isAnswered(`/export/documents/${name}`)).toBe(false);
      }),
      { numRuns: 300 },
    );
  },
  minutes,
);
