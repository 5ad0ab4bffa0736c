// What events tell of users, and who may hear of each: which ones a viewer sees, as of now.
import { matches } from '../../../platform/access/condition-matches.ts';
import type { LogEvent } from '../../../platform/events/event.ts';
import type { Viewer } from '../visible.ts';
import { visibleInFull, visibleUser } from '../visible.ts';
import type { EnlistmentEvent } from './enlistment-events.ts';
import { findEnlistmentEvent, seesEnlistment } from './enlistment-events.ts';

export interface UserEvent {
  readonly userId: string;
  readonly kind: 'CREATED' | 'UPDATED' | 'DELETED';
  /** Fields of the user that are different. */
  readonly fields: ReadonlySet<string>;
  readonly enlistment?: EnlistmentEvent;
}

interface Facts {
  readonly kind: UserEvent['kind'];
  readonly fields?: readonly string[];
  /** About what stays between the user and VIEW_USER. */
  readonly inFull?: true;
}

const inFull: Facts = { kind: 'UPDATED', inFull: true };

const types: Readonly<Record<string, Facts>> = {
  user_created: { kind: 'CREATED' },
  user_updated: { kind: 'UPDATED' },
  user_email_changed: { kind: 'UPDATED', fields: ['email', 'activation'] },
  user_activation_completed: { kind: 'UPDATED', fields: ['activation'] },
  user_deleted: { kind: 'DELETED' },
  user_failed_login_attempts_reset: inFull,
  user_oidc_linked: inFull,
  user_oidc_unlinked: inFull,
  user_roles_added: inFull,
  user_roles_removed: inFull,
  staff_roles_added: inFull,
  staff_roles_removed: inFull,
};

/** Undefined where the viewer must not hear of it; whether the user is in sight now is decided afterwards. */
export function findUserEvent(event: LogEvent, viewer: Viewer): UserEvent | undefined {
  const enlistment = findEnlistmentEvent(event);
  if (enlistment !== undefined) {
    if (!seesEnlistment(viewer, enlistment)) return undefined;
    return { userId: enlistment.userId, kind: 'UPDATED', fields: new Set(), enlistment };
  }
  const facts = Object.hasOwn(types, event.type) ? types[event.type] : undefined;
  const { userId, fields } = event.content;
  if (facts === undefined || typeof userId !== 'string') return undefined;
  if (facts.inFull && !matches(visibleInFull(viewer), { id: userId })) return undefined;
  // A user who is gone is decided on by what the event says: who they were, and where they were enlisted.
  if (facts.kind === 'DELETED' && (event.access === null || !matches(visibleUser(viewer), event.access)))
    return undefined;
  return { userId, kind: facts.kind, fields: new Set(facts.fields ?? (Array.isArray(fields) ? fields : [])) };
}
