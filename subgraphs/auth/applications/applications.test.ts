// Applications and their versions: who may see and change what, and what their credentials look like.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { IdentityData } from '../../../platform/identity/identity.ts';
import { newId } from '../../../platform/ids.ts';
import { createSealing } from '../../../platform/sealing.ts';
import { publishedEvents } from '../../../tests/support/published-events.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { auth } from '../index.ts';
import { hashToken } from '../tokens.ts';

let graph: TestSubgraphs;
beforeAll(async () => {
  graph = await startTestSubgraphs([auth]);
});
afterAll(() => graph.close());

const who = (...permissions: string[]): IdentityData => ({ userId: newId(), permissions });
const admin = who('CREATE_APPLICATIONS', 'VIEW_APPLICATIONS', 'UPDATE_APPLICATIONS', 'DELETE_APPLICATIONS');
const fields = 'id type name description logo redirectUris confidential versions { id name } createdAt updatedAt';
const run = (query: string, variables: object, identity: IdentityData = admin) =>
  graph.execute('auth', { query, variables: { ...variables }, identity });
const change = (operation: string, answer: string) => (input: object, identity?: IdentityData) => {
  const type = `${operation[0]?.toUpperCase()}${operation.slice(1)}Input`;
  return run(`mutation ($input: ${type}!) { ${operation}(input: $input) { ${answer} } }`, { input }, identity);
};
const create = change('createApplication', `application { ${fields} }`);
const update = change('updateApplication', `application { ${fields} }`);
const remove = change('deleteApplication', 'applicationId');
const version = '{ id name clientId consumerKey }';
const addVersion = change('createApplicationVersion', `version ${version} clientSecret consumerSecret`);
const removeVersion = change('deleteApplicationVersion', 'application { id versions { id } }');
const find = (id: string, wanted = fields, identity?: IdentityData) =>
  run(`query ($id: ID!) { application(id: $id) { ${wanted} } }`, { id }, identity);
const lastEvent = async () => (await graph.readLog()).at(-1);

const oauth1 = { type: 'OAUTH1', name: 'Signer', description: 'Signs its requests' };
const oauth2 = {
  type: 'OAUTH2',
  name: 'Portal',
  description: 'For patients',
  redirectUris: ['https://example.org/cb'],
};
const made = async (input: object = oauth2): Promise<string> => {
  const { data, errors } = await create(input);
  expect(errors).toBeUndefined();
  return data.createApplication.application.id;
};
const refusalOf = ({ errors }: Awaited<ReturnType<typeof run>>) => errors?.[0]?.extensions;

describe('createApplication', () => {
  test('needs its permission', async () => {
    expect(refusalOf(await create(oauth1, {}))).toEqual({ code: 'UNAUTHENTICATED', details: { code: 104 } });
    expect(refusalOf(await create(oauth1, who('VIEW_APPLICATIONS', 'UPDATE_APPLICATIONS')))).toEqual({
      code: 'FORBIDDEN',
      details: { code: 10, permission: 'CREATE_APPLICATIONS' },
    });
  });

  test.each([
    ['name', { ...oauth2, name: '' }],
    ['name', { ...oauth2, name: ' ' }],
    ['name', { ...oauth2, name: 'a'.repeat(101) }],
    ['name', { ...oauth2, name: 'a\0' }],
    ['description', { ...oauth2, description: '' }],
    ['description', { ...oauth2, description: 'a'.repeat(251) }],
    ['logo', { ...oauth2, logo: 'a'.repeat(2_049) }],
    ['confidential', { ...oauth1, confidential: true }],
    ['redirectUris', { ...oauth1, redirectUris: ['https://example.org/'] }],
    ['redirectUris', { ...oauth1, redirectUris: [] }],
    ['redirectUris', { ...oauth2, redirectUris: undefined }],
    ['redirectUris', { ...oauth2, redirectUris: [] }],
    ['redirectUris', { ...oauth2, redirectUris: Array.from({ length: 51 }, (_, at) => `https://example.org/${at}`) }],
  ])('refuses a bad %s', async (field, input) => {
    const before = (await graph.readLog()).length;
    expect(refusalOf(await create(input))).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: `input.${field}` },
    });
    expect(await graph.readLog()).toHaveLength(before);
  });

  test.each([
    '',
    '/callback',
    'example.org/callback',
    '//example.org/callback',
    'https:',
    'https://',
    'https:///callback',
    'https:callback',
    'https://example.org/#fragment',
    'https://example.org/#',
    'app://callback#x',
    'https://example.org/a b',
    'https://example.org/\u0000',
    ' https://example.org/',
    'https://example.org/\n',
    'java\tscript:alert(1)',
    'javascript:alert(1)',
    'JavaScript://example.org/%0aalert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:https://example.org/x',
    'view-source:https://example.org',
  ])('refuses to send users to %j', async (uri) => {
    const result = await create({ ...oauth2, redirectUris: ['https://example.org/', uri] });
    expect(refusalOf(result)).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.redirectUris.1' } });
  });

  test('refuses an address of more than 2,048 characters', async () => {
    const result = await create({ ...oauth2, redirectUris: [`https://example.org/${'a'.repeat(2_048)}`] });
    expect(refusalOf(result)).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.redirectUris.0' } });
  });

  test.each([
    'https://example.org',
    'http://localhost:8080/callback?x=1',
    'HTTPS://EXAMPLE.ORG/',
    'com.example.app:/oauth2redirect',
    'app://callback',
  ])('lets users be sent to %s', async (uri) => {
    const { data } = await create({ ...oauth2, redirectUris: [uri, uri] });
    expect(data.createApplication.application.redirectUris).toEqual([uri]);
  });

  test('makes an application without a version, and tells', async () => {
    const { data } = await create({ ...oauth2, confidential: true, logo: 'a logo' });
    const { application } = data.createApplication;
    expect(application).toMatchObject({ ...oauth2, confidential: true, logo: 'a logo', versions: [] });
    expect(await lastEvent()).toMatchObject({
      type: 'application_created',
      content: { applicationId: application.id },
    });
    const other = (await create(oauth1)).data.createApplication.application;
    expect(other).toMatchObject({ ...oauth1, confidential: false, logo: null, redirectUris: [] });
  });
});

describe('application and applications', () => {
  test('need a signed-in user', async () => {
    const id = await made();
    expect(refusalOf(await find(id, 'id', {}))).toEqual({ code: 'UNAUTHENTICATED', details: { code: 104 } });
    expect(refusalOf(await run('{ applications { nodes { id } } }', {}, {}))).toEqual({
      code: 'UNAUTHENTICATED',
      details: { code: 104 },
    });
    const [entity] = (await references([id], {})).data._entities;
    expect(entity).toBeNull();
  });

  test.each(['redirectUris', 'confidential', 'versions { id }'])(
    'hide %s without VIEW_APPLICATIONS',
    async (hidden) => {
      const id = await made();
      const viewer = who('CREATE_APPLICATIONS', 'UPDATE_APPLICATIONS', 'DELETE_APPLICATIONS');
      for (const { data, errors } of [
        await find(id, `name ${hidden}`, viewer),
        await run(`{ applications { nodes { name ${hidden} } } }`, {}, viewer),
        await references([id], viewer, `name ${hidden}`),
      ]) {
        expect(errors?.[0]?.extensions).toEqual({
          code: 'FORBIDDEN',
          details: { code: 10, permission: 'VIEW_APPLICATIONS' },
        });
        expect(JSON.stringify(data)).not.toContain('https://example.org/cb');
      }
    },
  );

  test('answer null for an id that there is not, and refuse what is no id', async () => {
    expect((await find(newId())).data.application).toBeNull();
    expect(refusalOf(await find('x'))).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'id' } });
    expect((await references(['x', newId()])).data._entities).toEqual([null, null]);
  });

  test('show every user what a consent page shows', async () => {
    const id = await made();
    const shown = 'id type name description logo createdAt updatedAt';
    const { data, errors } = await find(id, shown, who());
    expect(errors).toBeUndefined();
    expect(data.application).toMatchObject({ id, type: 'OAUTH2', name: 'Portal', description: 'For patients' });
    expect((await references([id.toUpperCase()], who(), shown)).data._entities).toEqual([data.application]);
  });

  test('list by name, filtered and paged', async () => {
    const mark = newId();
    for (const name of ['b', 'a', 'c']) await made({ ...oauth1, name: `${mark} ${name}` });
    await made({ ...oauth2, name: `${mark} b` });
    const list = async (args: string) =>
      (await run(`{ applications(${args}) { totalCount nodes { name type } pageInfo { endCursor hasNextPage } } }`, {}))
        .data.applications;
    expect(await list(`filter: { name: { eq: "${mark} b" } }`)).toMatchObject({
      totalCount: 2,
      nodes: [{ type: 'OAUTH1' }, { type: 'OAUTH2' }],
    });
    expect((await list(`filter: { name: { eq: "${mark} b" }, type: OAUTH1 }`)).totalCount).toBe(1);
    const names: string[] = [];
    for (let after = 'null', more = true; more; ) {
      const { nodes, pageInfo } = await list(`first: 2, after: ${after}`);
      names.push(...nodes.map(({ name }: { name: string }) => name));
      [after, more] = [JSON.stringify(pageInfo.endCursor), pageInfo.hasNextPage];
    }
    expect(names.filter((name) => name.startsWith(mark)).map((name) => name.slice(-1))).toEqual(['a', 'b', 'b', 'c']);
  });
});

const references = (ids: string[], identity?: IdentityData, wanted = 'name') => {
  const representations = ids.map((id) => ({ __typename: 'Application', id }));
  const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Application { ${wanted} } } }`;
  return run(query, { representations }, identity);
};

describe('updateApplication', () => {
  test('needs its permission, and an application', async () => {
    const input = { applicationId: await made(), name: 'New' };
    expect(refusalOf(await update(input, who('CREATE_APPLICATIONS')))).toMatchObject({ code: 'FORBIDDEN' });
    expect(refusalOf(await update({ ...input, applicationId: newId() }))).toEqual({
      code: 'NOT_FOUND',
      details: { field: 'input.applicationId', code: 16 },
    });
  });

  test.each([
    ['name', { name: null }],
    ['name', { name: '' }],
    ['description', { description: null }],
    ['description', { description: 'a'.repeat(251) }],
    ['redirectUris', { redirectUris: null }],
    ['redirectUris', { redirectUris: [] }],
    ['redirectUris.0', { redirectUris: ['javascript:1'] }],
    ['logo', { logo: '\0' }],
  ])('refuses a bad %s and changes nothing', async (field, input) => {
    const applicationId = await made();
    const before = (await find(applicationId)).data;
    expect(refusalOf(await update({ applicationId, logo: 'new', ...input }))).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: `input.${field}` },
    });
    expect((await find(applicationId)).data).toEqual(before);
  });

  test('gives an OAuth 1 application no addresses', async () => {
    const input = { applicationId: await made(oauth1), redirectUris: ['https://example.org/'] };
    expect(refusalOf(await update(input))).toMatchObject({ details: { field: 'input.redirectUris' } });
  });

  test('changes what is given, leaves the rest, and tells when something changed', async () => {
    const applicationId = await made({ ...oauth2, logo: 'old', confidential: true });
    const changed = (await update({ applicationId, name: 'New', logo: null })).data.updateApplication.application;
    expect(changed).toMatchObject({ ...oauth2, name: 'New', logo: null, confidential: true });
    expect(await lastEvent()).toMatchObject({ type: 'application_updated', content: { applicationId } });
    const events = (await graph.readLog()).length;
    await update({ applicationId });
    expect(await graph.readLog()).toHaveLength(events);
  });
});

describe('versions', () => {
  test('need their permissions, an application, and a name of their own', async () => {
    const applicationId = await made();
    const input = { applicationId, name: 'v1.0.0' };
    expect(refusalOf(await addVersion(input, who('UPDATE_APPLICATIONS')))).toMatchObject({ code: 'FORBIDDEN' });
    expect(refusalOf(await addVersion({ ...input, applicationId: newId() }))).toMatchObject({ code: 'NOT_FOUND' });
    expect(refusalOf(await addVersion({ ...input, name: 'a'.repeat(101) }))).toMatchObject({
      details: { field: 'input.name' },
    });
    await addVersion(input);
    expect(refusalOf(await addVersion(input))).toEqual({
      code: 'ALREADY_EXISTS',
      details: { field: 'input.name', code: 17 },
    });
    expect((await addVersion({ applicationId: await made(), name: 'v1.0.0' })).errors).toBeUndefined();
    const gone = { applicationId, version: 'v1.0.0' };
    expect(refusalOf(await removeVersion(gone, who('CREATE_APPLICATIONS')))).toMatchObject({ code: 'FORBIDDEN' });
    for (const unknown of [
      { ...gone, version: 'v2' },
      { ...gone, version: newId() },
      { ...gone, applicationId: newId() },
    ])
      expect(refusalOf(await removeVersion(unknown))).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('are not deleted by way of another application', async () => {
    const applicationId = await made();
    const { id } = (await addVersion({ applicationId, name: 'v1' })).data.createApplicationVersion.version;
    const other = await made();
    for (const version of [id, 'v1']) {
      expect(refusalOf(await removeVersion({ applicationId: other, version }))).toMatchObject({ code: 'NOT_FOUND' });
    }
    expect((await find(applicationId)).data.application.versions).toHaveLength(1);
  });

  test('have the credentials of their kind, which are shown once and not kept as they are', async () => {
    const hex = expect.stringMatching(/^[0-9a-f]{40}$/);
    const make = async (input: object) =>
      (await addVersion({ applicationId: await made(input), name: 'v1' })).data.createApplicationVersion;
    const open = await make(oauth2);
    expect(open).toMatchObject({
      version: { clientId: hex, consumerKey: null },
      clientSecret: null,
      consumerSecret: null,
    });
    const confidential = await make({ ...oauth2, confidential: true });
    expect(confidential).toMatchObject({ version: { clientId: hex }, clientSecret: hex, consumerSecret: null });
    const signer = await make(oauth1);
    expect(signer).toMatchObject({
      version: { clientId: null, consumerKey: hex },
      clientSecret: null,
      consumerSecret: hex,
    });
    const { db } = graph.database.forService<'applicationVersion'>('auth');
    const kept = async (id: string) => db.applicationVersion.findUniqueOrThrow({ where: { id } });
    expect(await kept(open.version.id)).toMatchObject({ secretHash: null, sealedSecret: null });
    expect((await kept(confidential.version.id)).secretHash).toBe(hashToken(confidential.clientSecret));
    const { sealedSecret, secretHash } = await kept(signer.version.id);
    expect(secretHash).toBeNull();
    const sealing = createSealing(graph.config.serviceSecret ?? '', 'auth');
    expect(sealing.open(sealedSecret ?? '')).toBe(signer.consumerSecret);
    const everything = JSON.stringify([await db.applicationVersion.findMany(), await graph.readLog()], (_key, value) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    for (const secret of [confidential.clientSecret, signer.consumerSecret]) expect(everything).not.toContain(secret);
  });

  test('are listed oldest first, and deleted by id or by name, each with its event', async () => {
    const applicationId = await made();
    const ids: string[] = [];
    for (const name of ['v1', 'v2', newId()]) {
      ids.push((await addVersion({ applicationId, name })).data.createApplicationVersion.version.id);
    }
    expect(await lastEvent()).toMatchObject({
      type: 'application_version_created',
      content: { applicationId, versionId: ids[2] },
    });
    const listed = (await find(applicationId)).data.application.versions;
    expect(listed.map(({ id }: { id: string }) => id)).toEqual(ids);
    const [one = '', , named = ''] = listed.map(({ id, name }: { id: string; name: string }) =>
      id === ids[2] ? name : id,
    );
    for (const [left, which] of [
      [2, one],
      [1, 'v2'],
      [0, named],
    ] as const) {
      const { data } = await removeVersion({ applicationId, version: which });
      expect(data.deleteApplicationVersion.application.versions).toHaveLength(left);
    }
    expect(await lastEvent()).toMatchObject({
      type: 'application_version_deleted',
      content: { applicationId, versionId: ids[2] },
    });
  });
});

describe('deleteApplication', () => {
  test('needs its permission, and an application', async () => {
    const applicationId = await made();
    expect(refusalOf(await remove({ applicationId }, who('UPDATE_APPLICATIONS')))).toMatchObject({ code: 'FORBIDDEN' });
    expect(refusalOf(await remove({ applicationId: newId() }))).toMatchObject({ code: 'NOT_FOUND' });
    expect((await find(applicationId)).data.application).not.toBeNull();
  });

  test('takes its versions, sessions and tokens along, and its users lose access at once', async () => {
    const applicationId = await made();
    await addVersion({ applicationId, name: 'v1' });
    const { db } = graph.database.forService<
      'session' | 'applicationVersion' | 'ssoToken' | 'accessToken' | 'oAuth2Authorization'
    >('auth');
    const [userId, elsewhere] = [newId(), newId()];
    const columns = { kind: 'PASSWORD', credentialVersion: 1 };
    const session = await db.session.create({ data: { id: newId(), userId, applicationId, ...columns } });
    const kept = await db.session.create({ data: { id: newId(), userId: elsewhere, ...columns } });
    const expiresAt = new Date(Date.now() + 60_000);
    await db.accessToken.create({ data: { id: newId(), sessionId: session.id, tokenHash: newId(), expiresAt } });
    const owner = { userId, applicationId, credentialVersion: 1, expiresAt };
    await db.ssoToken.create({ data: { id: newId(), tokenHash: newId(), ...owner } });
    const code = { versionId: newId(), codeHash: newId(), redirectUri: 'https://example.org/', redirectUriGiven: true };
    await db.oAuth2Authorization.create({ data: { id: newId(), ...code, ...owner } });
    const versions = () => graph.database.accessVersions([userId, elsewhere]);
    const [before, untouched] = await versions();
    expect((await remove({ applicationId })).data.deleteApplication).toEqual({ applicationId });
    expect((await find(applicationId)).data.application).toBeNull();
    expect(await versions()).toEqual([String(Number(before) + 1), untouched]);
    const of = { where: { applicationId } };
    expect([
      await db.session.count(of),
      await db.applicationVersion.count(of),
      await db.ssoToken.count(of),
      await db.oAuth2Authorization.count(of),
      await db.accessToken.count({ where: { sessionId: session.id } }),
      await db.session.count({ where: { id: kept.id } }),
    ]).toEqual([0, 0, 0, 0, 0, 1]);
    const told = (await publishedEvents(graph)).slice(-2);
    expect(told).toEqual([
      { type: 'application_deleted', content: { applicationId } },
      { type: 'session_ended', content: { userId, sessionId: session.id } },
    ]);
  });
});
