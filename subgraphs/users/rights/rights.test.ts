// What users gained and lost, as events tell of it: whatever changes their rights, the events lead from what they could do
// before to what they can do afterwards.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findOwnRightsChange } from '../../../platform/access/rights-change.ts';
import { identityFrom } from '../../../platform/identity/identity.ts';
import { type People, peopleIn } from '../../../tests/support/people.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../index.ts';

let graph: TestSubgraphs;
let people: People;
let now = Date.parse('2026-11-21T10:00:00Z');
beforeAll(async () => {
  graph = await startTestSubgraphs([users], { now: () => now });
  people = peopleIn(graph);
});
afterAll(() => graph.close());

const position = async () => (await graph.readLog()).at(-1)?.position ?? 0n;
const rightsSince = async (from: bigint) =>
  (await graph.readLog(from))
    .filter(({ type }) => type.startsWith('rights_'))
    .map(({ type, access }) => ({ type, ...access }));
const admin = {
  permissions: [
    'ADD_ROLE_TO_USER',
    'REMOVE_ROLE_FROM_USER',
    'ADD_STAFF',
    'REMOVE_STAFF',
    'ADD_GROUP_ROLE_TO_STAFF',
    'REMOVE_GROUP_ROLE_FROM_STAFF',
    'ADD_PATIENT',
    'REMOVE_PATIENT',
    'ADD_ROLE_PERMISSION',
    'ADD_GROUP_ROLE_PERMISSION',
    'REMOVE_ROLE_PERMISSION',
    'REMOVE_GROUP_ROLE_PERMISSION',
    'DELETE_ROLE',
    'DELETE_GROUP_ROLE',
    'DELETE_USER',
  ],
};

async function run(mutation: string, input: Record<string, unknown>): Promise<void> {
  const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
  const identity = { userId: await people.user(), ...admin };
  const query = `mutation ($input: ${type}!) { ${mutation}(input: $input) { __typename } }`;
  const { errors } = await graph.execute('users', { query, variables: { input }, identity });
  // Some of what chance asks for is refused, and changes nothing.
  const refused = ['NOT_FOUND', 'ALREADY_EXISTS'];
  if (errors !== undefined && !refused.includes(String(errors[0]?.extensions?.code))) throw errors[0];
}

describe('a change tells', () => {
  test('what a global role gives, once, to whom did not have it by another', async () => {
    const [one, other] = [await people.user(), await people.user()];
    const [role, alike] = [
      await people.role({ permissions: ['VIEW_GROUP', 'VIEW_ROLE'] }),
      await people.role({ permissions: ['VIEW_GROUP'] }),
    ];
    await people.hold(other, alike);
    const from = await position();
    await run('addRolesToUsers', { userIds: [one, other], roleIds: [role] });
    await run('removeRolesFromUsers', { userIds: [other], roleIds: [alike] });
    expect(await rightsSince(from)).toEqual([
      { type: 'rights_gained', groupId: null, permissions: ['VIEW_GROUP', 'VIEW_ROLE'], relations: [], userIds: [one] },
      { type: 'rights_gained', groupId: null, permissions: ['VIEW_ROLE'], relations: [], userIds: [other] },
    ]);
  });

  test('nothing of a permission in a group to whom holds it everywhere', async () => {
    const [userId, groupId] = [await people.userWith('VIEW_DOCUMENTS'), await people.group()];
    await people.staff(userId, groupId);
    const from = await position();
    const roleId = await people.role({ groupId, permissions: ['VIEW_DOCUMENTS'] });
    await run('addRolesToStaff', { groupId, userIds: [userId], roleIds: [roleId] });
    expect(await rightsSince(from)).toEqual([]);
  });

  test('of a role that thousands hold, a thousand in one event', async () => {
    const { db } = graph.database.forService<'user' | 'userRole'>('users');
    const roleId = await people.role({ permissions: [] });
    const ids = Array.from({ length: 2_001 }, () => crypto.randomUUID());
    await db.user.createMany({
      data: ids.map((id) => ({ id, email: `${id}@example.org`, firstName: 'A', lastName: 'B', language: 'EN' })),
    });
    await db.userRole.createMany({ data: ids.map((userId) => ({ userId, roleId })) });
    const from = await position();
    await run('addPermissionsToRoles', { roleIds: [roleId], permissions: ['VIEW_FILES'] });
    const events = await rightsSince(from);
    expect(events.map((event) => (event as unknown as { userIds: string[] }).userIds.length)).toEqual([
      1_000, 1_000, 1,
    ]);
  });

  test('not in what readers of the log see', async () => {
    const [userId, groupId] = [await people.user(), await people.group()];
    const from = await position();
    await run('addPatient', { userId, groupId });
    const event = (await graph.readLog(from)).find(({ type }) => type === 'rights_gained');
    expect(event?.content).toEqual({ groupId });
  });
});

describe('an enlistment as a patient that has an end', () => {
  const expired = async (from: bigint) =>
    (await graph.readLog(from))
      .filter(({ type }) => type === 'patient_enlistment_expired')
      .map(({ content }) => content);

  test('is told of when it ends, once, by the job that was queued for that moment', async () => {
    const [userId, groupId] = [await people.user(), await people.group()];
    await run('addPatient', { userId, groupId, expiresAt: new Date(now + 60_000).toISOString() });
    const from = await position();
    now += 59_999;
    await graph.runJobs();
    expect(await expired(from)).toEqual([]);
    const [version] = await graph.database.accessVersions([userId]);
    now += 1;
    await graph.runJobs();
    await graph.jobs.run('users', 'endPatients');
    expect(await expired(from)).toEqual([{ userId, groupId }]);
    expect(await rightsSince(from)).toEqual([
      { type: 'rights_lost', groupId, permissions: [], relations: ['patient'], userIds: [userId] },
    ]);
    expect(await graph.database.accessVersions([userId])).not.toEqual([version]);
  });

  test('is found by schedule, too, and its removal afterwards takes nothing away', async () => {
    const [userId, groupId] = [await people.user(), await people.group()];
    await people.patient(userId, groupId, new Date(now - 1));
    const from = await position();
    await graph.jobs.run('users', 'endPatients');
    expect(await expired(from)).toEqual([{ userId, groupId }]);
    const afterwards = await position();
    await run('removePatient', { userId, groupId });
    expect(await rightsSince(afterwards)).toEqual([]);
  });

  test('that is removed before anybody noticed its end is lost then', async () => {
    const [userId, groupId] = [await people.user(), await people.group()];
    await people.patient(userId, groupId, new Date(now - 1));
    const from = await position();
    await run('removePatient', { userId, groupId });
    await graph.jobs.run('users', 'endPatients');
    expect(await rightsSince(from)).toMatchObject([{ type: 'rights_lost', relations: ['patient'] }]);
    expect(await expired(from)).toEqual([]);
  });
});

/** What somebody can do, as texts: `VIEW_GROUP`, `VIEW_GROUP in 0199…`, `patient in 0199…`. */
async function rightsOf(userId: string): Promise<Set<string>> {
  const { permissions = [], staff = [], patient = [] } = await people.identityOf(userId);
  const active = patient.filter(({ expiresAt }) => typeof expiresAt !== 'number' || expiresAt > now);
  return new Set([
    ...permissions,
    ...staff.flatMap(({ groupId, permissions: held }) => [
      `staff in ${groupId}`,
      ...held.filter((name) => !permissions.includes(name)).map((name) => `${name} in ${groupId}`),
    ]),
    ...active.map(({ groupId }) => `patient in ${groupId}`),
  ]);
}

const places = { user: fc.nat(2), group: fc.nat(1), role: fc.nat(5) };
const step = fc.oneof(
  fc.record({ kind: fc.constantFrom('addRolesToUsers', 'removeRolesFromUsers'), ...places }),
  fc.record({ kind: fc.constantFrom('addRolesToStaff', 'removeRolesFromStaff'), ...places }),
  fc.record({ kind: fc.constantFrom('addStaff', 'removeStaff'), ...places }),
  fc.record({ kind: fc.constantFrom('addPatient', 'removePatient', 'expire'), ...places }),
  fc.record({ kind: fc.constantFrom('addPermissionsToRoles', 'removePermissionsFromRoles'), ...places }),
  fc.record({ kind: fc.constant('deleteRoles'), ...places }),
);

test('whatever happens, the events lead from what everybody could do to what they can do', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), fc.nat(), async (steps, seed) => {
      const userIds = [await people.user(), await people.user(), await people.user()];
      const groupIds = [await people.group(), await people.group()];
      const names = ['VIEW_DOCUMENTS', 'VIEW_USER', 'VIEW_DOCUMENTS:x'];
      const roleIds: string[] = [];
      for (let index = 0; index < 6; index += 1) {
        const groupId = index < 2 ? undefined : groupIds[index % 2];
        const permissions = names.filter((_, bit) => ((seed + index * 5) >> bit) % 2 === 1);
        roleIds.push(await people.role({ permissions, ...(groupId === undefined ? {} : { groupId }) }));
      }
      for (const { kind, user, group, role } of steps) {
        const from = await position();
        const before = await Promise.all(userIds.map(rightsOf));
        const [userId, groupId, roleId] = [userIds[user], groupIds[group], roleIds[role]];
        if (kind === 'expire') {
          now += 100_000;
          await graph.jobs.run('users', 'endPatients');
        } else if (kind.endsWith('Patient')) {
          const expiresAt = kind === 'addPatient' && role % 2 === 0 ? { expiresAt: new Date(now + 50_000) } : {};
          await run(kind, { userId, groupId, ...expiresAt });
        } else if (kind.endsWith('Staff') && kind.includes('Roles')) {
          await run(kind, { groupId, userIds: [userId], roleIds: [roleId] });
        } else if (kind.endsWith('Staff')) {
          await run(kind, { groupIds: [groupId], userIds: [userId] });
        } else if (kind.endsWith('Users')) {
          await run(kind, { userIds: [userId], roleIds: [roleId] });
        } else {
          const permissions = kind === 'deleteRoles' ? {} : { permissions: [names[group], names[user]] };
          await run(kind, { roleIds: [roleId], ...permissions });
        }
        const events = await graph.readLog(from);
        for (const [index, userId] of userIds.entries()) {
          const told = { ACCESS_GAINED: [] as string[], ACCESS_LOST: [] as string[] };
          for (const event of events) {
            const change = findOwnRightsChange(event, identityFrom({ userId }));
            if (change === undefined) continue;
            const place = change.groupId === null ? '' : ` in ${change.groupId}`;
            told[change.kind].push(...[...change.permissions, ...change.relations].map((name) => `${name}${place}`));
          }
          const [earlier, later] = [before[index] ?? new Set<string>(), await rightsOf(userId)];
          expect(told.ACCESS_GAINED.sort()).toEqual(beyond(later, earlier));
          expect(told.ACCESS_LOST.sort()).toEqual(beyond(earlier, later));
        }
      }
    }),
    { numRuns: 25 },
  );
}, 300_000);

/** Those of the rights that are not among others. What is held everywhere is held in each group. */
function beyond(rights: ReadonlySet<string>, others: ReadonlySet<string>): string[] {
  return [...rights].filter((right) => !others.has(right) && !others.has(right.split(' in ')[0] ?? '')).sort();
}
