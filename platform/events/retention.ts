// How long the log keeps events, as a policy over its segments: when to begin one, and which are no longer kept. Decides
// and does nothing.
import { countEvents, type LogState, newestSegment, type Segment } from './segments.ts';

/** Events are kept that are younger than `milliseconds` and among the newest `events`. */
export interface Keep {
  readonly milliseconds: number;
  /** Infinity where the number does not matter. */
  readonly events: number;
}

/** How far a service has come with its events. */
export interface Progress {
  readonly service: string;
  readonly position: bigint;
}

/** A segment that is no longer kept, and the services that have not handled all of its events. */
export interface Dropped {
  readonly segment: Segment;
  readonly lastPosition: bigint;
  readonly unhandledBy: readonly string[];
}

const longestSegmentMs = 24 * 3_600_000;
const largestSegment = 1_000_000;

/** Small against what is kept, since only whole segments are dropped; and no more of them than readers can look through. */
function segmentLimits({ milliseconds, events }: Keep): Keep {
  return {
    milliseconds: Math.min(longestSegmentMs, milliseconds / 24),
    events: Math.max(1, Math.min(largestSegment, Math.ceil(events / 10))),
  };
}

/** Whether the segment that is written to has grown old or large. One without events goes on. */
export function isSegmentDue(state: LogState, keep: Keep, now: number): boolean {
  const newest = newestSegment(state);
  if (countEvents(state, newest) === 0n) return false;
  return roomInSegment(state, keep) <= 0 || now - newest.startedAt.getTime() >= segmentLimits(keep).milliseconds;
}

/** How many events the segment that is written to still takes. */
export function roomInSegment(state: LogState, keep: Keep): number {
  return segmentLimits(keep).events - Number(countEvents(state, newestSegment(state)));
}

/**
 * What is to be dropped, oldest first. A segment that a service still needs is kept for as long again, up to twice the
 * time and the number; then it goes all the same, as a service that stands still must not fill the disk. The segment
 * that is written to always stays.
 */
export function segmentsToDrop(state: LogState, keep: Keep, now: number, progress: readonly Progress[]): Dropped[] {
  const dropped: Dropped[] = [];
  for (const [index, segment] of state.segments.entries()) {
    const next = state.segments[index + 1];
    if (next === undefined || !isBeyond(keep, state, next, now)) break;
    const lastPosition = next.firstPosition - 1n;
    const unhandledBy = progress.filter(({ position }) => position < lastPosition).map(({ service }) => service);
    const twice = { milliseconds: keep.milliseconds * 2, events: keep.events * 2 };
    if (unhandledBy.length > 0 && !isBeyond(twice, state, next, now)) break;
    dropped.push({ segment, lastPosition, unhandledBy });
  }
  return dropped;
}

/** Whether everything before this segment is older, or further back, than what is kept. */
function isBeyond({ milliseconds, events }: Keep, state: LogState, next: Segment, now: number): boolean {
  return now - next.startedAt.getTime() >= milliseconds || countEvents(state, next) >= events;
}
