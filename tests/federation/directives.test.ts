// Every directive of federation that the planner supports, in examples after Apollo's documentation
// (https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/directives): small subgraphs with
// data of their own, composed, and asked through the executor.
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLResolverMap } from '@apollo/subgraph/dist/schema-helper/index.js';
import { describe, expect, test } from '@jest/globals';
import { execute, parse } from 'graphql';
import { compose } from '../../gateway/compose.ts';
import { createExecutor } from '../../gateway/execution/executor.ts';

interface Example {
  readonly name: string;
  readonly subgraphs: Readonly<Record<string, { readonly sdl: string; readonly resolvers: Resolvers }>>;
  readonly query: string;
  readonly data: unknown;
  /** Which subgraphs are asked, in order. */
  readonly asked: readonly string[];
}

type Resolvers = Record<string, Record<string, unknown>>;

const importable = [
  ...['@key', '@requires', '@provides', '@external', '@tag', '@extends', '@shareable', '@inaccessible', '@override'],
  ...['@composeDirective', '@interfaceObject', '@cost', '@listSize'],
];
const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ${JSON.stringify(importable)})\n`;

/** What an entity of this type is where only its key is known. */
const stub = (reference: object) => reference;

const products = [
  { upc: 'a', sku: 'A-1', name: 'Scale', price: 30, weight: 2, dimensions: { size: 'small', weight: 2.5 } },
  { upc: 'b', sku: 'B-2', name: 'Bed', price: 900, weight: 80, dimensions: { size: 'large', weight: 80.5 } },
];
const productBy = (reference: { upc?: string; sku?: string }) =>
  products.find(({ upc, sku }) => upc === reference.upc || sku === reference.sku);

const examples: readonly Example[] = [
  {
    name: '@key: an entity is resolved where another subgraph refers to it',
    subgraphs: {
      products: {
        sdl: 'type Query { topProducts: [Product!]! } type Product @key(fields: "upc") { upc: ID! name: String }',
        resolvers: { Query: { topProducts: () => products }, Product: { __resolveReference: productBy } },
      },
      reviews: {
        sdl: `type Query { reviews: [Review!]! } type Review { body: String product: Product }
              type Product @key(fields: "upc", resolvable: false) { upc: ID! }`,
        resolvers: { Query: { reviews: () => [{ body: 'Exact', product: { upc: 'a' } }] } },
      },
    },
    query: '{ reviews { body product { upc name } } }',
    data: { reviews: [{ body: 'Exact', product: { upc: 'a', name: 'Scale' } }] },
    asked: ['reviews', 'products'],
  },
  {
    name: '@key, several and compound: one subgraph is reached by a key that the other can make',
    subgraphs: {
      catalogue: {
        sdl: `type Query { product: Product } type Product @key(fields: "upc") @key(fields: "sku brand { id }") {
              upc: ID! sku: String! brand: Brand! } type Brand @shareable { id: ID! }`,
        resolvers: { Query: { product: () => ({ ...products[1], brand: { id: 'x' } }) } },
      },
      stock: {
        sdl: `type Product @key(fields: "sku brand { id }") { sku: String! brand: Brand! inStock: Boolean }
              type Brand @shareable { id: ID! }`,
        resolvers: {
          Product: {
            __resolveReference: ({ sku, brand }: { sku: string; brand: { id: string } }) => ({
              sku,
              brand,
              inStock: sku === 'B-2' && brand.id === 'x',
            }),
          },
        },
      },
    },
    query: '{ product { upc inStock } }',
    data: { product: { upc: 'b', inStock: true } },
    asked: ['catalogue', 'stock'],
  },
  {
    name: '@shareable: whichever subgraph is at hand answers',
    subgraphs: {
      positions: {
        sdl: 'type Query { here: Position @shareable } type Position @shareable { x: Int! y: Int! }',
        resolvers: { Query: { here: () => ({ x: 1, y: 2 }) } },
      },
      maps: {
        sdl: 'type Query { map: Map } type Map { centre: Position name: String } type Position @shareable { x: Int! y: Int! }',
        resolvers: { Query: { map: () => ({ name: 'Ward', centre: { x: 3, y: 4 } }) } },
      },
    },
    query: '{ map { name centre { x y } } }',
    data: { map: { name: 'Ward', centre: { x: 3, y: 4 } } },
    asked: ['maps'],
  },
  {
    name: '@external and @requires, nested: what a field needs is fetched first',
    subgraphs: {
      products: {
        sdl: `type Query { product: Product } type Product @key(fields: "upc") { upc: ID! dimensions: Dimensions weight: Int }
              type Dimensions { size: String weight: Float }`,
        resolvers: { Query: { product: () => products[0] }, Product: { __resolveReference: productBy } },
      },
      shipping: {
        sdl: `type Product @key(fields: "upc") { upc: ID! dimensions: Dimensions @external weight: Int @external
                shippingEstimate: String @requires(fields: "dimensions { size weight } weight") }
              type Dimensions @external { size: String weight: Float }`,
        resolvers: {
          Product: {
            __resolveReference: stub,
            shippingEstimate: ({ dimensions, weight }: (typeof products)[number]) =>
              `${dimensions.size}, ${dimensions.weight}, ${weight}`,
          },
        },
      },
    },
    query: '{ product { upc shippingEstimate } }',
    data: { product: { upc: 'a', shippingEstimate: 'small, 2.5, 2' } },
    asked: ['products', 'shipping'],
  },
  {
    name: '@provides: on this path the other subgraph need not be asked',
    subgraphs: {
      products: {
        sdl: 'type Query { product: Product } type Product @key(fields: "upc") { upc: ID! name: String @shareable }',
        resolvers: { Query: { product: () => products[0] }, Product: { __resolveReference: productBy } },
      },
      reviews: {
        sdl: `type Query { review: Review other: Review @provides(fields: "product { name }") } type Review { product: Product }
              type Product @key(fields: "upc") { upc: ID! name: String @external }`,
        resolvers: {
          Query: { review: () => ({ product: { upc: 'b' } }), other: () => ({ product: { upc: 'b', name: 'Bed' } }) },
        },
      },
    },
    query: '{ other { product { name } } }',
    data: { other: { product: { name: 'Bed' } } },
    asked: ['reviews'],
  },
  {
    name: '@override: the field is asked of the subgraph that it moved to',
    subgraphs: {
      payments: {
        sdl: 'type Query { bill: Bill } type Bill @key(fields: "id") { id: ID! amount: Int! payee: String }',
        resolvers: { Query: { bill: () => ({ id: '1', amount: -1, payee: 'Clinic' }) } },
      },
      billing: {
        sdl: 'type Bill @key(fields: "id") { id: ID! amount: Int! @override(from: "payments") }',
        resolvers: { Bill: { __resolveReference: ({ id }: { id: string }) => ({ id, amount: 120 }) } },
      },
    },
    query: '{ bill { payee amount } }',
    data: { bill: { payee: 'Clinic', amount: 120 } },
    asked: ['payments', 'billing'],
  },
  {
    name: '@inaccessible: hidden from clients, and still of use between subgraphs',
    subgraphs: {
      people: {
        sdl: 'type Query { person: Person } type Person @key(fields: "key") { key: ID! @inaccessible name: String }',
        resolvers: { Query: { person: () => ({ key: 'k', name: 'Ada' }) } },
      },
      addresses: {
        sdl: 'type Person @key(fields: "key") { key: ID! @inaccessible town: String }',
        resolvers: { Person: { __resolveReference: ({ key }: { key: string }) => ({ key, town: `Town of ${key}` }) } },
      },
    },
    query: '{ person { name town } __type(name: "Person") { fields { name } } }',
    data: { person: { name: 'Ada', town: 'Town of k' }, __type: { fields: [{ name: 'town' }, { name: 'name' }] } },
    asked: ['people', 'addresses'],
  },
  {
    name: '@interfaceObject: a subgraph adds to an interface whose types it does not know',
    subgraphs: {
      media: {
        sdl: `type Query { all: [Media!]! } interface Media @key(fields: "id") { id: ID! title: String! }
              type Book implements Media @key(fields: "id") { id: ID! title: String! pages: Int }
              type Film implements Media @key(fields: "id") { id: ID! title: String! minutes: Int }`,
        resolvers: {
          Query: {
            all: () => [
              { __typename: 'Book', id: '1', title: 'Anatomy', pages: 700 },
              { __typename: 'Film', id: '2', title: 'Surgery', minutes: 90 },
            ],
          },
        },
      },
      reviews: {
        sdl: `type Query { newest: Media } type Media @interfaceObject @key(fields: "id") { id: ID! stars: Int! }`,
        resolvers: {
          Query: { newest: () => ({ id: '2' }) },
          Media: { stars: ({ id }: { id: string }) => Number(id) + 2, __resolveReference: stub },
        },
      },
    },
    query: '{ all { __typename title stars ... on Film { minutes } } }',
    data: {
      all: [
        { __typename: 'Book', title: 'Anatomy', stars: 3 },
        { __typename: 'Film', title: 'Surgery', stars: 4, minutes: 90 },
      ],
    },
    asked: ['media', 'reviews'],
  },
  {
    name: '@extends and `extend type`, as subgraphs of federation 1 say it',
    subgraphs: {
      users: {
        sdl: 'type Query { me: User } type User @key(fields: "id") { id: ID! name: String }',
        resolvers: { Query: { me: () => ({ id: '7', name: 'Ada' }) } },
      },
      visits: {
        sdl: 'type User @key(fields: "id") @extends { id: ID! @external visits: Int }',
        resolvers: { User: { visits: ({ id }: { id: string }) => Number(id) * 10 } },
      },
    },
    query: '{ me { name visits } }',
    data: { me: { name: 'Ada', visits: 70 } },
    asked: ['users', 'visits'],
  },
  {
    name: '@tag, @composeDirective, @cost and @listSize: what they say is kept, and answers stay the same',
    subgraphs: {
      notes: {
        sdl: `extend schema @link(url: "https://caregraph.example/hint/v1.0", import: ["@hint"]) @composeDirective(name: "@hint")
              directive @hint(text: String) on FIELD_DEFINITION
              type Query { notes(first: Int): [Note!]! @listSize(slicingArguments: ["first"]) @cost(weight: 2) @tag(name: "public") }
              type Note @tag(name: "public") { text: String @hint(text: "short") }`,
        resolvers: { Query: { notes: () => [{ text: 'One' }, { text: 'Two' }] } },
      },
    },
    query: '{ notes(first: 2) { text } }',
    data: { notes: [{ text: 'One' }, { text: 'Two' }] },
    asked: ['notes'],
  },
];

const contractsOf = ({ subgraphs }: Pick<Example, 'subgraphs'>) =>
  // A subgraph of federation 1 links nothing.
  Object.entries(subgraphs).map(([name, { sdl }]) => ({ name, sdl: sdl.includes('@extends') ? sdl : link + sdl }));

test.each(examples)('$name', async (example) => {
  const asked: string[] = [];
  const dataSources = Object.fromEntries(
    contractsOf(example).map(({ name, sdl }) => {
      const resolvers = example.subgraphs[name]?.resolvers as GraphQLResolverMap<unknown>;
      const schema = buildSubgraphSchema({ typeDefs: parse(sdl), resolvers });
      const process = async ({ request }: { request: { query?: string; variables?: Record<string, unknown> } }) => {
        asked.push(name);
        const document = parse(request.query ?? '');
        return JSON.parse(JSON.stringify(await execute({ schema, document, variableValues: request.variables ?? {} })));
      };
      return [name, { process } as never];
    }),
  );
  const { supergraphSdl } = compose(contractsOf(example));
  const executor = createExecutor({ supergraphSdl, dataSources });
  const { query: source } = example;
  const { data, errors } = await executor.execute({ source, document: parse(source) }, { context: {} });
  expect(errors).toBeUndefined();
  expect(data?.toJSON()).toEqual(example.data);
  expect(asked).toEqual(example.asked);
  if (source.includes('notes')) expect(supergraphSdl).toMatch(/@hint\(text: "short"\)/);
});

describe('what would compose and not do what it says is refused', () => {
  const composeWith = (imports: string, sdl: string) => () =>
    compose([
      {
        name: 'one',
        sdl: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", ${imports}]) ${sdl}`,
      },
      {
        name: 'two',
        sdl: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
              type Query { bill: Bill } type Bill @key(fields: "id") { id: ID! amount: Int }`,
      },
    ]);

  test.each([
    ['@authenticated', '"@authenticated"', 'type Query { x: Int @authenticated }', /@authenticated is not enforced/],
    [
      '@requiresScopes',
      '"@requiresScopes"',
      'type Query { x: Int @requiresScopes(scopes: [["a"]]) }',
      /@requiresScopes is not enforced/,
    ],
    ['@policy', '"@policy"', 'type Query { x: Int @policy(policies: [["a"]]) }', /@policy is not enforced/],
    [
      '@context',
      '"@context", "@fromContext"',
      `type Query { u: U } type U @key(fields: "id") @context(name: "c") { id: ID! currency: String t: T }
       type T @key(fields: "id") { id: ID! price(currency: String @fromContext(field: "$c { currency }")): Int }`,
      /@context and @fromContext are not supported/,
    ],
    [
      '@override in part',
      '"@override"',
      'type Bill @key(fields: "id") { id: ID! amount: Int @override(from: "two", label: "percent(5)") }',
      /Bill\.amount: @override with the label percent\(5\)/,
    ],
  ])('%s', (_name, imports, sdl, message) => {
    expect(composeWith(imports, sdl)).toThrow(message);
  });

  test('and the same subgraphs without it are not', () => {
    expect(composeWith('"@override"', 'type Query { x: Int }')).not.toThrow();
    const whole = 'type Bill @key(fields: "id") { id: ID! amount: Int @override(from: "two") }';
    expect(composeWith('"@override"', whole)).not.toThrow();
  });
});
