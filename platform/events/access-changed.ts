// The events that tell whose access changed: written by the platform with every `bumpAccess`, so that whoever caches
// identities can drop them when such an event passes.
import type { NewEvent } from './event.ts';

/** Its content is `{ userIds: [...] }`: at most 1,000 ids. */
export const accessChanged = 'access_changed';

/** So that one event stays small, whatever role of however many people changes. */
const usersOfOneEvent = 1_000;

export function accessChangedEvents(userIds: ReadonlySet<string>): NewEvent[] {
  const ids = [...userIds].sort();
  return Array.from({ length: Math.ceil(ids.length / usersOfOneEvent) }, (_, index) => ({
    type: accessChanged,
    content: { userIds: ids.slice(index * usersOfOneEvent, (index + 1) * usersOfOneEvent) },
  }));
}
