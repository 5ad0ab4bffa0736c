// Sees to it that the bus knows the newest event of the log, whatever it has lost: so a reader that has what the bus has
// need not ask the log whether there is more. For the relay that works.
import type { EventBus } from './bus.ts';
import type { LogEvent } from './event.ts';
import type { LogDatabase } from './log.ts';
import { readLog } from './log.ts';

export interface HeadAnnouncer {
  /** These have got their positions, and were handed to the bus, which may not have taken them. */
  noteNumbered(events: readonly LogEvent[]): void;
  /**
   * Hands the newest event to a bus that does not know it; one that is of another log (this one's database was put back, or
   * another one used the bus) begins anew with it. Never throws: it is called again.
   */
  announce(): Promise<void>;
}

export function createHeadAnnouncer({ db }: LogDatabase, bus: EventBus): HeadAnnouncer {
  let newest: LogEvent | undefined;
  let looked = false;

  /** A relay before this one may have gone between giving positions and telling of them. */
  async function lookOnce(): Promise<void> {
    if (looked || newest !== undefined) return;
    const { newest: head } = await readLog(db, 0n, 1);
    const last = head === 0n ? undefined : (await readLog(db, head - 1n, 1)).events[0];
    newest ??= last;
    looked = true;
  }

  return {
    noteNumbered(events) {
      newest = events.at(-1) ?? newest;
    },
    async announce() {
      try {
        await lookOnce();
        const known = (await bus.newest()) ?? 0n;
        if (newest === undefined || known === newest.position) return;
        if (known > newest.position) {
          // What is newer has come from another relay, which is about to take over; unless the log knows nothing of it.
          if (known <= (await readLog(db, 0n, 1)).newest) return;
          await bus.forget();
        }
        await bus.publish([newest]);
      } catch {
        // The bus or the database is away; both say so where they are used.
      }
    },
  };
}
