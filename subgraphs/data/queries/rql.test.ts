// RQL: what it says, what is refused, and that it says the same as typed filters.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DocumentFilter } from '../../../generated/resolvers/data.ts';
import { AppError } from '../../../platform/errors.ts';
import { filterProperties } from '../../../tests/support/filter-model.ts';
import type { Properties } from '../schemas/type-configuration.ts';
import { readFilter } from './filter.ts';
import type { FilterNode } from './filter-node.ts';
import { readRql } from './rql.ts';

const properties = {
  ...filterProperties,
  secret: { type: 'number', queryable: false },
} as Properties;
const read = (text: string) => readRql(text, properties, 'rql');

function refusalOf(text: string): AppError {
  try {
    read(text);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error(`${text} is not refused`);
}

describe('what is not RQL, or asks for what there is not, is refused', () => {
  test.each([
    'eq',
    'eq(',
    'eq(data.n',
    'eq(data.n)',
    'eq(data.n,1,2)',
    'eq(data.n,1)x',
    'eq(data.n,1))',
    'eq(,1)',
    'eq(data.n,eq(data.n,1))',
    'eq(data.s,a)a)',
    'eq(data.s,100%)',
    'eq(data.s,%ff)',
    'eq(data.s,a\0)',
    'in(data.n)',
    'like(data.s)',
    'contains()',
    'contains(data.meals,kcal)',
    'contains(data.meals,gt(kcal,1),lt(kcal,2))',
    'not(eq(data.n,1))',
    'toString(data.n,1)',
    '&',
    'eq(data.n,1)&',
    'eq(data.n,1)&eq(data.n,2)|eq(data.n,3)',
    '(eq(data.n,1)',
    'and(data.n)',
    'or(limit(1))',
    'limit()',
    'limit(-1)',
    'limit(1.5)',
    'limit(1,2,3)',
    'limit(1,10001)',
    'limit(1)&limit(2)',
    'sort()',
    'sort(creatorId)',
    'sort(data.secret)',
    'sort(id,id,id,id,id,id)',
    'select()',
    'select(data.device,data.device.model)',
    'select(data,data.n)',
    'skipCount(1)',
    'eq(data.secret,1)',
    'eq(owner,1)',
    'eq(creatorId,me)',
    'gt(data.n,true)',
    'eq(data.n,number:x)',
    'eq(data.b,boolean:1)',
    'eq(data.at,date:soon)',
    'eq(data.at,epoch:1e300)',
    're:x',
    'eq(data.s,re:a+)',
    'data.n=nope=1',
    `${'('.repeat(50)}eq(data.n,1)${')'.repeat(50)}`,
    `${'and('.repeat(50)}eq(data.n,1)${')'.repeat(50)}`,
    `eq(data.s,${'a'.repeat(20_000)})`,
  ])('%s', (text) => {
    const { code, details } = refusalOf(text);
    expect({ code, details }).toEqual({ code: 'BAD_USER_INPUT', details: { field: 'rql', code: 19 } });
  });
});

describe('RQL says the same as a typed filter', () => {
  const id = '01890000-0000-7000-8000-000000000001';
  const cases: [string, DocumentFilter][] = [
    ['', {}],
    ['?', {}],
    ['?eq(data.n,1)', { and: [{ field: 'data.n', eq: 1 }] }],
    [
      'eq(data.n,1)&ne(data.s,b)',
      {
        and: [
          { field: 'data.n', eq: 1 },
          { field: 'data.s', ne: 'b' },
        ],
      },
    ],
    [
      'and(eq(data.n,1),ne(data.s,b))',
      {
        and: [
          { field: 'data.n', eq: 1 },
          { field: 'data.s', ne: 'b' },
        ],
      },
    ],
    [
      'eq(data.n,1)|gt(data.n,5)',
      {
        and: [
          {
            or: [
              { field: 'data.n', eq: 1 },
              { field: 'data.n', gt: 5 },
            ],
          },
        ],
      },
    ],
    [
      '(data.n=1|data.n>5)&data.s!=b',
      {
        and: [
          {
            or: [
              { field: 'data.n', eq: 1 },
              { field: 'data.n', gt: 5 },
            ],
          },
          { field: 'data.s', ne: 'b' },
        ],
      },
    ],
    [
      'data.n<=2&data.n>=1&data.n<3',
      {
        and: [
          { field: 'data.n', le: 2 },
          { field: 'data.n', ge: 1 },
          { field: 'data.n', lt: 3 },
        ],
      },
    ],
    ['data.n=gt=2', { and: [{ field: 'data.n', gt: 2 }] }],
    [`?id=${id}`, { and: [{ field: 'id', eq: id }] }],
    ['in(data.n,1,2.5,-3)', { and: [{ field: 'data.n', in: [1, 2.5, -3] }] }],
    ['out(status,stored,new)', { and: [{ field: 'status', out: ['stored', 'new'] }] }],
    ['eq(data.s,string:12345678)', { and: [{ field: 'data.s', eq: '12345678' }] }],
    ['eq(data.s,string:1970-01-01)', { and: [{ field: 'data.s', eq: '1970-01-01' }] }],
    ['eq(data.s,string:true)', { and: [{ field: 'data.s', eq: 'true' }] }],
    ['eq(data.s,007)', { and: [{ field: 'data.s', eq: '007' }] }],
    ['eq(data.s,a%29a%2525)', { and: [{ field: 'data.s', eq: 'a)a%25' }] }],
    ['eq(data.s,)', { and: [{ field: 'data.s', eq: '' }] }],
    ['eq(data.s,hi!)', { and: [{ field: 'data.s', eq: 'hi!' }] }],
    ['eq(data.b,true)', { and: [{ field: 'data.b', eq: true }] }],
    ['eq(data.b,boolean:false)', { and: [{ field: 'data.b', eq: false }] }],
    ['eq(data.n,null)', { and: [{ field: 'data.n', eq: null }] }],
    ['eq(data.n,number:010)', { and: [{ field: 'data.n', eq: 10 }] }],
    ['ge(data.at,2025-01-01)', { and: [{ field: 'data.at', ge: '2025-01-01T00:00:00.000Z' }] }],
    ['ge(data.at,2025-01-01T10:00%2B02:00)', { and: [{ field: 'data.at', ge: '2025-01-01T08:00:00.000Z' }] }],
    ['ge(data.at,2025-05)', { and: [{ field: 'data.at', ge: '2025-05' }] }],
    ['eq(data.at,epoch:0)', { and: [{ field: 'data.at', eq: '1970-01-01T00:00:00.000Z' }] }],
    ['eq(data.at,date:2025)', { and: [{ field: 'data.at', eq: '2025-01-01T00:00:00.000Z' }] }],
    ['lt(creationTimestamp,2025-01-01)', { and: [{ field: 'createdAt', lt: '2025-01-01' }] }],
    ['like(data.s,10)', { and: [{ field: 'data.s', like: '10' }] }],
    ['contains(data.tags)', { and: [{ field: 'data.tags', present: true }] }],
    ['excludes(data.tags.1)', { and: [{ field: 'data.tags.1', present: false }] }],
    ['contains(data.meals,gt(kcal,600))', { and: [{ field: 'data.meals', contains: { field: 'kcal', gt: 600 } }] }],
    [
      'excludes(data.meals,and(gt(kcal,6),eq(name,a)))',
      {
        and: [
          {
            field: 'data.meals',
            excludes: {
              and: [
                { field: 'kcal', gt: 6 },
                { field: 'name', eq: 'a' },
              ],
            },
          },
        ],
      },
    ],
    ['eq(data.nope,1)', { and: [{ field: 'data.nope', eq: 1 }] }],
    ['limit(0)', {}],
  ];
  test.each(cases)('%s', (text, filter) => {
    expect(plain(read(text).filter)).toEqual(plain(readFilter(filter, properties, 'filter')));
  });

  test('what looks like a number or a date is not the text that it looks like', () => {
    expect(read('eq(data.s,12345678)').filter).toEqual(
      readFilter({ and: [{ field: 'data.s', eq: 12345678 }] }, properties, 'f'),
    );
    expect(read('eq(data.s,1970-01-01)').filter).toEqual(
      readFilter({ and: [{ field: 'data.s', in: [] }] }, properties, 'f'),
    );
    expect(plain(read('gt(data.s,1970-01-01)').filter)).toEqual({ kind: 'any', of: [] });
  });

  test('whatever the text, encoded it is the value', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 });
    fc.assert(
      fc.property(text, (value) => {
        expect(plain(read(`eq(data.s,string:${encoded(value)})`).filter)).toEqual(
          plain(readFilter({ field: 'data.s', eq: value }, properties, 'f')),
        );
      }),
    );
  });
});

/** As clients of RQL do it: brackets have a meaning there. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}

/** Without `all` and `any` around single parts. */
function plain(node: FilterNode): FilterNode {
  if (node.kind === 'not') return { kind: 'not', of: plain(node.of) };
  if (node.kind === 'element') return { ...node, where: plain(node.where) };
  if (node.kind !== 'all' && node.kind !== 'any') return node;
  const parts = node.of.map(plain);
  return parts.length === 1 ? (parts[0] as FilterNode) : { kind: node.kind, of: parts };
}

test('order, page and fields', () => {
  const query = read(
    '?or(and(ge(data.n,15),eq(status,stored)),contains(data.tags))&select(id,status,data.n)&sort(-data.at,+id)&limit(20,40)&skipCount()',
  );
  expect(query).toMatchObject({ limit: 20, offset: 40, select: ['n'] });
  expect(query.order).toMatchObject({ name: 'data.at DESC, id ASC', descending: false, keys: [{ descending: true }] });
  expect(read('and(eq(data.n,1),limit(5),sort(data.n))')).toMatchObject({ limit: 5, order: { name: 'data.n ASC' } });
  expect(read('select(id)').select).toEqual([]);
  expect(read('select(data)').select).toBeUndefined();
  expect(read('limit(3)').offset).toBeUndefined();
});
