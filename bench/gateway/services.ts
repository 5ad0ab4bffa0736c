// The four services of the public benchmark of federated gateways (accounts, inventory, products, reviews), answering from
// memory: users write reviews of products, whose shipping is estimated from what another service knows of them.
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLSchema } from 'graphql';
import { parse } from 'graphql';

const link = `extend schema @link(
  url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires", "@provides", "@shareable"]
)`;

interface Product {
  readonly upc: string;
  readonly name: string;
  readonly price: number;
  readonly weight: number;
  readonly inStock: boolean;
}

interface Review {
  readonly id: string;
  readonly authorId: string;
  readonly upc: string;
  readonly body: string;
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const people = ['Ada', 'Ben', 'Cem', 'Dora', 'Eva', 'Finn'];
const users = people.map((name, index) => ({
  id: `${index + 1}`,
  name,
  username: name.toLowerCase(),
  birthday: 1990 + index,
}));
const products = numbers(1_000).map(
  (n): Product => ({
    ...{ upc: `${n}`, name: `Product ${n}`, price: 100 * n, weight: (37 * n) % 1_000, inStock: n % 3 !== 0 },
  }),
);
/** Of the first five products; each user has written three. */
const reviews = numbers(18).map(
  (n): Review => ({
    ...{
      id: `${n}`,
      authorId: `${((n * 5) % 6) + 1}`,
      upc: `${((n * 7) % 5) + 1}`,
      body: `Review ${n}: as good as it gets`,
    },
  }),
);

const userOf = new Map(users.map((user) => [user.id, user]));
const productOf = new Map(products.map((product) => [product.upc, product]));

interface Service {
  readonly name: string;
  readonly sdl: string;
  readonly resolvers: object;
}

export const services: readonly Service[] = [
  {
    name: 'accounts',
    sdl: `${link}
      type Query { me: User user(id: ID!): User users: [User] }
      type Mutation { renameUser(id: ID!, name: String!): User }
      type User @key(fields: "id") { id: ID! name: String username: String @shareable birthday: Int }`,
    resolvers: {
      Query: {
        me: () => users[0],
        user: (_: unknown, { id }: { id: string }) => userOf.get(id),
        users: () => users,
      },
      // Nothing is kept: every gateway gets the same answer, whoever was measured before.
      Mutation: {
        renameUser: (_: unknown, { id, name }: { id: string; name: string }) => ({ ...userOf.get(id), name }),
      },
      User: { __resolveReference: ({ id }: { id: string }) => userOf.get(id) },
    },
  },
  {
    name: 'inventory',
    sdl: `${link}
      type Product @key(fields: "upc") {
        upc: String! weight: Int @external price: Int @external
        inStock: Boolean shippingEstimate: Int @requires(fields: "price weight")
      }`,
    resolvers: {
      Product: {
        __resolveReference: (reference: Product) => ({ ...reference, inStock: productOf.get(reference.upc)?.inStock }),
        shippingEstimate: ({ price, weight }: Product) => (price > 1_000 ? 0 : Math.round(weight / 2)),
      },
    },
  },
  {
    name: 'products',
    sdl: `${link}
      type Query { topProducts(first: Int = 5): [Product] catalogue(after: Int! = 0, first: Int! = 100): [Product!]! }
      type Product @key(fields: "upc") { upc: String! name: String price: Int weight: Int }`,
    resolvers: {
      Query: {
        topProducts: (_: unknown, { first }: { first: number }) => products.slice(0, first),
        catalogue: (_: unknown, { after, first }: { after: number; first: number }) =>
          products.slice(after, after + first),
      },
      Product: { __resolveReference: ({ upc }: Product) => productOf.get(upc) },
    },
  },
  {
    name: 'reviews',
    sdl: `${link}
      type Review @key(fields: "id") { id: ID! body: String author: User @provides(fields: "username") product: Product }
      type User @key(fields: "id") { id: ID! username: String @external numberOfReviews: Int reviews: [Review] }
      type Product @key(fields: "upc") { upc: String! reviews: [Review] }`,
    resolvers: {
      Review: {
        __resolveReference: ({ id }: Review) => reviews[Number(id) - 1],
        author: ({ authorId }: Review) => ({ id: authorId, username: userOf.get(authorId)?.username }),
        product: ({ upc }: Review) => ({ upc }),
      },
      User: {
        numberOfReviews: ({ id }: { id: string }) => reviews.filter(({ authorId }) => authorId === id).length,
        reviews: ({ id }: { id: string }) => reviews.filter(({ authorId }) => authorId === id),
      },
      Product: { reviews: ({ upc }: Product) => reviews.filter((review) => review.upc === upc) },
    },
  },
];

export function schemaOf({ sdl, resolvers }: Service): GraphQLSchema {
  return buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolvers as never });
}
