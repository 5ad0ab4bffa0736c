// Which events can end sessions, so that an open subscription ends with its session, not only when it would deliver.
import type { LogEvent } from '../../platform/events/event.ts';

const types = [
  'session_ended',
  'user_deleted',
  'password_reset_completed',
  'user_oidc_linked',
  'user_oidc_unlinked',
] as const;

/** The topics of a subscription, and those that can end it. Undefined is all. */
export function withSessionEndings(topics: ReadonlySet<string> | undefined): ReadonlySet<string> | undefined {
  return topics === undefined ? undefined : new Set([...topics, ...types]);
}

/** Whether it can have ended a session of this user: whether it has, only authenticating anew tells. */
export function mayEndSessionOf({ type, content }: LogEvent, userId: string | undefined): boolean {
  return userId !== undefined && content.userId === userId && (types as readonly string[]).includes(type);
}
