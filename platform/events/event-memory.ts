// The newest events of the log, in order and without gaps, as far as a process knows them. Bounded; asks nobody.
import type { LogEvent } from './event.ts';

export interface EventMemory {
  /** The newest position known. */
  readonly newest: bigint;
  /** The position before the oldest event remembered: reading can start from there. */
  readonly reachesBackTo: bigint;
  /** Takes the event when it is the next one. Whether nothing is missing: false for an event beyond the next. */
  append(event: LogEvent): boolean;
  /** At most `most` events after the position, which must not lie before `reachesBackTo`. */
  after(position: bigint, most: number): readonly LogEvent[];
  /** Forgets everything and goes on from this position. */
  restartAt(newest: bigint): void;
}

export function createEventMemory(head: bigint, capacity: number): EventMemory {
  let newest = head;
  let events: LogEvent[] = [];
  return {
    get newest() {
      return newest;
    },
    get reachesBackTo() {
      return newest - BigInt(events.length);
    },
    append(event) {
      if (event.position !== newest + 1n) return event.position <= newest;
      newest = event.position;
      events.push(event);
      // Cut seldom and much: cutting one by one would move all others each time.
      if (events.length >= capacity * 2) events = events.slice(-capacity);
      return true;
    },
    after(position, most) {
      const from = Number(position - newest) + events.length;
      return events.slice(from, from + most);
    },
    restartAt(position) {
      newest = position;
      events = [];
    },
  };
}
