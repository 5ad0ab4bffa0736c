// Who may do what with documents: each mode, each kind of permission, and each relation to a document, in tables.
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { mutations } from '../support/clinic.ts';
import { describeClinic } from '../support/describe-clinic.ts';
import {
  codeOf,
  give,
  newDocument,
  newSchema,
  type Rights,
  read,
  refused,
  send,
  type Writing,
} from '../support/document-writing.ts';
import { createGraphqlClient, type GraphqlClient } from '../support/graphql-client.ts';

jest.setTimeout(180_000);

const string = { type: 'string' };
const properties = { userId: string, groupId: string, n: { type: 'number' } };
/** Who creates a document says which user and which group it is linked to. */
const definition = {
  properties,
  creationTransition: {
    type: 'manual',
    toStatus: 'new',
    actions: [
      { type: 'linkUserFromData', userIdField: 'userId' },
      { type: 'linkGroupFromData', groupIdField: 'groupId' },
    ],
  },
  transitions: ['go', 'stop'].map((name) => ({ name, type: 'manual', fromStatuses: ['new'], toStatus: 'new' })),
};

type Name =
  | 'creator'
  | 'linkedUser'
  | 'staff'
  | 'otherStaff'
  | 'patient'
  | 'expiredPatient'
  | 'otherPatient'
  | 'groupPermission'
  | 'groupSuffixed'
  | 'globalPermission'
  | 'globalSuffixed'
  | 'otherSuffix'
  | 'stranger';

/** Whom permissions let through, whatever the mode. */
const permitted: readonly Name[] = ['groupPermission', 'groupSuffixed', 'globalPermission', 'globalSuffixed'];

const relational: [unknown, readonly Name[]][] = [
  ['permissionRequired', []],
  [[], []],
  [['creator'], ['creator']],
  [['linkedUsers'], ['linkedUser']],
  [['linkedGroupStaff'], ['staff']],
  [['linkedGroupPatients'], ['patient']],
  [
    ['creator', 'linkedGroupPatients'],
    ['creator', 'patient'],
  ],
  [
    ['creator', 'linkedUsers', 'linkedGroupStaff', 'linkedGroupPatients'],
    ['creator', 'linkedUser', 'staff', 'patient'],
  ],
];
const readModes: [unknown, readonly Name[] | 'everybody'][] = [
  ...relational,
  [undefined, ['linkedUser', 'staff']],
  ['default', ['linkedUser', 'staff']],
  ['enlistedInLinkedGroups', ['staff', 'patient']],
  ['allUsers', 'everybody'],
];
const updateModes: [unknown, readonly Name[]][] = [
  ...relational,
  [undefined, ['linkedUser', 'staff']],
  ['default', ['linkedUser', 'staff']],
  ['creatorOnly', ['creator']],
  ['disabled', []],
  ['linkedGroupsStaffOnly', ['staff']],
];
const deleteModes: [unknown, readonly Name[]][] = [
  ...relational,
  [undefined, []],
  ['linkedUsersOnly', ['linkedUser', 'staff']],
];

const createModes: [unknown, readonly Name[] | 'everybody'][] = [
  ['allUsers', 'everybody'],
  ['default', 'everybody'],
  [undefined, 'everybody'],
  // Creating is decided globally: a document that is not there has no group.
  ['permissionRequired', ['globalPermission', 'globalSuffixed']],
];

const schemaKey = (kind: string, mode: unknown) => `${kind} ${JSON.stringify(mode)}`;

describeClinic('access to documents', (world) => {
  const people = new Map<Name, GraphqlClient>();
  const schemas = new Map<string, string>();
  const anyone = () => createGraphqlClient(world.shape.url);
  const there = <T>(found: T | undefined): T => {
    if (found === undefined) throw new Error('made before the first test');
    return found;
  };

  beforeAll(async () => {
    const { admin, groupA, groupB, createUser, signInAs } = world.clinic;
    const wanted: [string, unknown, object][] = [
      ...readModes.map(([readMode]): [string, unknown, object] => ['view', readMode, { readMode }]),
      ...['allUsers', 'permissionRequired'].flatMap((readMode): [string, unknown, object][] => [
        ...updateModes.map(([mode]): [string, unknown, object] => [
          `update ${readMode}`,
          mode,
          { readMode, updateMode: mode },
        ]),
        ...deleteModes.map(([mode]): [string, unknown, object] => [
          `delete ${readMode}`,
          mode,
          { readMode, deleteMode: mode },
        ]),
      ]),
      ...createModes.map(([createMode]): [string, unknown, object] => [
        'create',
        createMode,
        { createMode, readMode: 'allUsers' },
      ]),
    ];
    await Promise.all(
      wanted.map(async ([kind, mode, modes]) =>
        schemas.set(schemaKey(kind, mode), await newSchema(admin, { ...definition, ...modes })),
      ),
    );
    const verbs = ['VIEW_DOCUMENTS', 'UPDATE_DOCUMENTS', 'DELETE_DOCUMENTS', 'CREATE_DOCUMENTS'];
    // Of each schema what its tests are about, and no more: who may change a document need not see it.
    const suffixed = [...schemas].map(([key, name]) => {
      const verb = verbs.find((one) => one.startsWith(key.split(' ', 1)[0]?.toUpperCase() ?? ''));
      return `${verb}:${name}`;
    });
    const rights: [Name, Rights | undefined][] = [
      ['staff', { groupId: groupA, permissions: [] }],
      ['otherStaff', { groupId: groupB, permissions: verbs }],
      ['groupPermission', { groupId: groupA, permissions: verbs }],
      ['groupSuffixed', { groupId: groupA, permissions: suffixed }],
      ['globalPermission', { permissions: verbs }],
      ['globalSuffixed', { permissions: suffixed }],
      ['otherSuffix', { permissions: verbs.map((verb) => `${verb}:elsewhere`) }],
      ...(['creator', 'linkedUser', 'patient', 'expiredPatient', 'otherPatient', 'stranger'] as const).map(
        (name): [Name, undefined] => [name, undefined],
      ),
    ];
    const userIds = new Map<Name, string>();
    await Promise.all(
      rights.map(async ([name, given]) => {
        const userId = await createUser(name);
        userIds.set(name, userId);
        if (given !== undefined) await give(admin, userId, given);
      }),
    );
    const enlist = (name: Name, groupId: string, expiresAt?: string) =>
      admin.run(mutations.addPatient, { input: { userId: userIds.get(name), groupId, expiresAt } });
    await enlist('patient', groupA);
    await enlist('otherPatient', groupB);
    await enlist('expiredPatient', groupA, new Date(world.clock.now() + 60_000).toISOString());
    await world.clock.move(61_000);
    await Promise.all(rights.map(async ([name]) => people.set(name, await signInAs(name))));
  }, 180_000);

  /** The id of a document of this schema: created by `creator`, linked to `linkedUser` and to the group. */
  const documentOf = async (schemaName: string): Promise<string> => {
    const { admin, groupA } = world.clinic;
    const data = { userId: there(people.get('linkedUser')).userId, groupId: groupA };
    const creator = there(people.get('creator'));
    const { createDocument } = await creator.run(
      'mutation ($input: CreateDocumentInput!) { createDocument(input: $input) { document { id } } }',
      { input: { schemaName, data } },
    );
    if (createDocument.document !== null) return createDocument.document.id;
    return (await admin.run(`{ documents(schemaName: "${schemaName}", first: 1) { nodes { id } } }`)).documents.nodes[0]
      .id;
  };

  /** What becomes of something that everybody tries at once. */
  const each = async <T>(attempt: (client: GraphqlClient) => Promise<T>): Promise<Record<string, T>> =>
    Object.fromEntries(
      await Promise.all([...people].map(async ([name, client]) => [name, await attempt(client)] as const)),
    );
  const expectedFor = <T>(names: readonly Name[] | 'everybody', yes: T, no: T): Record<string, T> =>
    Object.fromEntries(
      [...people.keys()].map((name) => [name, names === 'everybody' || names.includes(name) ? yes : no]),
    );

  describe('is refused to nobody in particular:', () => {
    test.each<[Writing, object]>([
      ['create', {}],
      ['update', { data: {} }],
      ['delete', {}],
    ])('%s', async (mutation, input) => {
      const schemaName = await newSchema(world.clinic.admin, { ...definition, readMode: 'allUsers' });
      const given = mutation === 'create' ? { schemaName } : { id: await documentOf(schemaName), ...input };
      expect(await codeOf(anyone(), mutation, given)).toBe('UNAUTHENTICATED');
      const answer = await anyone().ask(`{ documents(schemaName: "${schemaName}") { totalCount } }`);
      expect(answer.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    });
  });

  test.each(readModes)('readMode %j', async (mode, names) => {
    const schemaName = there(schemas.get(schemaKey('view', mode)));
    const id = await documentOf(schemaName);
    const seen = await each(async (client) => {
      const answer = await client.run(
        `query ($id: ID!, $schemaName: String!) {
          document(id: $id) { id } documents(schemaName: $schemaName) { totalCount nodes { id } }
          filtered: documents(schemaName: $schemaName, filter: { field: "id", eq: "${id}" }) { totalCount }
          documentAggregate(schemaName: $schemaName) { groups { count } }
        }`,
        { id, schemaName },
      );
      const { document, documents, filtered, documentAggregate } = answer;
      const counts = [documents.totalCount, filtered.totalCount, documentAggregate.groups[0].count];
      return [document?.id === id, documents.nodes.length === 1, ...counts.map((count) => count === 1)];
    });
    const [yes, no] = [Array(5).fill(true), Array(5).fill(false)];
    expect(seen).toEqual(expectedFor(names === 'everybody' ? names : [...names, ...permitted], yes, no));
  });

  describe.each([
    ['allUsers', 'FORBIDDEN'],
    ['permissionRequired', 'NOT_FOUND'],
  ])('with readMode %s', (readMode, refusal) => {
    test.each(updateModes)('updateMode %j', async (mode, names) => {
      const id = await documentOf(there(schemas.get(schemaKey(`update ${readMode}`, mode))));
      const expected = expectedFor([...names, ...permitted], undefined, refusal);
      expect(await each((client) => codeOf(client, 'update', { id, data: { n: 1 } }))).toEqual(expected);
      expect(await each((client) => codeOf(client, 'deleteFields', { id, fields: ['n'] }))).toEqual(expected);
      expect(await each((client) => codeOf(client, 'transition', { id, name: 'go' }))).toEqual(expected);
      expect(await each((client) => codeOf(client, 'restore', { id, version: 1 }))).toEqual(expected);
    });

    test.each(deleteModes)('deleteMode %j', async (mode, names) => {
      const schemaName = there(schemas.get(schemaKey(`delete ${readMode}`, mode)));
      let id = await documentOf(schemaName);
      const deleted: Record<string, string | undefined> = {};
      for (const [name, client] of people) {
        deleted[name] = await codeOf(client, 'delete', { id });
        expect((await read(world.clinic.admin, id)) === null).toBe(deleted[name] === undefined);
        if (deleted[name] === undefined) id = await documentOf(schemaName);
      }
      expect(deleted).toEqual(expectedFor([...names, ...permitted], undefined, refusal));
    });
  });

  test.each(createModes)('createMode %j', async (mode, names) => {
    const schemaName = there(schemas.get(schemaKey('create', mode)));
    const { userId } = there(people.get('linkedUser'));
    const input = { schemaName, data: { userId, groupId: world.clinic.groupA } };
    const created = await each((client) => codeOf(client, 'create', input));
    expect(created).toEqual(expectedFor(names, undefined, 'FORBIDDEN'));
  });

  test('what may only be moved on is moved on, and not edited, by each spelling of the permission', async () => {
    const { admin, groupA, groupB, createUser, signInAs } = world.clinic;
    const schemaName = await newSchema(admin, { ...definition, readMode: 'allUsers', updateMode: [] });
    const id = await documentOf(schemaName);
    const bare = 'TRANSITION_DOCUMENTS';
    const spellings = [
      bare,
      `${bare}:${schemaName}`,
      `${bare}:${schemaName}:go`,
      `${bare}:${schemaName}:stop`,
      `${bare}:other`,
    ];
    const moved: Record<string, unknown> = {};
    for (const groupId of [undefined, groupA, groupB]) {
      for (const [index, permission] of spellings.entries()) {
        const name = `mover${index}${groupId ?? 'everywhere'}`;
        await give(admin, await createUser(name), { permissions: [permission], ...(groupId && { groupId }) });
        const mover = await signInAs(name);
        const where = groupId === undefined ? 'everywhere' : groupId === groupA ? 'here' : 'there';
        const suffix = permission.replace(schemaName, 'S').slice(bare.length);
        moved[`${where}${suffix}`] = [
          await codeOf(mover, 'transition', { id, name: 'go' }),
          await codeOf(mover, 'transition', { id, name: 'stop' }),
          await codeOf(mover, 'update', { id, data: { n: 1 } }),
        ];
      }
    }
    const [no, both, go, stop] = [
      ['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'],
      [undefined, undefined, 'FORBIDDEN'],
      [undefined, 'FORBIDDEN', 'FORBIDDEN'],
      ['FORBIDDEN', undefined, 'FORBIDDEN'],
    ];
    expect(moved).toEqual({
      ...{ everywhere: both, 'everywhere:S': both, 'everywhere:S:go': go, 'everywhere:S:stop': stop },
      ...{ here: both, 'here:S': both, 'here:S:go': go, 'here:S:stop': stop },
      ...{ there: no, 'there:S': no, 'there:S:go': no, 'there:S:stop': no },
      ...{ 'everywhere:other': no, 'here:other': no, 'there:other': no },
    });
  });

  test('linking people takes its own permission, everywhere: with or without the schema, never from a group', async () => {
    const { admin, groupA, quinn, createUser, signInAs } = world.clinic;
    const schemaName = await newSchema(admin, { ...definition, readMode: 'allUsers', updateMode: ['creator'] });
    const id = await documentOf(schemaName);
    const permission = 'UPDATE_ACCESS_TO_DOCUMENT';
    const linked: Record<string, unknown> = {};
    for (const [name, rights] of Object.entries<Rights>({
      bare: { permissions: [permission] },
      suffixed: { permissions: [`${permission}:${schemaName}`] },
      other: { permissions: [`${permission}:other`, 'UPDATE_DOCUMENTS'] },
      group: { permissions: [permission, `${permission}:${schemaName}`, 'UPDATE_DOCUMENTS'], groupId: groupA },
    })) {
      await give(admin, await createUser(`linker-${name}`), rights);
      const linker = await signInAs(`linker-${name}`);
      linked[name] = [
        await codeOf(linker, 'link', { id, userIds: [quinn.userId] }),
        await codeOf(linker, 'unlink', { id, userIds: [quinn.userId] }),
        await codeOf(linker, 'unlink', { id, allGroups: false }),
      ];
    }
    const no = ['FORBIDDEN', 'FORBIDDEN', undefined];
    const yes = [undefined, undefined, undefined];
    expect(linked).toEqual({ bare: yes, suffixed: yes, other: no, group: no });
  });

  test('comments are for owners and for holders of permissions, and changed by who said them', async () => {
    const { admin, pat, rosa, karim, jane, groupB, createUser, signInAs } = world.clinic;
    const readMode = ['creator', 'linkedUsers', 'linkedGroupStaff'];
    const schemaName = await newSchema(admin, { ...definition, readMode });
    const id = await newDocument(pat, schemaName, { userId: rosa.userId, groupId: groupB });
    const commentId = (await send(pat, 'comment', { documentId: id, text: 'Fine.' })).comment.id;
    const commentsOf = 'query ($id: ID!) { document(id: $id) { comments { nodes { text } } } }';
    const texts = async (viewer: GraphqlClient) =>
      (await viewer.run(commentsOf, { id })).document.comments?.nodes.map(({ text }: { text: string }) => text) ?? null;
    const said = await send(rosa, 'comment', { documentId: id, text: 'And you?' });
    expect(said.comment).toMatchObject({ text: 'And you?', creator: { firstName: 'Rosa' } });
    expect([await texts(pat), await texts(karim)]).toEqual([['Fine.', 'And you?'], null]);
    expect((await jane.run(commentsOf, { id })).document).toBeNull();
    for (const text of [' ', 'x'.repeat(10_001)]) {
      const fault = await refused(pat, 'comment', { documentId: id, text });
      expect(fault).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.text' } });
    }

    const moderator = async (name: string, suffix: string, rights: Rights) => {
      const permissions = ['CREATE', 'VIEW', 'UPDATE'].map((verb) => `${verb}_DOCUMENT_COMMENTS${suffix}`);
      await give(admin, await createUser(name), { ...rights, permissions: [...rights.permissions, ...permissions] });
      return signInAs(name);
    };
    const everywhere = await moderator('Mia', `:${schemaName}`, { permissions: ['VIEW_DOCUMENTS'] });
    const inGroup = await moderator('Max', '', { permissions: [], groupId: groupB });
    for (const one of [everywhere, inGroup]) {
      expect(await texts(one)).toHaveLength(2);
      await send(one, 'deleteComment', { id: (await send(one, 'comment', { documentId: id, text: 'x' })).comment.id });
    }
    await send(everywhere, 'updateComment', { id: commentId, text: 'Moderated.' });
    const rewriting = await refused(inGroup, 'updateComment', { id: commentId, text: 'x' });
    expect(rewriting).toMatchObject({ code: 'FORBIDDEN', details: { permission: 'UPDATE_DOCUMENT_COMMENTS' } });
    await send(inGroup, 'deleteComment', { id: commentId });
    await send(rosa, 'updateComment', { id: said.comment.id, text: 'Well.' });
    expect(await texts(pat)).toEqual(['Well.']);
  });
});
