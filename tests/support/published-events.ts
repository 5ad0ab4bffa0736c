// What services told of their changes, without what these mean for anybody's access, which goes with them.
import { accessChanged } from '../../platform/events/access-changed.ts';
import type { LogEvent } from '../../platform/events/event.ts';

const ofAccess: ReadonlySet<string> = new Set([accessChanged, 'rights_gained', 'rights_lost']);

type Told = Pick<LogEvent, 'type' | 'content'>;

/** In order, without what differs from run to run. */
export async function publishedEvents(log: { readLog(): Promise<readonly LogEvent[]> }): Promise<Told[]> {
  const events = await log.readLog();
  return events.filter(({ type }) => !ofAccess.has(type)).map(({ type, content }) => ({ type, content }));
}
