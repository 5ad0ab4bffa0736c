// From a request to an operation that may be run: what is refused on the way, and what is given away about the schema.
import { describe, expect, test } from '@jest/globals';
import { buildSchema, getIntrospectionQuery } from 'graphql';
import { AppError } from '../../platform/errors.ts';
import { createPersistedQueries } from './persisted-queries.ts';
import { createOperationReader, InvalidOperation } from './read-operation.ts';
import { createFindText } from './stored-documents.ts';

const schema = buildSchema('type Query { patient: String patients: [String!] nested: Query }');
const limits = { depth: 20, tokens: 15_000, aliases: 100, directives: 100, rootFields: 50, cost: 50_000 };

function reader(introspection = true) {
  const findText = createFindText({ persisted: createPersistedQueries(), trusted: undefined, trustedOnly: false });
  return createOperationReader({ findText, schema: () => schema, limits, introspection });
}

async function refusal(query: string, { introspection = true, operationName = undefined as string | undefined } = {}) {
  try {
    await reader(introspection)({ query, operationName });
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, message: error.message, details: error.details };
    if (!(error instanceof InvalidOperation)) throw error;
    const [first] = error.errors;
    return { code: first?.extensions.code, message: first?.message, count: error.errors.length };
  }
}

describe('what is refused', () => {
  test.each([
    ['what is no GraphQL', '{ patient', 'GRAPHQL_PARSE_FAILED'],
    ['what does not fit the schema', '{ doctor }', 'GRAPHQL_VALIDATION_FAILED'],
    ['one of several operations, not named', 'query A { patient } query B { patient }', 'OPERATION_RESOLUTION_FAILURE'],
    ['a document without operations', 'fragment F on Query { patient }', 'GRAPHQL_VALIDATION_FAILED'],
    ['too many tokens', `{ ${'patient '.repeat(15_001)} }`, 'OPERATION_TOO_LARGE'],
    [
      'too many aliases',
      `{ ${Array.from({ length: 101 }, (_, i) => `a${i}: patient`).join(' ')} }`,
      'OPERATION_TOO_LARGE',
    ],
    ['@defer', '{ ... @defer { patient } }', 'BAD_REQUEST'],
    ['@stream', '{ patients @stream }', 'BAD_REQUEST'],
  ])('%s', async (_what, query, code) => {
    expect(await refusal(query)).toMatchObject({ code });
  });

  test('size comes before sense: nothing is validated that is too large', async () => {
    expect(await refusal(`{ ${Array.from({ length: 101 }, (_, i) => `a${i}: doctor`).join(' ')} }`)).toMatchObject({
      code: 'OPERATION_TOO_LARGE',
      details: { limit: 'aliases', most: 100, found: 101 },
    });
    expect(await refusal('{ __typename @aa@aa@aa@aa@aa@aa@aa@aa@aa@aa }')).toMatchObject({
      details: { limit: 'directivesAtOnce' },
    });
  });

  test('tokens are counted while parsing: nothing is read beyond them', async () => {
    const query = `{ ${'patient '.repeat(15_001)} }`;
    expect(await refusal(query)).toMatchObject({ details: { limit: 'tokens', most: 15_000 } });
  });

  test('of many faults, the first few are told', async () => {
    expect(await refusal(`{ ${Array.from({ length: 40 }, (_, i) => `wrong${i}`).join(' ')} }`)).toMatchObject({
      count: 11,
    });
  });

  test('incremental delivery says that it is not supported', async () => {
    expect((await refusal('{ ... @defer { patient } }'))?.message).toMatch(/@defer: .*not delivered in parts/);
  });
});

describe('without introspection', () => {
  test('the schema cannot be read, and fields are not suggested', async () => {
    expect(await refusal(getIntrospectionQuery(), { introspection: false })).toMatchObject({
      code: 'GRAPHQL_VALIDATION_FAILED',
      message: expect.stringMatching(/introspection has been disabled/i),
    });
    expect((await refusal('{ patiens }', { introspection: false }))?.message).not.toMatch(/did you mean|patient"/i);
    expect((await refusal('{ nested { patiens } }'))?.message).toMatch(/Did you mean "patient"/);
    expect(await refusal('{ __typename patient }', { introspection: false })).toBeUndefined();
  });
});

test("GraphiQL's questions pass", async () => {
  expect(await refusal(getIntrospectionQuery({ inputValueDeprecation: true, descriptions: true }))).toBeUndefined();
});
