// What resolvers of this contract's types get as their parent.
import type { LogEvent } from '../../platform/events/event.ts';
import type { Connection } from '../../platform/paging/page.ts';

export type EventModel = Pick<LogEvent, 'id' | 'position' | 'type' | 'content' | 'createdAt'>;
export type EventConnectionModel = Connection<EventModel>;
