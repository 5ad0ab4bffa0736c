// The policy of an operation: Apollo's rules, case by case.
import { describe, expect, test } from '@jest/globals';
import { buildSchema, type DocumentNode, getOperationAST, parse } from 'graphql';
import { readCacheHints } from './cache-hints.ts';
import type { CachePolicy } from './cache-policy.ts';
import { cachePolicy } from './cache-policy.ts';

const definitions = `
  directive @cacheControl(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean)
    on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
  directive @onEvents(types: [String!]!) on FIELD_DEFINITION
  enum CacheControlScope { PUBLIC PRIVATE }
`;
const books = `
  type Query {
    book: Book
    cachedBook: Book @cacheControl(maxAge: 60)
    privateBook: Book @cacheControl(maxAge: 60, scope: PRIVATE)
    inheriting: Book @cacheControl(inheritMaxAge: true)
    reader: Reader @cacheControl(maxAge: 40)
    typed: Typed
    typedLess: Typed @cacheControl(maxAge: 10)
    typedPublic: TypedPrivate @cacheControl(scope: PUBLIC)
    typedPrivate: TypedPrivate
    page: Page @cacheControl(maxAge: 30) @onEvents(types: ["book_added", "book_removed"])
    other: Page @cacheControl(maxAge: 30) @onEvents(types: ["author_added"])
    anyOf: Any @cacheControl(maxAge: 30) @onEvents(types: ["*"])
    node: Node @cacheControl(maxAge: 30)
    number: Int
    cachedNumber: Int @cacheControl(maxAge: 20)
    books: [Book!]! @cacheControl(maxAge: 60)
  }
  type Mutation { write: Book @cacheControl(maxAge: 60) }
  type Book {
    title: String
    secret: String @cacheControl(scope: PRIVATE)
    short: String @cacheControl(maxAge: 5)
    author: Author
    cachedAuthor: Author @cacheControl(maxAge: 50)
    followingAuthor: Author @cacheControl(inheritMaxAge: true)
    typed: Typed
  }
  type Author { name: String }
  type Reader @cacheControl(inheritMaxAge: true) { book: Book name: String reader: Reader }
  type Typed @cacheControl(maxAge: 100) { name: String }
  type TypedPrivate @cacheControl(maxAge: 100, scope: PRIVATE) { name: String }
  type Page @cacheControl(inheritMaxAge: true) { nodes: [Reader!] typed: Typed total: Int }
  interface Node @cacheControl(inheritMaxAge: true) { id: ID first: Reader }
  type A implements Node { id: ID first: Reader a: String }
  type B implements Node { id: ID @cacheControl(maxAge: 7) first: Reader b: Author }
  union Any @cacheControl(inheritMaxAge: true) = A | B
`;
const schema = buildSchema(`${definitions}${books}`);
const hints = readCacheHints([{ name: 'books', sdl: `${definitions}${books}` }]);

function policyOf(query: string, given = hints): CachePolicy {
  const document: DocumentNode = parse(query);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('the test has one operation');
  return cachePolicy(given, { schema, document, operation });
}

describe('how long, and for whom', () => {
  test.each([
    ['a root field without a hint', '{ book { title } }', 0, false],
    ['a root field that is a scalar, without a hint', '{ number }', 0, false],
    ['a root field that is a scalar, with one', '{ cachedNumber }', 20, false],
    ['scalars inherit', '{ cachedBook { title } }', 60, false],
    ['a scalar with less', '{ cachedBook { title short } }', 5, false],
    ['an object below without a hint', '{ cachedBook { author { name } } }', 0, false],
    ['an object below with a hint', '{ cachedBook { cachedAuthor { name } } }', 50, false],
    ['an object below that inherits', '{ cachedBook { followingAuthor { name } } }', 60, false],
    ['an object below whose type has a hint', '{ cachedBook { typed { name } } }', 60, false],
    ['a type that inherits, twice', '{ reader { reader { name } } }', 40, false],
    ['what inherits ends where something does not', '{ reader { book { title } } }', 0, false],
    ['a root field that inherits has nothing to inherit', '{ inheriting { title } }', 0, false],
    ['a root field whose type has a hint', '{ typed { name } }', 100, false],
    ['a field goes before its type', '{ typedLess { name } }', 10, false],
    ['one private field', '{ cachedBook { secret } }', 60, true],
    ['a private root field', '{ privateBook { title } }', 60, true],
    ['a private type', '{ typedPrivate { name } }', 100, true],
    ['a field says otherwise of the scope than its type', '{ typedPublic { name } }', 100, false],
    ['the least of several root fields', '{ cachedBook { title } cachedNumber }', 20, false],
    ['one root field without a hint', '{ cachedBook { title } number }', 0, false],
    ['lists are as what they hold', '{ books { title } }', 60, false],
    ['a fragment', '{ cachedBook { ...F } } fragment F on Book { short }', 5, false],
    ['an inline fragment', '{ ... on Query { cachedBook { ... { short } } } }', 5, false],
    ['what is skipped counts', '{ cachedBook { title short @skip(if: true) } }', 5, false],
    ['an alias', '{ x: cachedBook { y: short } }', 5, false],
    ['an interface: each implementation', '{ node { id } }', 7, false],
    ['a type of an interface by itself', '{ node { ... on A { id } } }', 30, false],
    ['an implementation with an object without a hint', '{ node { ... on B { b { name } } } }', 0, false],
    ['a union', '{ anyOf { ... on A { a } } }', 30, false],
    ['the name of a type does not matter', '{ __typename cachedBook { __typename } }', 60, false],
    ['nothing but what GraphQL answers', '{ __typename }', 0, false],
    ['a fragment at the root', 'query { ...R } fragment R on Query { book { title } }', 0, false],
  ])('%s', (_what, query, maxAge, isPrivate) => {
    expect(policyOf(query)).toMatchObject({ maxAge, isPrivate });
  });

  test('where several services speak of one type, all of it holds', () => {
    const other = `${definitions} type Book @cacheControl(maxAge: 3, scope: PRIVATE) { isbn: ID }
      type Reader @cacheControl(maxAge: 100) { isbn: ID }`;
    const both = readCacheHints([
      { name: 'books', sdl: `${definitions}${books}` },
      { name: 'numbers', sdl: other },
    ]);
    expect(policyOf('{ book { title } }', both)).toMatchObject({ maxAge: 3, isPrivate: true });
    expect(policyOf('{ cachedBook { title } }', both)).toMatchObject({ maxAge: 60, isPrivate: true });
    expect(policyOf('{ reader { reader { name } } }', both)).toMatchObject({ maxAge: 40, isPrivate: false });
  });
});

describe('what ends it', () => {
  test.each([
    ['the events of the field', '{ page { total } }', ['book_added', 'book_removed']],
    ['what inherits is of the field', '{ page { nodes { name } } }', ['book_added', 'book_removed']],
    ['of all fields at the root', '{ page { total } other { total } }', ['author_added', 'book_added', 'book_removed']],
    ['everything, where one names none', '{ page { total } cachedNumber }', undefined],
    ['everything, where all are named', '{ anyOf { __typename } }', undefined],
    ['everything, where something has a hint of its own', '{ page { typed { name } } }', undefined],
  ])('%s', (_what, query, topics) => {
    expect(policyOf(query)).toMatchObject({ services: ['books'], topics });
  });
});
