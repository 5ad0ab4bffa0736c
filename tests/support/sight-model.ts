// Small worlds of users, groups, roles and enlistments, and who sees what of them: a plain model, written from what the
// capability specification says of users (views and visibility), with which every way that leads to a row is compared.
import fc from 'fast-check';
import type { People } from './people.ts';

/** Users, groups and roles are numbers here. */
export interface World {
  readonly groups: number;
  /** The permissions of each user's own global role; empty: the role is held all the same. */
  readonly permissions: readonly (readonly string[])[];
  /** For each group role, its group and its permissions. */
  readonly groupRoles: readonly { readonly group: number; readonly permissions: readonly string[] }[];
  readonly staff: readonly { readonly user: number; readonly group: number; readonly withRoles: boolean }[];
  readonly patients: readonly { readonly user: number; readonly group: number; readonly ends: End }[];
}

/** When a patient enlistment ends: it has, before anybody looked; between two looks; or not. */
export type End = 'before' | 'between' | 'never';

/** Somebody who looks, before or after the moment `between`. */
export interface Look {
  readonly viewer: number;
  readonly late: boolean;
}

export const most = { users: 5, groups: 3, roles: 3 };

const user = fc.nat({ max: most.users - 1 });
const group = fc.nat({ max: most.groups - 1 });
const oneOf = (...names: string[]) => fc.constantFrom(...names).map((name) => [name]);

export const anyWorld: fc.Arbitrary<World> = fc.record({
  groups: fc.constant(most.groups),
  permissions: fc.array(
    fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: oneOf('VIEW_USER', 'VIEW_STAFF', 'VIEW_PATIENTS', 'VIEW_GROUP', 'VIEW_ROLE') },
    ),
    { minLength: most.users, maxLength: most.users },
  ),
  groupRoles: fc.array(
    fc.record({ group, permissions: oneOf('VIEW_USER', 'VIEW_STAFF', 'VIEW_PATIENTS', 'VIEW_GROUP') }),
    { maxLength: most.roles },
  ),
  staff: fc.uniqueArray(fc.record({ user, group, withRoles: fc.boolean() }), {
    maxLength: 4,
    selector: (enlistment) => `${enlistment.user} ${enlistment.group}`,
  }),
  patients: fc.uniqueArray(
    fc.record({ user, group, ends: fc.constantFrom<End>('before', 'between', 'never', 'never') }),
    { maxLength: 5, selector: (enlistment) => `${enlistment.user} ${enlistment.group}` },
  ),
});

/** Everybody who holds a permission everywhere, and somebody in every kind of enlistment. */
export const everyPermission: World = {
  groups: most.groups,
  permissions: [['VIEW_USER'], ['VIEW_STAFF'], ['VIEW_PATIENTS'], ['VIEW_GROUP'], ['VIEW_ROLE']],
  groupRoles: [
    { group: 0, permissions: [] },
    { group: 1, permissions: ['VIEW_USER'] },
    { group: 2, permissions: [] },
  ],
  staff: [
    { user: 1, group: 0, withRoles: true },
    { user: 4, group: 1, withRoles: true },
  ],
  patients: [
    { user: 2, group: 0, ends: 'never' },
    { user: 3, group: 0, ends: 'before' },
    { user: 4, group: 0, ends: 'between' },
    { user: 1, group: 1, ends: 'never' },
  ],
};

/** Nobody holds a permission: enlistments alone decide, of staff who are patients elsewhere, and of patients. */
export const onlyEnlistments: World = {
  groups: most.groups,
  permissions: [[], [], [], [], []],
  groupRoles: [{ group: 0, permissions: ['VIEW_PATIENTS'] }],
  staff: [
    { user: 0, group: 0, withRoles: true },
    { user: 1, group: 0, withRoles: false },
    { user: 1, group: 1, withRoles: false },
    { user: 2, group: 2, withRoles: false },
  ],
  patients: [
    { user: 0, group: 1, ends: 'between' },
    { user: 0, group: 2, ends: 'before' },
    { user: 1, group: 0, ends: 'never' },
    { user: 3, group: 1, ends: 'between' },
    { user: 4, group: 2, ends: 'never' },
  ],
};

function relationsOf(world: World, { viewer, late }: Look) {
  return {
    may: (permission: string) => world.permissions[viewer]?.includes(permission) === true,
    isStaff: (of: number) => world.staff.some((one) => one.user === viewer && one.group === of),
    isPatient: (of: number) =>
      world.patients.some(
        (one) => one.user === viewer && one.group === of && (one.ends === 'never' || (one.ends === 'between' && !late)),
      ),
  };
}

/** All that is seen, by whatever way: names such as `u1`, `g0`, `r1`, `gr2`, `staff u1 g0`, `patient u2 g0`. */
export function expectedSight(world: World, look: Look): Set<string> {
  const { viewer } = look;
  const { may, isStaff, isPatient } = relationsOf(world, look);
  const seen = new Set<string>([`u${viewer}`]);

  for (const one of world.staff) {
    const sharesGroup = isStaff(one.group) || isPatient(one.group);
    if (one.user === viewer || sharesGroup || may('VIEW_STAFF') || may('VIEW_USER')) {
      seen.add(`staff u${one.user} g${one.group}`).add(`u${one.user}`);
    }
  }
  for (const one of world.patients) {
    if (one.user === viewer || isStaff(one.group) || may('VIEW_PATIENTS') || may('VIEW_USER')) {
      seen.add(`patient u${one.user} g${one.group}`).add(`u${one.user}`);
    }
  }
  if (may('VIEW_USER')) for (const each of world.permissions.keys()) seen.add(`u${each}`);

  for (let each = 0; each < world.groups; each += 1) {
    const anyone = [...world.staff, ...world.patients].some((one) => one.group === each);
    if (isStaff(each) || isPatient(each) || may('VIEW_GROUP') || (may('VIEW_USER') && anyone)) seen.add(`g${each}`);
  }
  for (const each of world.permissions.keys()) {
    if (each === viewer || may('VIEW_ROLE') || may('VIEW_USER')) seen.add(`r${each}`);
  }
  world.groupRoles.forEach((role, index) => {
    const held = world.staff.some((one) => one.group === role.group && one.withRoles);
    if (isStaff(role.group) || may('VIEW_GROUP') || (may('VIEW_USER') && held)) seen.add(`gr${index}`);
  });
  return seen;
}

export type MemberList = 'patients' | 'staff';

/**
 * The list `patients` or `staff`: those of the groups where the viewer is staff, all with a permission. Undefined: it is
 * refused, to who is staff nowhere and holds neither permission.
 */
export function expectedMembers(world: World, look: Look, list: MemberList): Set<string> | undefined {
  const { may, isStaff } = relationsOf(world, look);
  const all = may(list === 'patients' ? 'VIEW_PATIENTS' : 'VIEW_STAFF') || may('VIEW_USER');
  if (!all && !world.staff.some((one) => one.user === look.viewer)) return undefined;
  const members = world[list].filter((one) => all || isStaff(one.group));
  return new Set(members.map((one) => `u${one.user} g${one.group}`));
}

/** The names of the rows in the tables, and back. */
export interface WorldRows {
  readonly ids: ReadonlyMap<string, string>;
  readonly names: ReadonlyMap<string, string>;
}

/** When enlistments end that do, in epoch milliseconds. */
export interface WorldTimes {
  readonly before: number;
  readonly between: number;
}

export async function buildWorld(world: World, people: People, times: WorldTimes): Promise<WorldRows> {
  const ids = new Map<string, string>();
  for (let each = 0; each < world.groups; each += 1) ids.set(`g${each}`, await people.group());
  const id = (name: string): string => ids.get(name) ?? '';
  for (const [each, permissions] of world.permissions.entries()) {
    ids.set(`u${each}`, await people.user({ firstName: `u${each}`, activation: each % 2 === 0 }));
    ids.set(`r${each}`, await people.role({ permissions: [...permissions] }));
    await people.hold(id(`u${each}`), id(`r${each}`));
  }
  for (const [index, role] of world.groupRoles.entries()) {
    ids.set(`gr${index}`, await people.role({ groupId: id(`g${role.group}`), permissions: [...role.permissions] }));
  }
  for (const one of world.staff) {
    const roles = world.groupRoles.flatMap((role, index) => (role.group === one.group ? [id(`gr${index}`)] : []));
    await people.staff(id(`u${one.user}`), id(`g${one.group}`), one.withRoles ? roles : []);
  }
  for (const one of world.patients) {
    const expiresAt = one.ends === 'never' ? undefined : new Date(times[one.ends]);
    await people.patient(id(`u${one.user}`), id(`g${one.group}`), expiresAt);
  }
  return { ids, names: new Map([...ids].map(([name, each]) => [each, name])) };
}
