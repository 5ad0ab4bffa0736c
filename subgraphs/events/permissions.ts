// Who may call which operation: the log is one whole, seen by who holds VIEW_EVENTS.
import { can, internal } from '../../platform/access/rules.ts';
import type { PermissionMap } from '../../platform/access/shield.ts';

export const permissions: PermissionMap = {
  Query: {
    events: can('VIEW_EVENTS'),
    eventLog: internal,
    eventLogProgress: internal,
    accessLogs: can('VIEW_ACCESS_LOGS'),
  },
  Mutation: { recordAccess: internal },
  Subscription: { events: can('VIEW_EVENTS') },
};
