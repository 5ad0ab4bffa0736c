import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newId } from '../ids.ts';
import { isStorable } from '../text.ts';
import type { CursorKey } from './page.ts';
import { connection, encodeCursor, pageRequest } from './page.ts';
import { prismaPage } from './prisma-page.ts';

const refused = (field: string) =>
  expect.objectContaining({ code: 'BAD_USER_INPUT', details: expect.objectContaining({ field }) });
const refusalOf = (run: () => unknown): unknown => {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
};

describe('a page', () => {
  test('of a negative length, or from both ends, is refused', () => {
    expect(refusalOf(() => pageRequest({ first: -1 }, 'x'))).toEqual(refused('first'));
    expect(refusalOf(() => pageRequest({ last: -1 }, 'x'))).toEqual(refused('last'));
    expect(refusalOf(() => pageRequest({ first: 1, last: 1 }, 'x'))).toEqual(refused('last'));
  });

  test('after something that is no cursor, or a cursor of another order, is refused', () => {
    const foreign = encodeCursor('name asc', { key: 'a', id: newId() });
    const bad = [
      '',
      'x',
      '%%%',
      Buffer.from('{}').toString('base64url'),
      Buffer.from('["x",{},"y"]').toString('base64url'),
    ];
    for (const after of [...bad, foreign])
      expect(refusalOf(() => pageRequest({ after }, 'x'))).toEqual(refused('after'));
    const number = pageRequest({ before: encodeCursor('x', { key: 7, id: newId() }) }, 'x');
    expect(refusalOf(() => prismaPage(number, { field: 'name', direction: 'asc' }, {}))).toEqual(refused('before'));
  });

  test('never refuses with anything but a clear error, whatever is given as a cursor', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json().map((json) => Buffer.from(json).toString('base64url')),
        ),
        (after) => {
          const refusal = refusalOf(() => pageRequest({ after }, 'x'));
          if (refusal !== undefined) expect(refusal).toEqual(refused('after'));
        },
      ),
    );
  });

  test('is cut to the longest that is allowed', () => {
    expect(pageRequest({}, 'x').limit).toBe(20);
    expect(pageRequest({ first: 1_000 }, 'x').limit).toBe(100);
    expect(pageRequest({ last: 7 }, 'x', { standard: 5, most: 6 }).limit).toBe(6);
    expect(pageRequest({ first: 0 }, 'x').limit).toBe(0);
  });

  test('gives back the cursors that it was given', () => {
    const key = fc.oneof(
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    );
    fc.assert(
      fc.property(key, (value) => {
        // What JSON cannot tell apart (-0 and 0), and text that no item can have.
        fc.pre(!Object.is(value, -0) && !(typeof value === 'string' && !isStorable(value)));
        const cursor: CursorKey = { key: value, id: newId() };
        expect(pageRequest({ after: encodeCursor('x', cursor) }, 'x').after).toEqual(cursor);
      }),
    );
  });

  test('knows whether there is more, in both directions', async () => {
    const rows = [1, 2, 3].map((value) => ({ value, id: newId() }));
    const keyOf = ({ value, id }: { value: number; id: string }) => ({ key: value, id });
    const forwards = connection(pageRequest({ first: 2 }, 'x'), rows, keyOf, async () => 3);
    expect(forwards.nodes.map(({ value }) => value)).toEqual([1, 2]);
    expect(forwards.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const backwards = connection(pageRequest({ last: 2 }, 'x'), rows, keyOf, async () => 3);
    expect(backwards.nodes.map(({ value }) => value)).toEqual([2, 1]);
    expect(backwards.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    expect(await backwards.totalCount()).toBe(3);
  });
});
