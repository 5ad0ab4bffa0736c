// Changes of what users may do, as events tell of them: `users` publishes them in the transaction of the change, and
// services that have subscriptions find out whether one concerns what a subscription shows.
import type { LogEvent, NewEvent } from '../events/event.ts';
import { type Identity, identityFrom } from '../identity/identity.ts';
import { type Condition, includesOwn } from './condition.ts';
import { matches } from './condition-matches.ts';

/** What ties a user to a group. */
export type GroupRelation = 'staff' | 'patient';

export interface Rights {
  /** Where they hold; null: everywhere. */
  readonly groupId: string | null;
  readonly permissions: readonly string[];
  /** None of rights that hold everywhere. */
  readonly relations: readonly GroupRelation[];
}

export type RightsChangeKind = 'ACCESS_GAINED' | 'ACCESS_LOST';

export interface RightsChange extends Rights {
  readonly kind: RightsChangeKind;
}

const kinds = { rights_gained: 'ACCESS_GAINED', rights_lost: 'ACCESS_LOST' } as const;
type RightsEventType = keyof typeof kinds;

/** So that an event stays small, whatever role of however many people changes. */
const usersOfOneEvent = 1_000;

/** Whose they are, and which, is for deciding on alone: readers of the log see the group. */
export function rightsEvents({ kind, ...rights }: RightsChange, userIds: readonly string[]): readonly NewEvent[] {
  const type: RightsEventType = kind === 'ACCESS_GAINED' ? 'rights_gained' : 'rights_lost';
  return Array.from({ length: Math.ceil(userIds.length / usersOfOneEvent) }, (_, index) => ({
    type,
    content: { groupId: rights.groupId },
    access: { ...rights, userIds: userIds.slice(index * usersOfOneEvent, (index + 1) * usersOfOneEvent) },
  }));
}

/** The change of the viewer's own rights that the event tells of, if it does. */
export function findOwnRightsChange({ type, access }: LogEvent, viewer: Identity): RightsChange | undefined {
  if (!Object.hasOwn(kinds, type) || access === null) return undefined;
  if (!matches(includesOwn('userIds', viewer), access)) return undefined;
  const { groupId, permissions, relations } = access as unknown as Rights;
  return { kind: kinds[type as RightsEventType], groupId, permissions, relations };
}

/**
 * Whether these rights by themselves show anything of what the rule is about. What else the viewer may do is left out on
 * purpose: it may have changed since, and whoever goes on from a position must be told of each change that mattered.
 */
export function showsAnything(rights: Rights, rule: (identity: Identity) => Condition): boolean {
  // Permissions in a group are held by its staff: what staff see without them is not theirs.
  const staffAnyway = rights.groupId !== null && rights.permissions.length > 0 && !rights.relations.includes('staff');
  const without: Rights = { ...rights, permissions: [], relations: staffAnyway ? ['staff'] : [] };
  return JSON.stringify(rule(holderOf(rights))) !== JSON.stringify(rule(holderOf(without)));
}

/** Somebody who has these rights and no other. */
function holderOf({ groupId, permissions, relations }: Rights): Identity {
  if (groupId === null) return identityFrom({ userId: somebody, permissions: [...permissions] });
  const isStaff = relations.includes('staff') || permissions.length > 0;
  return identityFrom({
    userId: somebody,
    staff: isStaff ? [{ groupId, permissions: [...permissions] }] : [],
    patient: relations.includes('patient') ? [{ groupId }] : [],
  });
}

/** The id of nobody. */
const somebody = '00000000-0000-0000-0000-000000000000';
