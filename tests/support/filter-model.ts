// What a filter of documents means, evaluated plainly on one document: what the SQL made of filters is compared with.
// Follows schema/data.graphql (DocumentFilter); knows of one schema, `filterProperties`.

export interface ModelFilter {
  field?: string;
  eq?: unknown;
  ne?: unknown;
  gt?: unknown;
  ge?: unknown;
  lt?: unknown;
  le?: unknown;
  in?: unknown[];
  out?: unknown[];
  like?: string;
  present?: boolean;
  contains?: ModelFilter;
  excludes?: ModelFilter;
  and?: ModelFilter[];
  or?: ModelFilter[];
  not?: ModelFilter;
}

export const filterProperties = {
  n: { type: 'number' },
  s: { type: 'string' },
  b: { type: 'boolean' },
  at: { type: 'string', format: 'date-time' },
  tags: { type: 'array', items: { type: 'string' } },
  nums: { type: 'array', items: { type: 'number' } },
  meals: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        kcal: { type: 'number' },
        name: { type: 'string' },
        parts: { type: 'array', items: { type: 'object', properties: { x: { type: 'number' } } } },
      },
    },
  },
  device: { type: 'object', properties: { model: { type: 'string' } }, additionalProperties: { type: 'string' } },
};

/** Paths that are declared, and what they count from: the document's data, a meal, a part of a meal. */
export const declaredPaths = {
  data: [
    'n',
    's',
    'b',
    'at',
    'tags',
    'tags.0',
    'tags.1',
    'nums',
    'nums.1',
    'meals',
    'meals.0',
    'meals.0.kcal',
    'meals.1.id',
    'device',
    'device.model',
    'device.other',
  ],
  meal: ['kcal', 'name', 'parts', 'parts.0.x', 'id'],
  part: ['x', 'id'],
};
export const undeclaredPaths = [
  'nope',
  'n.x',
  's.0',
  'tags.first',
  'meals.kcal',
  'device.model.x',
  'toString',
  '',
  '__proto__',
];

type Level = keyof typeof declaredPaths;
const inside: Record<Level, { path: string; level: Level } | undefined> = {
  data: { path: 'meals', level: 'meal' },
  meal: { path: 'parts', level: 'part' },
  part: undefined,
};

export interface ModelRow {
  readonly columns: Readonly<Record<string, unknown>>;
  readonly data: unknown;
}

export function modelMatches(filter: ModelFilter, row: ModelRow): boolean {
  return evaluate(filter, row.data, { level: 'data', columns: row.columns });
}

function evaluate(
  filter: ModelFilter,
  data: unknown,
  at: { level: Level | 'nothing'; columns: ModelRow['columns'] },
): boolean {
  const inner = (other: ModelFilter) => evaluate(other, data, at);
  if (!fieldMatches(filter, data, at)) return false;
  if (filter.and && !filter.and.every(inner)) return false;
  if (filter.or && !filter.or.some(inner)) return false;
  return !(filter.not && inner(filter.not));
}

function fieldMatches(
  filter: ModelFilter,
  data: unknown,
  { level, columns }: { level: Level | 'nothing'; columns: ModelRow['columns'] },
): boolean {
  const { field, and: _a, or: _o, not: _n, ...operators } = filter;
  if (field === undefined || Object.keys(operators).length === 0) return true;
  if (level === 'data' && !field.startsWith('data.'))
    return Object.entries(operators).every((entry) => holds(entry, columns[field]));
  const path = level === 'data' ? field.slice('data.'.length) : field;
  if (level === 'nothing' || !declaredPaths[level].includes(path)) return false;
  const value = read(data, path.split('.'));
  const element = inside[level];
  const next = element?.path === path ? element.level : 'nothing';
  return Object.entries(operators).every(([operator, operand]) => {
    const single = singles[path];
    if (operator === 'present') return (value !== undefined) === operand;
    if (operator !== 'contains' && operator !== 'excludes') {
      // Where one value is declared, a value of another type is none; null and absent stay what they are.
      const seen = single === undefined || value === null || value === undefined ? value : ofType(value, single);
      return holds([operator, operand], seen, path === 'at');
    }
    const some =
      Array.isArray(value) &&
      value.some((item) => isObject(item) && evaluate(operand as ModelFilter, item, { level: next, columns }));
    return some === (operator === 'contains');
  });
}

/** Paths that are declared as one value. */
const singles: Readonly<Record<string, string>> = {
  n: 'number',
  s: 'string',
  b: 'boolean',
  at: 'string',
  'tags.0': 'string',
  'tags.1': 'string',
  'nums.1': 'number',
  'meals.0.kcal': 'number',
  'meals.1.id': 'string',
  'device.model': 'string',
  'device.other': 'string',
  kcal: 'number',
  name: 'string',
  'parts.0.x': 'number',
  x: 'number',
  id: 'string',
};

const nothing = Symbol('a value that compares with nothing');

function ofType(value: unknown, type: string): unknown {
  return typeof value === type ? value : nothing;
}

/** `undefined` is an absent value. */
function holds([operator, operand]: [string, unknown], value: unknown, isMoment = false): boolean {
  const candidates = Array.isArray(value) ? value : [value];
  const given = (other: unknown) => (isMoment && other === '2020' ? '2020-01-01T00:00:00.000Z' : other);
  const equals = (other: unknown) =>
    other === null
      ? value === undefined || value === null || candidates.includes(null)
      : candidates.includes(given(other));
  const compares = (test: (order: number) => boolean) =>
    candidates.some((one) => typeof one === typeof operand && test(order(one as string, given(operand) as string)));
  switch (operator) {
    case 'eq':
      return equals(operand);
    case 'ne':
      return !equals(operand);
    case 'in':
      return (operand as unknown[]).some(equals);
    case 'out':
      return !(operand as unknown[]).some(equals);
    case 'gt':
      return compares((sign) => sign > 0);
    case 'ge':
      return compares((sign) => sign >= 0);
    case 'lt':
      return compares((sign) => sign < 0);
    case 'le':
      return compares((sign) => sign <= 0);
    case 'like':
      return candidates.some(
        (one) => typeof one === 'string' && one.toLowerCase().includes((operand as string).toLowerCase()),
      );
    case 'present':
      return (value !== undefined) === operand;
    default:
      throw new Error(`the model knows no ${operator}`);
  }
}

/** Numbers by size, text by code points. */
export function order(one: string | number, other: string | number): number {
  if (typeof one === 'number' || typeof other === 'number') return Number(one) - Number(other);
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

export function read(data: unknown, path: readonly string[]): unknown {
  return path.reduce((value: unknown, key) => {
    if (Array.isArray(value)) return value[Number(key)];
    return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }, data);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
