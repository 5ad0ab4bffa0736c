// Supergraphs for tests of the executor: each has what makes some part of it hard.
import type { MadeUpSubgraph } from './made-up-subgraph.ts';

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external",
  "@requires", "@provides", "@shareable", "@inaccessible", "@interfaceObject", "@override"])\n`;

const subgraph = (name: string, sdl: string, others: Partial<MadeUpSubgraph> = {}): MadeUpSubgraph => ({
  name,
  sdl: link + sdl,
  ...others,
});

/** The public benchmark's: entities that lead to each other, `@requires`, `@provides`. */
export const shop: readonly MadeUpSubgraph[] = [
  subgraph(
    'accounts',
    `type Query { me: User user(id: ID!): User users: [User] team: [User!]! }
     type Mutation { rename(id: ID!, name: String): User remove(id: ID!): Boolean! }
     type User @key(fields: "id") { id: ID! name: String username: String @shareable birthday: Int address: Address @shareable }
     type Address @shareable { street: String! zip: ID town: Town }
     type Town @shareable { name: String! }`,
  ),
  subgraph(
    'products',
    `type Query { topProducts(first: Int = 5): [Product] shelves: [[Product!]]! product(upc: String!): Product! }
     type Mutation { restock(upc: String!, by: Int): Product! }
     type Product @key(fields: "upc") @key(fields: "id") {
       id: ID! upc: String! name: String price: Int weight: Int! size: Size maker: Maker
     }
     type Size { width: Int height: Float! unit: Unit! }
     enum Unit { CM INCH SECRET @inaccessible }
     type Maker @key(fields: "id") { id: ID! name: String! }`,
  ),
  subgraph(
    'inventory',
    `type Product @key(fields: "upc") {
       upc: String! weight: Int! @external price: Int @external size: Size @external
       inStock: Boolean shippingEstimate: Int @requires(fields: "price weight")
       box: String @requires(fields: "size { width height }") stores: [Store!]
     }
     type Size @external { width: Int height: Float! }
     type Store @key(fields: "id") { id: ID! name: String! stock: [Product] manager: User! }
     type User @key(fields: "id") { id: ID! manages: [Store!]! }`,
  ),
  subgraph(
    'reviews',
    `type Query { reviews(first: Int): [Review!] }
     type Mutation { review(upc: ID!, body: String): Review }
     type Review @key(fields: "id") { id: ID! body: String! stars: Float product: Product author: User! @provides(fields: "username") }
     type User @key(fields: "id") { id: ID! username: String @external reviews: [Review] address: Address @shareable }
     type Address @shareable { street: String! town: Town }
     type Town @shareable { name: String! mayor: User }
     type Product @key(fields: "id") { id: ID! reviews(first: Int = 2): [Review] }`,
  ),
];

/** Interfaces and unions over entities and values that several subgraphs know. */
export const library: readonly MadeUpSubgraph[] = [
  subgraph(
    'catalogue',
    `scalar Anything
     type Query { items: [Item!] search(text: String): [Found] newest: Item found: Found! grid: [[Item]] }
     interface Item { id: ID! title: String cover: Cover about: Item }
     interface Printed implements Item { id: ID! title: String cover: Cover about: Item pages: Int! }
     type Book implements Item & Printed @key(fields: "id") {
       id: ID! title: String cover: Cover about: Item pages: Int! isbn: String! author: Person extra: Anything
     }
     type Map implements Item & Printed @key(fields: "id") { id: ID! title: String cover: Cover about: Item pages: Int! scale: Float }
     type Film implements Item @key(fields: "id") { id: ID! title: String cover: Cover about: Item minutes: Int cast: [Person!]! }
     type Hidden implements Item @key(fields: "id") @inaccessible { id: ID! title: String cover: Cover about: Item }
     union Found = Book | Person | Film
     type Person @key(fields: "id") { id: ID! name: String }
     union Cover = Photo | Drawing
     type Photo @shareable { url: String! by: Person }
     type Drawing @shareable { colour: Colour! by: Person }
     enum Colour { RED GREEN BLACK }`,
  ),
  subgraph(
    'loans',
    `scalar Anything
     type Book @key(fields: "id") { id: ID! copies: [Copy!]! isbn: String! @external label: String @requires(fields: "isbn") }
     type Film @key(fields: "id") { id: ID! copies: [Copy] loans: Int! }
     type Map @key(fields: "id") { id: ID! loans: Int! }
     type Copy @key(fields: "id") { id: ID! shelf: Anything state: [State] borrower: Person of: Lent }
     union Lent = Book | Film | Map
     enum State { LENT FREE LOST }
     type Person @key(fields: "id") { id: ID! loans: [Copy!] favourite: Lent! }
     type Query { overdue: [Copy] lent(by: ID): [Lent!]! }
     type Mutation { lend(copy: ID!): Copy! giveBack(copies: [ID!]!, state: State): [Copy] }`,
  ),
  subgraph(
    'people',
    `type Person @key(fields: "id") { id: ID! born: Int name: String @external known: String @requires(fields: "name") friends(first: Int): [Person] letters: [[[String!]]!] }
     type Query { people: [Person!]! }
     type Mutation { befriend(a: ID!, b: ID!): Person! }`,
  ),
];

/** An interface that other subgraphs add fields to without knowing its types. */
export const media: readonly MadeUpSubgraph[] = [
  subgraph(
    'titles',
    `interface Media @key(fields: "id") { id: ID! title: String! year: Int }
     type Series implements Media @key(fields: "id") { id: ID! title: String! year: Int episodes: [Episode!]! }
     type Movie implements Media @key(fields: "id") { id: ID! title: String! year: Int minutes: Int sequel: Movie }
     type Episode @key(fields: "id") { id: ID! title: String of: Media }
     type Query { media: [Media] movies: [Movie!] episode(id: ID!): Episode }`,
  ),
  subgraph(
    'ratings',
    `type Media @key(fields: "id") @interfaceObject { id: ID! rating: Float reviews: [Rating!]! similar: [Media!] }
     type Rating @key(fields: "id") { id: ID! stars: Int! of: Media by: Viewer }
     type Viewer @key(fields: "id") { id: ID! name: String rated: [Media] }
     type Query { ratings: [Rating] best: Media topRated(first: Int): [Media!] }
     type Mutation { rate(media: ID!, stars: Int!): Rating! }`,
    { interfaceObjects: { Media: ['Series', 'Movie'] } },
  ),
  subgraph(
    'awards',
    `type Media @key(fields: "id") @interfaceObject {
       id: ID! year: Int @external awards: [String!] age: String @requires(fields: "year")
     }
     type Viewer @key(fields: "id") { id: ID! votes: [Media!]! }
     type Query { winners(year: Int): [Media] }`,
    { interfaceObjects: { Media: ['Series', 'Movie'] } },
  ),
];
