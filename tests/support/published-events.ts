// What services told of their changes, without what the platform adds to them by itself.
import { accessChanged } from '../../platform/events/access-changed.ts';
import type { LogEvent } from '../../platform/events/event.ts';

type Told = Pick<LogEvent, 'type' | 'content'>;

/** In order, without what differs from run to run. */
export async function publishedEvents(log: { readLog(): Promise<readonly LogEvent[]> }): Promise<Told[]> {
  const events = await log.readLog();
  return events.filter(({ type }) => type !== accessChanged).map(({ type, content }) => ({ type, content }));
}
