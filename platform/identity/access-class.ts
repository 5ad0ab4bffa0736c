// Access classes: users whose identities differ in nothing but their own id see the same, but for what is theirs in
// person. Such a class can be asked for at once, by a caller that stands for any of its members: the answer holds for
// all of them, except for those with whose ids the own id was compared, and holds for none when it was read.
import { createHash } from 'node:crypto';
import type { Caller, Identity } from './identity.ts';
import { anyMemberOf, identityData } from './identity.ts';
import type { Tracking } from './tracked-id.ts';

export interface AccessClass {
  /** The same for all who are in the class, and for nobody else. */
  readonly key: string;
  /** Somebody of the class, with a tracking of its own that begins empty. */
  member(): ClassMember;
}

export interface ClassMember {
  readonly caller: Caller;
  /** What the answers to this caller depend on, as far as they were given. */
  tracking(): Tracking;
}

const known = new WeakMap<Identity, AccessClass>();

export function accessClassOf(identity: Identity): AccessClass {
  const found = known.get(identity) ?? createAccessClass(identity);
  known.set(identity, found);
  return found;
}

function createAccessClass(identity: Identity): AccessClass {
  const template = anyMemberOf(identity);
  return {
    key: classKey(identity),
    member() {
      // Nobody has no own id that could be compared.
      if (template === undefined)
        return { caller: { identity }, tracking: () => ({ personal: false, comparedWith: [] }) };
      const caller = callerOfClass(template);
      return { caller, tracking: () => caller.identity.tracked.tracking };
    },
  };
}

type MemberIdentity = Identity & Required<Pick<Identity, 'tracked'>>;

/** A caller of the identity's class, which has no session: asking for it is noted as well. */
export function callerOfClass(template: Identity): Caller & { readonly identity: MemberIdentity } {
  const identity = anyMemberOf(template) as MemberIdentity;
  return Object.freeze({
    identity,
    get sessionId(): string {
      return identity.tracked.reveal();
    },
  });
}

/** Of everything that an identity says but the own id. Sets and maps in any order say the same. */
function classKey(identity: Identity): string {
  const { userId: _, permissions = [], staff = [], patient = [], ...others } = identityData(identity);
  const text = JSON.stringify([
    identity.userId !== undefined,
    others,
    permissions.sort(),
    staff.map(({ groupId, permissions: held }) => [groupId, held.sort()] as const).sort(byGroup),
    patient.map(({ groupId, expiresAt }) => [groupId, expiresAt] as const).sort(byGroup),
  ]);
  return createHash('sha256').update(text).digest('base64');
}

function byGroup([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
