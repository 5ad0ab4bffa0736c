// Who sees which users, groups, roles and enlistments: one rule for each, used by every way that leads to a row.
import type { Condition } from '../../platform/access/condition.ts';
import { absent, always, any, isIn, isOwn, never, related, some } from '../../platform/access/condition.ts';
import { nullUnless } from '../../platform/access/rules.ts';
import { holdsEverywhere } from '../../platform/access/scope.ts';
import type { Identity } from '../../platform/identity/identity.ts';
import { activePatientGroups, staffGroups } from '../../platform/identity/identity.ts';

/** Who looks, and when: the patient enlistments of a viewer end by themselves. */
export interface Viewer {
  readonly identity: Identity;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Staff are seen by themselves, their colleagues, the patients of the group, and with VIEW_STAFF or VIEW_USER. */
export function visibleStaffEnlistment(viewer: Viewer): Condition {
  if (holdsEverywhere(viewer.identity, 'VIEW_STAFF', 'VIEW_USER')) return always;
  return any(isOwn('userId', viewer.identity), isIn('groupId', groupsOf(viewer)));
}

/**
 * Patients are seen by themselves, the staff of the group (with or without VIEW_PATIENTS there), and with VIEW_PATIENTS
 * or VIEW_USER. Never by each other. One that has expired is seen as before.
 */
export function visiblePatientEnlistment(viewer: Viewer): Condition {
  return any(listedPatientEnlistment(viewer), isOwn('userId', viewer.identity));
}

/** Of these, what the list `staff` shows: to be a patient of a group, or staff oneself somewhere else, is not enough. */
export function listedStaffEnlistment({ identity }: Viewer): Condition {
  if (holdsEverywhere(identity, 'VIEW_STAFF', 'VIEW_USER')) return always;
  return isIn('groupId', staffGroups(identity));
}

/** Of these, what the list `patients` shows: to be that patient oneself is not enough. */
export function listedPatientEnlistment({ identity }: Viewer): Condition {
  if (holdsEverywhere(identity, 'VIEW_PATIENTS', 'VIEW_USER')) return always;
  return isIn('groupId', staffGroups(identity));
}

/** Oneself, and everybody with an enlistment that the viewer sees. */
export function visibleUser(viewer: Viewer): Condition {
  if (holdsEverywhere(viewer.identity, 'VIEW_USER')) return always;
  return any(
    isOwn('id', viewer.identity),
    some('staffEnlistments', visibleStaffEnlistment(viewer)),
    some('patientEnlistments', visiblePatientEnlistment(viewer)),
  );
}

/** Of a user, what stays between them and VIEW_USER: failed sign-ins, and links to providers. Reads `id`. */
export function visibleInFull({ identity }: Viewer): Condition {
  return holdsEverywhere(identity, 'VIEW_USER') ? always : isOwn('id', identity);
}

/** The same for the permission map. */
export const seenInFull = nullUnless('VIEW_USER', 'of yourself');

/** The groups that the viewer belongs to. VIEW_USER shows users in full: where they are enlisted is part of that. */
export function visibleGroup(viewer: Viewer): Condition {
  if (holdsEverywhere(viewer.identity, 'VIEW_GROUP')) return always;
  const enlisted = any(some('staffEnlistments', always), some('patientEnlistments', always));
  return any(isIn('id', groupsOf(viewer)), holdsEverywhere(viewer.identity, 'VIEW_USER') ? enlisted : never);
}

/**
 * Global roles that the viewer holds, and those of groups where the viewer is staff (who holds a role of a group is
 * staff there). VIEW_USER shows users in full: the roles that they hold are part of that.
 */
export function visibleRole({ identity }: Viewer): Condition {
  const held = any(some('users', always), some('staff', always));
  return any(
    holdsEverywhere(identity, 'VIEW_ROLE') ? absent('groupId') : never,
    holdsEverywhere(identity, 'VIEW_GROUP') ? related('group', always) : never,
    isIn('groupId', staffGroups(identity)),
    some('users', isOwn('userId', identity)),
    holdsEverywhere(identity, 'VIEW_USER') ? held : never,
  );
}

function groupsOf({ identity, now }: Viewer): Set<string> {
  return new Set([...staffGroups(identity), ...activePatientGroups(identity, now)]);
}
