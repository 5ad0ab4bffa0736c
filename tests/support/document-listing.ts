// Finding documents over the public API: a schema with values of every kind, and what clients ask for.
const string = { type: 'string' };
const number = { type: 'number' };
const moment = { type: 'string', format: 'date-time' };
const list = (items: object) => ({ type: 'array', items });
export const everyKind = {
  properties: {
    name: string,
    n: number,
    s: string,
    b: { type: 'boolean' },
    at: moment,
    tags: list(string),
    nums: list(number),
    meals: list({
      type: 'object',
      properties: { kcal: number, name: string, parts: list({ type: 'object', properties: { x: number } }) },
    }),
    device: { type: 'object', properties: { model: string }, additionalProperties: string },
    secret: { type: 'string', queryable: false },
  },
  statuses: { new: {}, done: {} },
  creationTransition: { type: 'manual', toStatus: 'new' },
  transitions: [{ name: 'go', type: 'manual', fromStatuses: ['new'], toStatus: 'done' }],
  readMode: 'allUsers',
  updateMode: ['creator'],
};

export const listing = `query ($schemaName: String!, $filter: DocumentFilter, $rql: String, $orderBy: [DocumentOrder!], $first: Int,
  $after: String, $last: Int, $before: String) {
  documents(schemaName: $schemaName, filter: $filter, rql: $rql, orderBy: $orderBy, first: $first, after: $after,
    last: $last, before: $before) {
    totalCount nodes { id status data } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;
export const figures = `query ($schemaName: String!, $filter: DocumentFilter, $rql: String, $groupBy: [DocumentGroupBy!]! = [],
  $measures: [DocumentMeasure!]! = [], $first: Int! = 100) {
  documentAggregate(schemaName: $schemaName, filter: $filter, rql: $rql, groupBy: $groupBy, measures: $measures, first: $first) {
    complete groups { keys count values }
  }
}`;

/** A document that such a list answers with. */
export interface Found {
  readonly id: string;
  readonly status: string;
  readonly data: Record<string, unknown>;
}

/** The names of documents, put together. */
export const namesOf = (nodes: readonly Found[]) => nodes.map(({ data }) => data.name).join('');
