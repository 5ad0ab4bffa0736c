// Moments as text: forms of ISO 8601 in, one form out.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findMoment } from './moment.ts';

test.each([
  '',
  'now',
  'infinity',
  '12',
  '20120822',
  '2012-13',
  '2012-02-30',
  '2011-02-29',
  '2012-08-22T25:00',
  '2012-08-22T24:00',
  '2012-08-22T12:60',
  '2012-08-22 12:16:05 Z',
  ' 2012',
  '2012\n',
  '2012-08-22T12:16:05+25:99',
  '0000',
  '0000-12-31T23:59:59.999Z',
  '0001-01-01T00:00:00+01:00',
  '0000-01-01T00:00:00+23:59',
  '9999-12-31T23:59:59-12:00',
  '12012-01-01',
])('%j is none', (text) => {
  expect(findMoment(text)).toBeUndefined();
});

describe('partial, local and zoned forms become UTC with milliseconds', () => {
  test.each([
    ['2012', '2012-01-01T00:00:00.000Z'],
    ['2012-08', '2012-08-01T00:00:00.000Z'],
    ['2012-02-29', '2012-02-29T00:00:00.000Z'],
    ['2012-08-22T12:16', '2012-08-22T12:16:00.000Z'],
    ['2012-08-22T12:16:05', '2012-08-22T12:16:05.000Z'],
    ['2012-08-22t12:16:05.6z', '2012-08-22T12:16:05.600Z'],
    ['2012-08-22T12:16:05.677999Z', '2012-08-22T12:16:05.677Z'],
    ['2012-08-22T12:16:05+02:00', '2012-08-22T10:16:05.000Z'],
    ['2012-08-22T12:16:05-0330', '2012-08-22T15:46:05.000Z'],
    ['2012-08-22T12:16:05+02', '2012-08-22T10:16:05.000Z'],
    ['0001-01-01', '0001-01-01T00:00:00.000Z'],
  ])('%s', (text, expected) => {
    expect(findMoment(text)).toBe(expected);
  });
});

test('what comes out goes in unchanged, and text order is time order', () => {
  const date = fc.date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(date, date, (one, other) => {
      const [a, b] = [findMoment(one.toISOString()), findMoment(other.toISOString())] as [string, string];
      expect(a).toBe(one.toISOString());
      expect(a < b).toBe(one.getTime() < other.getTime());
    }),
  );
});
