// Which events tell that somebody may be allowed other things now, or that a session may be over. Whether it is so,
// only authenticating anew tells.
import { accessChanged } from '../../platform/events/access-changed.ts';
import type { LogEvent } from '../../platform/events/event.ts';

const sessionEndings: ReadonlySet<string> = new Set([
  'session_ended',
  'user_deleted',
  'password_reset_completed',
  'user_oidc_linked',
  'user_oidc_unlinked',
]);

export const accessTopics: ReadonlySet<string> = new Set([accessChanged, ...sessionEndings]);

/** The users whom it concerns. */
export function usersConcerned({ type, content: { userId, userIds } }: LogEvent): readonly unknown[] {
  if (type === accessChanged) return Array.isArray(userIds) ? userIds : [];
  return sessionEndings.has(type) ? [userId] : [];
}

/** Whether it is looked at once whether the session is over, so that a subscription does not outlive it in silence. */
export function mayEndSession({ type }: LogEvent): boolean {
  return sessionEndings.has(type);
}
