// What is asked of each gateway.

export interface BenchedOperation {
  readonly query: string;
  /** Of the n-th request. */
  variables(n: number): Record<string, unknown>;
}

const none = () => ({});

export const operations = {
  /** The one query of the public benchmark of federated gateways. */
  heavy: {
    query: `fragment User on User { id username name }
fragment Review on Review { id body }
fragment Product on Product { inStock name price shippingEstimate upc weight }
query Heavy {
  users { ...User reviews { ...Review product { ...Product reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } } } } }
  topProducts { ...Product reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } } }
}`,
    variables: none,
  },
  small: { query: 'query Small { me { id name reviews { id body } } }', variables: none },
  /** A hundred products of three services, others each time. */
  list: {
    query: `query List($after: Int!) {
  catalogue(after: $after, first: 100) { upc name price inStock shippingEstimate reviews { id } }
}`,
    variables: (n: number) => ({ after: (n * 7) % 900 }),
  },
  mutation: {
    query: `mutation Rename($id: ID!, $name: String!) {
  renameUser(id: $id, name: $name) { id name numberOfReviews reviews { id product { upc name } } }
}`,
    variables: (n: number) => ({ id: `${(n % 6) + 1}`, name: `Name ${n}` }),
  },
} as const satisfies Record<string, BenchedOperation>;

export type OperationName = keyof typeof operations;
export const operationNames = Object.keys(operations) as OperationName[];
