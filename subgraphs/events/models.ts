// What resolvers of this contract's types get as their parent.
import type { AccessLogEntry } from '../../generated/prisma/client.ts';
import type { LogEvent } from '../../platform/events/event.ts';
import type { Connection } from '../../platform/paging/page.ts';

export type EventModel = Pick<LogEvent, 'id' | 'position' | 'type' | 'content' | 'createdAt'>;
export interface UserModel {
  readonly id: string;
}
export type AccessLogModel = Omit<AccessLogEntry, 'hash' | 'createdAt' | 'updatedAt'>;
export type AccessLogConnectionModel = Connection<AccessLogModel>;
export type EventConnectionModel = Connection<EventModel>;
