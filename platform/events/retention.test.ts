// The policy of retention: whole segments go, never the newest, never what is still to be kept.
import { describe, expect, test } from '@jest/globals';
import { isSegmentDue, type Keep, type Progress, roomInSegment, segmentsToDrop } from './retention.ts';
import type { LogState } from './segments.ts';

const day = 24 * 3_600_000;
const now = 1_000 * day;
const month: Keep = { milliseconds: 30 * day, events: Number.POSITIVE_INFINITY };

/** Segments of 100 events each, begun so many days ago; the last one holds `inLast`. */
function logOf(daysAgo: readonly number[], inLast = 100): LogState {
  const segments = daysAgo.map((days, index) => ({
    number: BigInt(index + 1),
    firstPosition: BigInt(index * 100 + 1),
    skipped: 0n,
    startedAt: new Date(now - days * day),
  }));
  return { segments, head: BigInt((daysAgo.length - 1) * 100 + inLast) };
}

const dropped = (state: LogState, keep: Keep, progress: readonly Progress[] = []) =>
  segmentsToDrop(state, keep, now, progress).map(({ segment }) => Number(segment.number));

describe('a segment is begun', () => {
  test('never while the newest one is empty', () => {
    expect(isSegmentDue(logOf([900], 0), month, now)).toBe(false);
  });

  test('after a day, and after an hour where a day is kept', () => {
    expect(isSegmentDue(logOf([0.99], 1), month, now)).toBe(false);
    expect(isSegmentDue(logOf([1], 1), month, now)).toBe(true);
    const aDay = { ...month, milliseconds: day };
    expect(isSegmentDue(logOf([0.9 / 24], 1), aDay, now)).toBe(false);
    expect(isSegmentDue(logOf([1.1 / 24], 1), aDay, now)).toBe(true);
  });

  test('when it is large: a million events, or a tenth of what is kept', () => {
    expect(roomInSegment(logOf([0], 999_999), month)).toBe(1);
    expect(isSegmentDue(logOf([0], 999_999), month, now)).toBe(false);
    expect(isSegmentDue(logOf([0], 1_000_000), month, now)).toBe(true);
    const few = { ...month, events: 5_000 };
    expect(isSegmentDue(logOf([0], 499), few, now)).toBe(false);
    expect(isSegmentDue(logOf([0], 500), few, now)).toBe(true);
  });
});

describe('what is dropped', () => {
  test('is never the segment that is written to, however old', () => {
    expect(dropped(logOf([900]), month)).toEqual([]);
    expect(dropped(logOf([900], 0), { milliseconds: 1, events: 1 })).toEqual([]);
  });

  test('is nothing where everything is kept', () => {
    const everything = { milliseconds: Number.POSITIVE_INFINITY, events: Number.POSITIVE_INFINITY };
    expect(dropped(logOf([900, 800, 0]), everything, [{ service: 'users', position: 0n }])).toEqual([]);
  });

  test('is what ended longer ago than events are kept', () => {
    expect(dropped(logOf([40, 31, 29.9, 1]), month)).toEqual([1]);
    expect(dropped(logOf([40, 31, 30, 1]), month)).toEqual([1, 2]);
  });

  test('is what lies before the newest events, as far as whole segments do', () => {
    const state = logOf([4, 3, 2, 1], 50);
    expect(dropped(state, { ...month, events: 151 })).toEqual([1]);
    expect(dropped(state, { ...month, events: 150 })).toEqual([1, 2]);
    expect(dropped(state, { ...month, events: 1 })).toEqual([1, 2, 3]);
  });

  test('waits for a service that needs it, for as long again and not longer', () => {
    const behind = [
      { service: 'users', position: 99n },
      { service: 'auth', position: 400n },
    ];
    expect(dropped(logOf([70, 59, 31, 0]), month, behind)).toEqual([]);
    const late = segmentsToDrop(logOf([70, 60, 31, 0]), month, now, behind);
    expect(late).toMatchObject([{ segment: { number: 1n }, lastPosition: 100n, unhandledBy: ['users'] }]);
    const few = { ...month, events: 150 };
    expect(dropped(logOf([4, 3, 2, 1], 99), few, behind)).toEqual([]);
    expect(dropped(logOf([4, 3, 2, 1], 100), few, behind)).toEqual([1]);
  });

  test('does not wait for a service that has handled exactly the last of its events', () => {
    expect(dropped(logOf([70, 40, 0]), month, [{ service: 'users', position: 100n }])).toEqual([1]);
  });
});
