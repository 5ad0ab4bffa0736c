// Whatever changes, and for whomever: a list that is kept by what is told live has what a list query gives, at each step,
// and also when everything is told at once to somebody who goes on from an earlier position.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { permissionNames } from '../../platform/access/permissions.ts';
import { newId } from '../../platform/ids.ts';
import type { SubgraphDefinition } from '../../platform/subgraph/define-subgraph.ts';
import { data } from '../../subgraphs/data/index.ts';
import { files } from '../../subgraphs/files/index.ts';
import { users } from '../../subgraphs/users/index.ts';
import type { LiveView } from '../support/live-views.ts';
import { applyEvents, documentsView, filesView, groupsView, readView, usersView } from '../support/live-views.ts';
import { type People, peopleIn } from '../support/people.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../support/subgraphs.ts';

let graph: TestSubgraphs;
let people: People;
let now = Date.parse('2026-11-21T10:00:00Z');
beforeAll(async () => {
  graph = await startTestSubgraphs([users, data, files] as SubgraphDefinition[], { now: () => now });
  people = peopleIn(graph);
}, 300_000);
afterAll(() => graph.close());

const admin = { userId: newId(), permissions: [...permissionNames] };

/** What is refused changes nothing, and is told to nobody. */
async function run(service: string, mutation: string, input: object, identity: object = admin) {
  const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${selections[mutation] ?? '__typename'} } }`;
  const { data: answer, errors } = await graph.execute(service, { query, variables: { input }, identity });
  const code = String(errors?.[0]?.extensions?.code);
  if (errors !== undefined && !['NOT_FOUND', 'ALREADY_EXISTS'].includes(code)) throw errors[0];
  return answer?.[mutation];
}

const selections: Readonly<Record<string, string>> = {
  createDocument: 'document { id }',
  createFile: 'file { id }',
  createGroup: 'group { id }',
};

const modes = [
  ['creator', 'linkedUsers', 'linkedGroupStaff', 'linkedGroupPatients'],
  ['linkedGroupStaff'],
  ['creator', 'linkedGroupPatients'],
  'permissionRequired',
  'allUsers',
];

const definition = {
  properties: { n: { type: 'number' } },
  readMode: modes[0],
  statuses: { new: {}, old: {} },
  transitions: [{ name: 'age', type: 'manual', fromStatuses: ['new'], toStatus: 'old' }],
};

class World {
  readonly schemas: [string, string] = [`live-${newId().slice(-12)}`, `live-${newId().slice(-12)}`];
  readonly mark = `mark-${newId()}`;
  userIds: string[] = [];
  groupIds: string[] = [];
  roleIds: string[] = [];
  readonly documentIds: string[] = [];
  readonly fileIds: { id: string; creator: string }[] = [];

  async open(): Promise<this> {
    for (let index = 0; index < 4; index += 1) this.userIds.push(await people.user());
    for (let index = 0; index < 2; index += 1) this.groupIds.push(await people.group());
    const [schema] = this.schemas;
    this.roleIds = [
      await people.role({ permissions: ['VIEW_DOCUMENTS'] }),
      await people.role({ permissions: [`VIEW_DOCUMENTS:${schema}`, 'VIEW_FILES'] }),
      await people.role({ permissions: ['VIEW_USER'] }),
      await people.role({ permissions: ['VIEW_GROUP', 'VIEW_STAFF'] }),
      await people.role({ groupId: this.groupIds[0] ?? '', permissions: ['VIEW_DOCUMENTS'] }),
      await people.role({ groupId: this.groupIds[1] ?? '', permissions: [`VIEW_DOCUMENTS:${schema}`] }),
    ];
    for (const name of this.schemas) await run('data', 'createDocumentSchema', { name, definition });
    // Something to see from the beginning on, and ways to it: what follows makes and breaks others.
    for (const n of [0, 1, 2, 3]) await this.take({ kind: 'create', one: 3, two: 0, n: n * 3 });
    for (const one of [3, 3, 1]) await this.take({ kind: 'file', one, two: 0, n: 0 });
    for (const n of [0, 1, 2]) await this.take({ kind: 'linkFile', one: n, two: n, n });
    for (const n of [0, 1, 2, 3]) await this.take({ kind: 'linkGroup', one: 0, two: n, n });
    await this.take({ kind: 'addStaff', one: 0, two: 0, n: 0 });
    await this.take({ kind: 'addPatient', one: 1, two: 1, n: 1 });
    return this;
  }

  views(): LiveView[] {
    const [one, other] = this.schemas;
    return [
      documentsView(one),
      documentsView(one, { field: 'data.n', ge: 5 }),
      documentsView(one, {
        or: [
          { field: 'status', eq: 'old' },
          { field: 'groupIds', eq: this.groupIds[0] },
        ],
      }),
      documentsView(other),
      filesView({ name: { like: this.mark } }),
      usersView({ id: { in: this.userIds } }),
      groupsView({ id: { in: this.groupIds } }),
    ];
  }

  async take({ kind, one, two, n }: Step): Promise<void> {
    const user = pick(this.userIds, one);
    const group = pick(this.groupIds, two);
    const id = pick(this.documentIds, two);
    const file = pick(this.fileIds, one);
    const role = pick(this.roleIds, n);
    const [globalRole, groupRole] = [pick(this.roleIds.slice(0, 4), n), pick(this.roleIds.slice(4), n)];
    switch (kind) {
      case 'create': {
        const schemaName = pick(this.schemas, n) as string;
        const creator = { userId: user, permissions: ['CREATE_DOCUMENTS', 'VIEW_DOCUMENTS'] };
        const { document } = await run('data', 'createDocument', { schemaName, data: { n } }, creator);
        this.documentIds.push(document.id);
        return;
      }
      case 'file': {
        const created = await run('files', 'createFile', { name: this.mark }, { userId: user });
        this.fileIds.push({ id: created.file.id, creator: user as string });
        return;
      }
      case 'update':
        return void (id && (await run('data', 'updateDocument', { id, data: { n } })));
      case 'age':
        if (id === undefined) return;
        await graph.execute('data', {
          query: `mutation { transitionDocument(input: { id: "${id}", name: "age" }) { document { id } } }`,
          identity: admin,
        });
        return;
      case 'linkUser':
        return void (id && (await run('data', 'linkDocument', { id, userIds: [user] })));
      case 'linkGroup':
        return void (id && (await run('data', 'linkDocument', { id, groupIds: [group] })));
      case 'linkFile':
        return void (id && file && (await run('data', 'linkDocument', { id, fileIds: [file.id] })));
      case 'unlink':
        return void (id && (await run('data', 'unlinkDocument', { id, userIds: [user], groupIds: [group] })));
      case 'unlinkFile':
        return void (id && file && (await run('data', 'unlinkDocument', { id, fileIds: [file.id] })));
      case 'delete':
        return void (id && n > 6 && (await run('data', 'deleteDocument', { id })));
      case 'deleteFile':
        return void (
          file &&
          n > 6 &&
          (await run('files', 'deleteFile', { fileId: file.id }, { userId: file.creator }))
        );
      case 'mode': {
        const readMode = pick(modes, n);
        const name = pick(this.schemas, one);
        return void (await run('data', 'updateDocumentSchema', { name, definition: { ...definition, readMode } }));
      }
      case 'addStaff':
        return void (await run('users', 'addStaff', { userIds: [user], groupIds: [group] }));
      case 'removeStaff':
        return void (await run('users', 'removeStaff', { userIds: [user], groupIds: [group] }));
      case 'staffRole': {
        const groupId = this.groupIds[this.roleIds.slice(4).indexOf(groupRole as string)];
        return void (await run('users', 'addStaff', { userIds: [user], groupIds: [groupId], roleIds: [groupRole] }));
      }
      case 'addPatient': {
        const expiresAt = n % 2 === 0 ? { expiresAt: new Date(now + 50_000) } : {};
        return void (await run('users', 'addPatient', { userId: user, groupId: group, ...expiresAt }));
      }
      case 'removePatient':
        return void (await run('users', 'removePatient', { userId: user, groupId: group }));
      case 'expire':
        now += 100_000;
        return graph.jobs.run('users', 'endPatients');
      case 'addRole':
        return void (await run('users', 'addRolesToUsers', { userIds: [user], roleIds: [globalRole] }));
      case 'removeRole':
        return void (await run('users', 'removeRolesFromUsers', { userIds: [user], roleIds: [globalRole] }));
      case 'addPermission':
        return void (await run('users', 'addPermissionsToRoles', { roleIds: [role], permissions: ['VIEW_DOCUMENTS'] }));
      case 'takePermission':
        return void (await run('users', 'removePermissionsFromRoles', {
          roleIds: [role],
          permissions: ['VIEW_DOCUMENTS', 'VIEW_USER', 'VIEW_FILES'],
        }));
      case 'deleteRole':
        return void (n > 7 && (await run('users', 'deleteRoles', { roleIds: [role] })));
    }
  }
}

const kinds = [
  ...[
    'create',
    'create',
    'create',
    'update',
    'update',
    'age',
    'linkUser',
    'linkGroup',
    'linkGroup',
    'unlink',
    'delete',
  ],
  ...['file', 'linkFile', 'linkFile', 'unlinkFile', 'deleteFile', 'mode'],
  ...['addStaff', 'addStaff', 'removeStaff', 'staffRole', 'addPatient', 'addPatient', 'removePatient', 'expire'],
  ...['addRole', 'addRole', 'removeRole', 'addPermission', 'takePermission', 'deleteRole'],
];

interface Step {
  readonly kind: string;
  readonly one: number;
  readonly two: number;
  readonly n: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...kinds),
  one: fc.nat(2),
  two: fc.nat(4),
  n: fc.nat(9),
});

function pick<T>(list: readonly T[], index: number): T | undefined {
  return list.length === 0 ? undefined : list[index % list.length];
}

const position = async () => (await graph.readLog()).at(-1)?.position ?? 0n;

test('lists kept by what is told live are what list queries give, for everybody, live and from an earlier position', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30 }), fc.nat(), async (steps, cut) => {
      const world = await new World().open();
      const viewers = world.userIds.slice(0, 3);
      const views = world.views();
      const places = viewers.flatMap((userId) => views.map((view) => ({ userId, view })));
      const read = async ({ userId, view }: (typeof places)[number]) =>
        readView(graph, view, await people.identityOf(userId));
      const live = await Promise.all(places.map(read));
      let from = await position();
      // From here on somebody was away, and goes on at the end.
      const away = cut % steps.length;
      let [awayFrom, awayLists] = [from, live];
      for (const [index, each] of steps.entries()) {
        if (index === away) [awayFrom, awayLists] = [from, [...live]];
        await world.take(each);
        const events = await graph.readLog(from);
        from = events.at(-1)?.position ?? from;
        for (const [place, { userId, view }] of places.entries()) {
          const identity = await people.identityOf(userId);
          const known = live[place] ?? new Set();
          live[place] = await applyEvents(graph, view, { known, events, identity });
          expect({ each, view: view.variables, ids: sorted(live[place]) }).toEqual({
            each,
            view: view.variables,
            ids: sorted(await readView(graph, view, identity)),
          });
        }
      }
      const missed = await graph.readLog(awayFrom);
      for (const [place, { userId, view }] of places.entries()) {
        const identity = await people.identityOf(userId);
        const known = awayLists[place] ?? new Set();
        const caughtUp = await applyEvents(graph, view, { known, events: missed, identity });
        expect({ view: view.variables, ids: sorted(caughtUp) }).toEqual({
          view: view.variables,
          ids: sorted(live[place]),
        });
      }
    }),
    { numRuns: 8 },
  );
}, 600_000);

function sorted(ids: ReadonlySet<string> | undefined): string[] {
  return [...(ids ?? [])].sort();
}
