// Who sees whom: a small world is built at random, and every way that leads to a row is compared with a plain model.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { IdentityData } from '../../platform/identity/identity.ts';
import { newId } from '../../platform/ids.ts';
import { type People, peopleIn } from '../../tests/support/people.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../tests/support/subgraphs.ts';
import { users } from './index.ts';

let graph: TestSubgraphs;
let people: People;
beforeAll(async () => {
  graph = await startTestSubgraphs([users]);
  people = peopleIn(graph);
});
afterAll(() => graph.close());

/** Users, groups and roles are numbers here; `expired` enlistments ended an hour ago. */
interface World {
  readonly groups: number;
  /** The permissions of each user's own global role; empty: the role is held all the same. */
  readonly permissions: readonly (readonly string[])[];
  /** For each group role, its group and its permissions. */
  readonly groupRoles: readonly { readonly group: number; readonly permissions: readonly string[] }[];
  readonly staff: readonly { readonly user: number; readonly group: number; readonly withRoles: boolean }[];
  readonly patients: readonly { readonly user: number; readonly group: number; readonly expired: boolean }[];
}

const [mostUsers, mostGroups, mostRoles] = [5, 3, 3];
const user = fc.nat({ max: mostUsers - 1 });
const group = fc.nat({ max: mostGroups - 1 });
const oneOf = (...names: string[]) => fc.constantFrom(...names).map((name) => [name]);
const anyWorld: fc.Arbitrary<World> = fc.record({
  groups: fc.constant(mostGroups),
  permissions: fc.array(
    fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: oneOf('VIEW_USER', 'VIEW_STAFF', 'VIEW_PATIENTS', 'VIEW_GROUP', 'VIEW_ROLE') },
    ),
    { minLength: mostUsers, maxLength: mostUsers },
  ),
  groupRoles: fc.array(fc.record({ group, permissions: oneOf('VIEW_USER', 'VIEW_PATIENTS', 'VIEW_GROUP') }), {
    maxLength: mostRoles,
  }),
  staff: fc.uniqueArray(fc.record({ user, group, withRoles: fc.boolean() }), {
    maxLength: 4,
    selector: (enlistment) => `${enlistment.user} ${enlistment.group}`,
  }),
  patients: fc.uniqueArray(fc.record({ user, group, expired: fc.boolean() }), {
    maxLength: 5,
    selector: (enlistment) => `${enlistment.user} ${enlistment.group}`,
  }),
});

/** Everybody who holds a permission everywhere, and somebody in every kind of enlistment. */
const everyPermission: World = {
  groups: mostGroups,
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
    { user: 2, group: 0, expired: false },
    { user: 3, group: 0, expired: true },
    { user: 4, group: 0, expired: true },
    { user: 1, group: 1, expired: false },
  ],
};

/** What the specification (iam.md, B1.3) says, in words as plain as it: sets of names such as `u1`, `g0`, `staff u1 g0`. */
function expectedSight(world: World, viewer: number): Set<string> {
  const may = (permission: string) => world.permissions[viewer]?.includes(permission) === true;
  const isStaff = (of: number) => world.staff.some((one) => one.user === viewer && one.group === of);
  const isPatient = (of: number) =>
    world.patients.some((one) => one.user === viewer && one.group === of && !one.expired);
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

/** The names of the rows in the tables, and back. */
interface Rows {
  readonly ids: ReadonlyMap<string, string>;
  readonly names: ReadonlyMap<string, string>;
}

async function build(world: World): Promise<Rows> {
  const ids = new Map<string, string>();
  for (let each = 0; each < world.groups; each += 1) ids.set(`g${each}`, await people.group());
  const id = (name: string): string => ids.get(name) ?? '';
  for (const [each, permissions] of world.permissions.entries()) {
    ids.set(`u${each}`, await people.user({ firstName: `u${each}` }));
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
    const past = new Date(Date.now() - 3_600_000);
    await people.patient(id(`u${one.user}`), id(`g${one.group}`), one.expired ? past : undefined);
  }
  return { ids, names: new Map([...ids].map(([name, each]) => [each, name])) };
}

/** Every name that a world can have, and the field that reads it by id. */
const single = [
  ...Array.from({ length: mostUsers }, (_, each) => ({ name: `u${each}`, field: 'user' })),
  ...Array.from({ length: mostGroups }, (_, each) => ({ name: `g${each}`, field: 'group' })),
  ...Array.from({ length: mostUsers }, (_, each) => ({ name: `r${each}`, field: 'role' })),
  ...Array.from({ length: mostRoles }, (_, each) => ({ name: `gr${each}`, field: 'role' })),
];

const everyWay = `
  fragment Nested on User {
    id
    roles { id }
    staffEnlistments { group { id } roles { id } }
    patientEnlistments { group { id } expired }
  }
  query ($ids: [ID!]!, $groupIds: [ID!]!, $references: [_Any!]!, ${single.map(({ name }) => `$${name}: ID!`).join(', ')}) {
    ${single.map(({ name, field }) => `${name}: ${field}(id: $${name}) { ${field === 'user' ? '...Nested' : 'id'} }`).join('\n    ')}
    users(first: 100, filter: { id: { in: $ids } }) { totalCount nodes { ...Nested } }
    filtered: users(filter: { id: { in: $ids }, firstName: { eq: "u0" } }) { totalCount nodes { id } }
    groups(first: 100, filter: { id: { in: $groupIds } }) {
      totalCount
      nodes { id staff(first: 100) { totalCount nodes { id } } patients(first: 100) { totalCount nodes { id } } roles { id } }
    }
    roles(first: 100) { nodes { id group { id } } }
    _entities(representations: $references) {
      ... on User { ...Nested }
      ... on Group { id }
      ... on Role { id }
    }
  }`;

interface Node {
  readonly id: string;
}
interface Listed {
  readonly totalCount: number;
  readonly nodes: readonly Node[];
}
interface UserNode extends Node {
  readonly roles: readonly Node[];
  readonly staffEnlistments: readonly { readonly group: Node | null; readonly roles: readonly Node[] }[];
  readonly patientEnlistments: readonly { readonly group: Node | null }[];
}

describe('visibility', () => {
  test('is the same for every viewer by every way, and as specified', async () => {
    await fc.assert(
      fc.asyncProperty(anyWorld, async (world) => {
        const rows = await build(world);
        for (const viewer of world.permissions.keys()) {
          const identity = await people.identityOf(rows.ids.get(`u${viewer}`) ?? '');
          await expectSight(rows, identity, expectedSight(world, viewer), world);
        }
      }),
      { numRuns: 15, examples: [[everyPermission]] },
    );
  }, 240_000);
});

async function expectSight(rows: Rows, identity: IdentityData, expected: ReadonlySet<string>, world: World) {
  const idsOf = (shape: RegExp) => [...rows.ids].filter(([name]) => shape.test(name)).map(([, id]) => id);
  const kinds = [
    ['User', /^u/],
    ['Group', /^g\d/],
    ['Role', /^g?r/],
  ] as const;
  const references = kinds.flatMap(([__typename, shape]) => idsOf(shape).map((id) => ({ __typename, id })));
  const ids = Object.fromEntries(single.map(({ name }) => [name, rows.ids.get(name) ?? newId()]));
  const variables = { ids: idsOf(/^u/), groupIds: idsOf(/^g\d/), references, ...ids };
  const { data, errors } = await graph.execute('users', { query: everyWay, variables, identity });
  expect(errors).toBeUndefined();

  const name = (node: Node | null) => (node === null ? null : rows.names.get(node.id));
  const names = (nodes: readonly (Node | null)[]) =>
    nodes
      .map(name)
      .filter((each) => typeof each === 'string')
      .sort();
  const expectedNames = (shape: RegExp) => [...expected].filter((each) => shape.test(each)).sort();
  const known = (roles: readonly Node[]) => roles.filter(({ id }) => rows.names.has(id));

  // Reads by id, lists, counts and references.
  expect(names(single.map(({ name: alias }) => data[alias]))).toEqual(expectedNames(/^(u|g\d|g?r)/));
  expect(names(data.users.nodes)).toEqual(expectedNames(/^u/));
  expect(data.users.totalCount).toBe(data.users.nodes.length);
  expect(names(data.filtered.nodes)).toEqual(expectedNames(/^u0/));
  expect(data.filtered.totalCount).toBe(data.filtered.nodes.length);
  expect(names(data.groups.nodes)).toEqual(expectedNames(/^g\d/));
  expect(data.groups.totalCount).toBe(data.groups.nodes.length);
  expect(names(known(data.roles.nodes))).toEqual(expectedNames(/^g?r/));
  expect(names(data._entities)).toEqual(expectedNames(/^(u|g\d|g?r)/));

  // The members of groups.
  for (const node of data.groups.nodes as (Node & { staff: Listed; patients: Listed; roles: Node[] })[]) {
    for (const kind of ['staff', 'patient'] as const) {
      const listed = kind === 'staff' ? node.staff : node.patients;
      const members = expectedNames(new RegExp(`^${kind} u\\d+ ${name(node)}$`)).map((each) => each.split(' ')[1]);
      expect(names(listed.nodes)).toEqual(members);
      expect(listed.totalCount).toBe(members.length);
    }
    const own = world.groupRoles.flatMap((role, index) => (`g${role.group}` === name(node) ? [`gr${index}`] : []));
    expect(names(node.roles)).toEqual(own.filter((role) => expected.has(role)));
  }

  // What is nested under a user, from a list, from a read by id and from a reference.
  const read = single.flatMap(({ name: alias, field }) => (field === 'user' ? [data[alias]] : []));
  for (const node of [
    ...data.users.nodes,
    ...read,
    ...data._entities.slice(0, variables.ids.length),
  ] as (UserNode | null)[]) {
    if (node === null) continue;
    const own = name(node) as string;
    expect(names(node.roles)).toEqual([own.replace('u', 'r')].filter((role) => expected.has(role)));
    for (const kind of ['staff', 'patient'] as const) {
      const enlistments = kind === 'staff' ? node.staffEnlistments : node.patientEnlistments;
      const groups = expectedNames(new RegExp(`^${kind} ${own} `)).map((each) => each.split(' ')[2] as string);
      expect(enlistments).toHaveLength(groups.length);
      expect(names(enlistments.map((enlistment) => enlistment.group))).toEqual(
        groups.filter((each) => expected.has(each)),
      );
    }
    const given = world.staff.flatMap((one) =>
      `u${one.user}` === own && one.withRoles && expected.has(`staff ${own} g${one.group}`)
        ? world.groupRoles.flatMap((role, index) => (role.group === one.group ? [`gr${index}`] : []))
        : [],
    );
    expect(names(node.staffEnlistments.flatMap((enlistment) => enlistment.roles))).toEqual(
      given.filter((role) => expected.has(role)).sort(),
    );
  }
}
