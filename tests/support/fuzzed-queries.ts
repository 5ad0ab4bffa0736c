// What clients may send to ask for documents, at random: RQL, filters, orders, cursors, figures. Most of it is near to
// what is valid, for documents of the schema in filter-model.ts; the rest is what nobody would send in earnest.
import fc from 'fast-check';
import { declaredPaths, undeclaredPaths } from './filter-model.ts';
import { hostileJson, hostileText, mutated } from './hostile-input.ts';

/** Stands in many values and paths, and never in a statement. */
const marker = 'zq7x';
const markedNumber = 73579113;
const markedMoment = '2071-03-05';
export const marks = /zq7x|73579113|2071-03/;

const paths = [
  ...[...declaredPaths.data, ...undeclaredPaths].map((path) => `data.${path}`),
  ...[`data.device.${marker}`, `data.device.'${marker}`, `data.device."${marker}}`, `data.device.${marker}\\`],
];
const columns = ['id', 'status', 'creatorId', 'userIds', 'groupIds', 'createdAt', 'updatedAt', 'statusChangedAt'];
const oddFields = ['kcal', 'x', 'owner', 'data', '', "'", '\0', '\ud800', 'constructor', '__proto__', 'd.id', '*'];

const operators = ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'in', 'out', 'like', 'contains', 'excludes', 'and', 'or'];
const pieces = [
  ...[...paths, ...columns, ...oddFields, ...operators],
  ...['not', 'limit', 'sort', 'select', 'skipCount', 'toString', '__proto__', 'creationTimestamp'],
  ...['(', '(', '(', ')', ')', ')', ',', ',', ',', '&', '|', '=', '!=', '<', '>=', '=gt=', '?', '-', '+'],
  ...['%', '%27', '%00', '%ff', '%F0%9F%98%80', "'", '"', ';--', '$1', '{}', '\\', '\0', '\ud800', '😀', ' ', '\n'],
  ...['null', 'true', '0', '-1', '1e400', '5e-324', '99999999999999999999', '2020-01-01', '2020-02-31'],
  ...[marker, `'${marker}`, String(markedNumber), markedMoment],
  ...['string:', 'number:', 'boolean:', 'date:', 'epoch:', 're:', 'glob:'],
];
const validRql = [
  `and(eq(data.n,${markedNumber}),in(data.s,a,${marker}))&sort(-data.n,+status)&limit(5,1)`,
  `contains(data.meals,and(gt(kcal,1),contains(parts,eq(x,${markedNumber}))))|data.at>=${markedMoment}`,
  `like(data.s,string:a%25${marker})&out(data.tags,${marker},b)&ne(status,${marker})`,
  `?data.n=gt=5&data.b=true&(data.device.${marker}=a|data.at<=date:2071-03-05T00:00:00Z)&select(data.n,data.device)`,
  `excludes(data.meals)&in(id,00000000-0000-4000-8000-000000000000)&createdAt<epoch:1000`,
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
        fc.constantFrom(...operators, 'sort', 'limit', 'select'),
        fc.constantFrom(...pieces),
        fc.array(fc.constantFrom(...pieces), { maxLength: 2 }),
      )
      .map(([operator, field, values]) => `${operator}(${[field, ...values].join(',')})`),
    fc
      .tuple(fc.constantFrom('and', 'or'), fc.array(tie('term'), { maxLength: 3 }))
      .map(([operator, terms]) => `${operator}(${terms.join(',')})`),
    fc.tuple(fc.constantFrom(...paths), tie('term')).map(([field, inner]) => `contains(${field},${inner})`),
  ),
}));
const nestedRql = fc
  .tuple(fc.constantFrom('(', 'and(', 'or(eq(data.n,1),', 'contains(data.meals,', 'x('), fc.nat(200))
  .map(([open, depth]) => `${open.repeat(depth)}eq(data.n,1)${')'.repeat(depth)}`);
const longRql = fc
  .tuple(fc.constantFrom(...pieces, `eq(data.n,1)&`, `in(data.s,${'a,'.repeat(99)}b)&`), fc.nat(3_000))
  .map(([piece, times]) => `${piece.repeat(times)}eq(status,new)`);

export const fuzzedRql: fc.Arbitrary<string> = fc.oneof(
  { weight: 20, arbitrary: words.map((list) => list.join('')) },
  { weight: 40, arbitrary: term },
  { weight: 40, arbitrary: fc.array(term, { maxLength: 4 }).map((terms) => terms.join('&')) },
  { weight: 30, arbitrary: fc.constantFrom(...validRql).chain(mutated) },
  { weight: 8, arbitrary: hostileText },
  { weight: 3, arbitrary: nestedRql },
  { weight: 1, arbitrary: longRql },
);

const value = fc.oneof(
  fc.constantFrom<unknown>(
    ...[marker, `'${marker}--`, markedNumber, -markedNumber, markedMoment, `${markedMoment}T01:02:03Z`],
    ...[null, true, 0, -0, 5e-324, 1e308, Number.POSITIVE_INFINITY, '', 'a', '%', '\\', "'", '2020-02-31', {}, []],
  ),
  fc.string({ maxLength: 5 }),
  hostileText,
);
const field = fc.constantFrom(...paths, ...paths, ...columns, ...oddFields);
const { filter } = fc.letrec<{ filter: object }>((tie) => ({
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
      {
        field,
        out: fc.array(value, { maxLength: 3 }),
        like: fc.constantFrom('', '%', '_', '\\', '\0', marker, `${marker}%`),
      },
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
const filterKeys = ['field', ...operators, 'not', 'present', 'constructor', '__proto__', 'toString', 'OR'];
/** Keys and values that do not go together. */
const misshapenFilter = fc
  .array(fc.tuple(fc.constantFrom(...filterKeys), fc.oneof(value, field, filter, hostileJson)), { maxLength: 3 })
  .map((entries) => Object.fromEntries(entries));
const nestedFilter = fc
  .tuple(fc.constantFrom('not', 'and', 'or', 'contains'), fc.nat(100), filter)
  .map(([key, depth, inner]) => {
    let outer = inner;
    for (let level = 0; level < depth; level += 1) {
      const around = key === 'and' || key === 'or' ? [outer] : outer;
      outer = key === 'contains' ? { field: 'data.meals', contains: around } : { [key]: around };
    }
    return outer;
  });
const hugeFilter = fc
  .tuple(fc.constantFrom('in', 'out', 'and', 'or'), value, fc.integer({ min: 90, max: 500 }))
  .map(([key, one, times]) =>
    key === 'in' || key === 'out'
      ? { field: 'data.s', [key]: Array(times).fill(one) }
      : { [key]: Array(times).fill({ field: 'data.n', ne: one }) },
  );

export const fuzzedFilters: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 100, arbitrary: filter },
  { weight: 25, arbitrary: misshapenFilter },
  { weight: 4, arbitrary: nestedFilter },
  { weight: 2, arbitrary: hugeFilter },
  { weight: 4, arbitrary: hostileJson },
);

const direction = fc.constantFrom<unknown>('ASC', 'ASC', 'DESC', 'DESC', 'asc', null, 1, marker);
const sortable = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('data.n', 'data.s', 'data.at', `data.device.${marker}`, 'status', 'id') },
  { weight: 3, arbitrary: fc.constantFrom('createdAt', 'updatedAt', 'statusChangedAt', 'data.b', 'data.nums.1') },
  { weight: 2, arbitrary: field },
);
const sound = fc.record({ field: sortable, direction: fc.constantFrom('ASC', 'DESC') });
export const fuzzedOrders = fc.oneof(
  { weight: 8, arbitrary: fc.array(sound, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(fc.record({ field, direction }, { requiredKeys: ['field'] }), { maxLength: 7 }) },
  { weight: 1, arbitrary: hostileJson },
);

const cursorPart = fc.oneof(
  fc.constantFrom<unknown>(
    ...[marker, markedNumber, null, true, 'new', -0, 1e308, '\0', '\ud800', '1e400', {}, [], '2020-01-01'],
    ...['2020-02-31', '2021-02-29', '2020-04-31', '2020-01-01', '0000-01-01', '9999-12-31', '2071-03-05'].map(
      (day) => `${day}T00:00:00.000Z`,
    ),
    ...['2020-01-01T24:00:00.000Z', '2020-01-01T23:59:60.000Z', '2020-13-01T00:00:00.000Z'],
  ),
  fc.string({ maxLength: 5 }),
);
const cursorId = fc.constantFrom<unknown>('00000000-0000-4000-8000-000000000000', marker, null, 7, "' OR 1=1--");

/** A cursor of the order, perhaps: made up, or not even that. */
export function fuzzedCursors(order: unknown): fc.Arbitrary<string> {
  const keys = Array.isArray(order) ? (order as { field?: unknown; direction?: unknown }[]) : [];
  const name = keys.length === 0 ? 'id DESC' : keys.map((key) => `${key?.field} ${key?.direction}`).join(', ');
  const place = fc.oneof(
    { weight: 6, arbitrary: fc.array(cursorPart, { minLength: keys.length, maxLength: keys.length }) },
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.oneof(cursorPart, fc.array(cursorPart, { maxLength: 4 })) },
  );
  const id = fc.oneof(
    { weight: 9, arbitrary: fc.constant('00000000-0000-4000-8000-000000000000') },
    { weight: 1, arbitrary: cursorId },
  );
  const text = fc.tuple(place, id).map((parts) => JSON.stringify([name, ...parts]).replaceAll('"1e400"', '1e400'));
  const encoded = text.map((json) => Buffer.from(json).toString('base64url'));
  return fc.oneof(
    { weight: 8, arbitrary: encoded },
    { weight: 1, arbitrary: encoded.chain(mutated) },
    { weight: 1, arbitrary: hostileText },
  );
}

const number = fc.constantFrom<unknown>(0, 1, 2, 20, 100, 101, -1, 2 ** 31 - 1, 2 ** 31, 1.5, null, '5', {});
const rarely = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 1, nil: undefined });

/** The arguments of a list that say which page of it. */
export const fuzzedPages = fuzzedOrders.chain((orderBy) =>
  fc.record({
    orderBy: fc.constant(orderBy),
    first: rarely(number),
    last: rarely(number),
    after: fc.option(fuzzedCursors(orderBy), { nil: undefined }),
    before: fc.option(fuzzedCursors(orderBy), { nil: undefined }),
  }),
);

const groupable = fc.oneof(
  fc.constantFrom('data.n', 'data.s', 'data.b', 'data.at', 'data.tags', 'data.nums', `data.device.${marker}`),
  fc.constantFrom(...columns, 'data.nope'),
  field,
);
const zones = ['UTC', 'Europe/Brussels', 'Etc/GMT+5', 'US/Pacific-New', 'Factory', '+02:00', marker, "'", '\0', ''];
const grouping = fc.record(
  {
    field: groupable,
    bucket: fc.constantFrom<unknown>('HOUR', 'DAY', 'WEEK', 'MONTH', 'MONTH', null, 'YEAR', 1),
    timeZone: fc.oneof(fc.constantFrom('UTC', 'Asia/Kathmandu'), fc.constantFrom(...zones)),
  },
  { requiredKeys: ['field'] },
);
const measure = fc.record({
  function: fc.constantFrom<unknown>('COUNT', 'MIN', 'MAX', 'AVG', 'SUM', 'SUM', marker),
  field: fc.oneof(fc.constantFrom('data.n', 'data.nums.1', 'data.at', 'createdAt'), groupable),
});

/** The arguments of figures that say which ones. */
export const fuzzedFigures = fc.record(
  {
    groupBy: fc.oneof(
      { weight: 9, arbitrary: fc.array(grouping, { maxLength: 3 }) },
      { weight: 1, arbitrary: hostileJson },
    ),
    measures: fc.oneof(
      { weight: 9, arbitrary: fc.array(measure, { maxLength: 3 }) },
      { weight: 1, arbitrary: hostileJson },
    ),
    first: fc.oneof({ weight: 5, arbitrary: fc.constantFrom<unknown>(1, 1_000) }, { weight: 1, arbitrary: number }),
  },
  { requiredKeys: [] },
);
