// What stands for a viewer in the keys of answers: everybody with exactly the same rights, or this one session alone.
import { accessClassOf } from '../../platform/identity/access-class.ts';
import type { Caller } from '../../platform/identity/identity.ts';
import { activePatientGroups } from '../../platform/identity/identity.ts';

export interface ViewerKeys {
  /** Of all whose identities differ in nothing but their own id. */
  readonly class: string;
  /** Of this user, with these rights and this session. */
  readonly self: string;
  /** Whether rights of this viewer end about now: clocks of services may differ on whether they have. */
  readonly isChanging: boolean;
}

/** Clocks of the installation's machines differ by less. */
const clockMilliseconds = 60_000;

export function viewerKeys({ identity, sessionId }: Caller, now: number): ViewerKeys {
  // The identity says when an enlistment ends. What it allows changes then, although the identity stays the same.
  const active = activePatientGroups(identity, now).sort().join();
  const ends = [...identity.patient.values()];
  const rights = `${accessClassOf(identity).key} ${active}`;
  return {
    class: `class ${rights}`,
    self: `self ${identity.userId ?? ''} ${sessionId ?? ''} ${rights}`,
    isChanging: ends.some((end) => end !== undefined && Math.abs(end - now) < clockMilliseconds),
  };
}
