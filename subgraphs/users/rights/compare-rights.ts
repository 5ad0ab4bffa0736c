// What users gained and lost between two states of their rights: those with the same change together.
import type { GroupRelation, RightsChange, RightsChangeKind } from '../../../platform/access/rights-change.ts';
import type { HeldRights } from './rights-store.ts';

export interface ChangedRights {
  readonly change: RightsChange;
  readonly userIds: readonly string[];
}

/** Losses first. A permission that a user holds everywhere all the while is no different in a group. */
export function compareRights(before: readonly HeldRights[], after: readonly HeldRights[]): ChangedRights[] {
  const [earlier, later] = [rightsOf(before), rightsOf(after)];
  const isEverywhere = (userId: string, name: string) =>
    [earlier, later].every((rights) => rights.get(`${userId} `)?.permissions.has(name) === true);
  const changes = new Map<string, { change: RightsChange; userIds: string[] }>();
  const tell = (kind: RightsChangeKind, from: RightsByPlace, to: RightsByPlace) => {
    for (const [place, { userId, groupId, permissions, relations }] of to) {
      const known = from.get(place);
      const change = {
        kind,
        groupId,
        permissions: [...permissions]
          .filter((name) => known?.permissions.has(name) !== true)
          .filter((name) => groupId === null || !isEverywhere(userId, name))
          .sort(),
        relations: [...relations].filter((name) => known?.relations.has(name) !== true).sort() as GroupRelation[],
      };
      if (change.permissions.length + change.relations.length === 0) continue;
      const key = JSON.stringify(change);
      const alike = changes.get(key) ?? { change, userIds: [] };
      alike.userIds.push(userId);
      changes.set(key, alike);
    }
  };
  tell('ACCESS_LOST', later, earlier);
  tell('ACCESS_GAINED', earlier, later);
  return [...changes.values()];
}

interface RightsAt {
  readonly userId: string;
  readonly groupId: string | null;
  readonly permissions: Set<string>;
  readonly relations: Set<string>;
}

/** By user and group; everywhere is the empty group. */
type RightsByPlace = ReadonlyMap<string, RightsAt>;

function rightsOf(held: readonly HeldRights[]): RightsByPlace {
  const places = new Map<string, RightsAt>();
  for (const { userId, groupId, kind, names } of held) {
    const key = `${userId} ${groupId ?? ''}`;
    const place = places.get(key) ?? { userId, groupId, permissions: new Set(), relations: new Set() };
    for (const name of names) place[kind].add(name);
    places.set(key, place);
  }
  return places;
}
