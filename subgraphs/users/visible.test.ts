// Who sees whom: a small world is built at random, and every way that leads to a row is compared with a plain model, at
// two moments between which enlistments end.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { IdentityData } from '../../platform/identity/identity.ts';
import { newId } from '../../platform/ids.ts';
import { type People, peopleIn } from '../../tests/support/people.ts';
import type { Look, World, WorldRows } from '../../tests/support/sight-model.ts';
import {
  anyWorld,
  buildWorld,
  everyPermission,
  expectedMembers,
  expectedSight,
  most,
  onlyEnlistments,
} from '../../tests/support/sight-model.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../tests/support/subgraphs.ts';
import { users } from './index.ts';

const hour = 3_600_000;
const early = Date.parse('2026-11-21T12:00:00Z');
const times = { before: early - hour, between: early + hour };
let now = early;
let graph: TestSubgraphs;
let people: People;
beforeAll(async () => {
  graph = await startTestSubgraphs([users], { now: () => now });
  people = peopleIn(graph);
});
afterAll(() => graph.close());

/** Every name that a world can have, and the field that reads it by id. */
const single = [
  ...Array.from({ length: most.users }, (_, each) => ({ name: `u${each}`, field: 'user' })),
  ...Array.from({ length: most.groups }, (_, each) => ({ name: `g${each}`, field: 'group' })),
  ...Array.from({ length: most.users }, (_, each) => ({ name: `r${each}`, field: 'role' })),
  ...Array.from({ length: most.roles }, (_, each) => ({ name: `gr${each}`, field: 'role' })),
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
    active: users(filter: { id: { in: $ids }, activation: true }) { totalCount nodes { id } }
    others: users(filter: { id: { in: $ids }, not: { firstName: { eq: "u0" } } }) { totalCount nodes { id } }
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

interface Scene {
  readonly world: World;
  readonly rows: WorldRows;
  readonly look: Look;
  readonly identity: IdentityData;
}

describe('visibility', () => {
  test('is the same for every viewer by every way, and as specified', async () => {
    await fc.assert(
      fc.asyncProperty(anyWorld, async (world) => {
        const rows = await buildWorld(world, people, times);
        for (const viewer of world.permissions.keys()) {
          const identity = await people.identityOf(rows.ids.get(`u${viewer}`) ?? '');
          for (const late of [false, true]) {
            // An enlistment ends at its very moment, not after it.
            now = late ? times.between : times.between - 1;
            const scene = { world, rows, look: { viewer, late }, identity };
            await expectSight(scene);
            await expectMembers(scene, 'patients');
            await expectMembers(scene, 'staff');
            await expectPages(scene);
          }
        }
      }),
      { numRuns: 12, examples: [[everyPermission], [onlyEnlistments]] },
    );
  }, 280_000);
});

async function expectSight({ world, rows, look, identity }: Scene) {
  const expected = expectedSight(world, look);
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
  expect(names(data.active.nodes)).toEqual(expectedNames(/^u[024]/));
  expect(data.active.totalCount).toBe(data.active.nodes.length);
  expect(names(data.others.nodes)).toEqual(expectedNames(/^u[1-9]/));
  expect(data.others.totalCount).toBe(data.others.nodes.length);
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

/** The lists `patients` and `staff`, as a whole, of each group, filtered and counted. */
async function expectMembers({ world, rows, look, identity }: Scene, list: 'patients' | 'staff') {
  const expected = expectedMembers(world, look, list);
  const groups = Array.from({ length: world.groups }, (_, each) => `g${each}`);
  const query = `query ($ids: [ID!]!, ${groups.map((name) => `$${name}: ID!`).join(', ')}) {
    every: ${list}(first: 100, filter: { id: { in: $ids } }) { totalCount nodes { id } }
    active: ${list}(filter: { id: { in: $ids }, activation: true }) { totalCount nodes { id } }
    ${groups.map((name) => `${name}: ${list}(groupId: $${name}) { totalCount nodes { id } }`).join('\n    ')}
  }`;
  const ids = [...rows.ids].filter(([name]) => /^u/.test(name)).map(([, id]) => id);
  const variables = { ids, ...Object.fromEntries(groups.map((name) => [name, rows.ids.get(name)])) };
  const { data, errors } = await graph.execute('users', { query, variables, identity });
  if (expected === undefined) {
    expect(new Set(errors?.map(({ extensions }) => extensions?.code))).toEqual(new Set(['FORBIDDEN']));
    return;
  }
  expect(errors).toBeUndefined();
  const members = (shape: RegExp) =>
    [...new Set([...expected].filter((each) => shape.test(each)).map((each) => each.split(' ')[0] as string))].sort();
  const expectList = ({ nodes, totalCount }: Listed, names: readonly string[]) => {
    expect(nodes.map(({ id }) => rows.names.get(id)).sort()).toEqual(names);
    expect(totalCount).toBe(names.length);
  };
  expectList(data.every, members(/^u/));
  expectList(data.active, members(/^u[024] /));
  for (const name of groups) expectList(data[name], members(new RegExp(` ${name}$`)));
}

/** Pages of two, forwards by creation and backwards by name, hold the same set once each. */
async function expectPages({ world, rows, look, identity }: Scene) {
  const ids = [...rows.ids].filter(([name]) => /^u/.test(name)).map(([, id]) => id);
  const expected = [...expectedSight(world, look)].filter((name) => /^u/.test(name)).sort();
  const query = `query ($filter: UserFilter, $orderBy: UserOrder, $first: Int, $after: String, $last: Int, $before: String) {
    users(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
      nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`;
  for (const backwards of [false, true]) {
    const walked: (string | undefined)[] = [];
    for (let cursor: string | undefined, more = true; more; ) {
      const orderBy = backwards ? { field: 'EMAIL' } : undefined;
      const page = backwards ? { last: 2, before: cursor } : { first: 2, after: cursor };
      const variables = { filter: { id: { in: ids } }, orderBy, ...page };
      const { data } = await graph.execute('users', { query, variables, identity });
      const { nodes, pageInfo } = data.users;
      walked.push(...nodes.map(({ id }: Node) => rows.names.get(id)));
      cursor = backwards ? pageInfo.startCursor : pageInfo.endCursor;
      more = backwards ? pageInfo.hasPreviousPage : pageInfo.hasNextPage;
    }
    expect(walked.sort()).toEqual(expected);
  }
}
