// Providers of OpenID Connect: who may add, see, change and delete them.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { peopleIn } from '../../../tests/support/people.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../../users/index.ts';
import { auth } from '../index.ts';

let graph: TestSubgraphs;
beforeAll(async () => {
  graph = await startTestSubgraphs([users, auth]);
});
afterAll(() => graph.close());

const all = ['CREATE_OIDC_PROVIDER', 'VIEW_OIDC_PROVIDERS', 'UPDATE_OIDC_PROVIDER', 'DELETE_OIDC_PROVIDER'];
const operator = { userId: newId(), permissions: all };
const fields = `id name description clientId clientSecretHint issuerId authorizationEndpoint tokenEndpoint
  userinfoEndpoint redirectUri enabled`;
const secret = 'the secret that nobody may read';
let made = 0;
const settings = () => ({
  name: `provider-${++made}`,
  description: 'A provider',
  clientId: 'caregraph',
  clientSecret: secret,
  issuerId: 'https://id.example.org',
  authorizationEndpoint: 'https://id.example.org/auth',
  tokenEndpoint: 'https://id.example.org/token',
  userinfoEndpoint: 'https://id.example.org/me',
  redirectUri: 'https://app.example.org/signed-in',
});
const run = (query: string, variables: Record<string, unknown>, identity: object = operator) =>
  graph.execute('auth', { query, variables, identity });
const create = (input: object, identity?: object) =>
  run(
    `mutation ($input: CreateOidcProviderInput!) { createOidcProvider(input: $input) { provider { ${fields} } } }`,
    { input },
    identity,
  );
const change = (operation: string, input: object, identity?: object) => {
  const type = `${operation[0]?.toUpperCase()}${operation.slice(1)}Input`;
  const answer = operation === 'deleteOidcProvider' ? 'providerId' : `provider { ${fields} }`;
  return run(`mutation ($input: ${type}!) { ${operation}(input: $input) { ${answer} } }`, { input }, identity);
};
const newProvider = async () => (await create(settings())).data.createOidcProvider.provider;
const events = async () => (await graph.readLog()).map(({ type }) => type);

describe('createOidcProvider', () => {
  test('needs CREATE_OIDC_PROVIDER', async () => {
    const { errors } = await create(settings(), { userId: newId(), permissions: ['UPDATE_OIDC_PROVIDER'] });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
      details: { permission: 'CREATE_OIDC_PROVIDER' },
    });
  });

  test.each([
    ['name', 'ab'],
    ['name', 'a'.repeat(41)],
    ['name', 'two words'],
    ['description', 'a'.repeat(257)],
    ['clientId', ''],
    ['clientId', 'a'.repeat(2_049)],
    ['clientSecret', ''],
    ['clientSecret', '\0'],
    ['issuerId', 'id.example.org'],
    ['issuerId', 'ftp://id.example.org'],
    ['tokenEndpoint', `https://id.example.org/${'a'.repeat(2_048)}`],
    ['userinfoEndpoint', 'javascript:alert(1)'],
    ['authorizationEndpoint', '/auth'],
    ['redirectUri', 'not an address'],
    ['redirectUri', 'javascript:alert(1)'],
    ['redirectUri', 'https://app.example.org/?a=b'],
    ['redirectUri', 'https://app.example.org/#a'],
  ])('refuses a bad %s', async (field, value) => {
    const { errors } = await create({ ...settings(), [field]: value });
    expect(errors?.[0]?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      details: { field: `input.${field}`, code: 15 },
    });
  });

  test('refuses unencrypted addresses in production', async () => {
    const production = await startTestSubgraphs([users, auth], { environment: { NODE_ENV: 'production' } });
    try {
      const input = { ...settings(), tokenEndpoint: 'http://id.example.org/token' };
      const query =
        'mutation ($input: CreateOidcProviderInput!) { createOidcProvider(input: $input) { provider { id } } }';
      const { errors } = await production.execute('auth', { query, variables: { input }, identity: operator });
      expect(errors?.[0]?.extensions).toMatchObject({ details: { field: 'input.tokenEndpoint' } });
    } finally {
      await production.close();
    }
  });

  test('refuses a name that another provider has', async () => {
    const { name } = await newProvider();
    const { errors } = await create({ ...settings(), name });
    expect(errors?.[0]?.extensions).toEqual({ code: 'ALREADY_EXISTS', details: { field: 'input.name', code: 17 } });
  });

  test('adds one that is enabled, keeps its secret sealed, and tells', async () => {
    const input = settings();
    const { data, errors } = await create(input);
    expect(errors).toBeUndefined();
    const { clientSecret, ...shown } = input;
    expect(data.createOidcProvider.provider).toEqual({
      ...shown,
      id: expect.any(String),
      clientSecretHint: clientSecret.slice(-4),
      enabled: true,
    });
    const { db } = graph.database.forService<'oidcProvider'>('auth');
    expect(JSON.stringify(await db.oidcProvider.findMany())).not.toContain(secret);
    expect(await events()).toContain('oidc_provider_created');
  });
});

describe('updateOidcProvider, enableOidcProvider and disableOidcProvider', () => {
  test.each(['updateOidcProvider', 'enableOidcProvider', 'disableOidcProvider'])(
    '%s needs UPDATE_OIDC_PROVIDER',
    async (operation) => {
      const { id } = await newProvider();
      const { errors } = await change(
        operation,
        { providerId: id },
        { userId: newId(), permissions: ['CREATE_OIDC_PROVIDER'] },
      );
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
    },
  );

  test.each(['updateOidcProvider', 'enableOidcProvider', 'disableOidcProvider', 'deleteOidcProvider'])(
    '%s refuses an unknown provider',
    async (operation) => {
      const { errors } = await change(operation, { providerId: newId() });
      expect(errors?.[0]?.extensions).toEqual({ code: 'NOT_FOUND', details: { field: 'input.providerId', code: 16 } });
    },
  );

  test('refuses a name that another provider has', async () => {
    const [first, second] = [await newProvider(), await newProvider()];
    const { errors } = await change('updateOidcProvider', { providerId: second.id, name: first.name });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'ALREADY_EXISTS' });
  });

  test('changes what is given, and leaves the rest', async () => {
    const before = await newProvider();
    const input = { providerId: before.id, description: 'Another', clientSecret: 'another secret 1234' };
    const { data } = await change('updateOidcProvider', input);
    expect(data.updateOidcProvider.provider).toEqual({ ...before, description: 'Another', clientSecretHint: '1234' });
    const same = await change('updateOidcProvider', { providerId: before.id, name: before.name });
    expect(same.data.updateOidcProvider.provider.name).toBe(before.name);
  });

  test('enables and disables, and tells only of changes', async () => {
    const { id } = await newProvider();
    const count = (await events()).length;
    expect((await change('disableOidcProvider', { providerId: id })).data.disableOidcProvider.provider.enabled).toBe(
      false,
    );
    expect((await change('disableOidcProvider', { providerId: id })).data.disableOidcProvider.provider.enabled).toBe(
      false,
    );
    expect((await change('enableOidcProvider', { providerId: id })).data.enableOidcProvider.provider.enabled).toBe(
      true,
    );
    expect((await events()).slice(count)).toEqual(['oidc_provider_disabled', 'oidc_provider_enabled']);
  });
});

describe('deleteOidcProvider', () => {
  test('needs DELETE_OIDC_PROVIDER', async () => {
    const { id } = await newProvider();
    const { errors } = await change(
      'deleteOidcProvider',
      { providerId: id },
      { userId: newId(), permissions: ['UPDATE_OIDC_PROVIDER'] },
    );
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('refuses one that is enabled', async () => {
    const { id } = await newProvider();
    const { errors } = await change('deleteOidcProvider', { providerId: id });
    expect(errors?.[0]?.extensions).toEqual({ code: 'ILLEGAL_STATE', details: { code: 27 } });
  });

  test('refuses one that users are linked to, and deletes it when nobody is any more', async () => {
    const { id } = await newProvider();
    await change('disableOidcProvider', { providerId: id });
    const userId = await peopleIn(graph).user();
    const { db } = graph.database.forService<'oidcLink'>('users');
    await db.oidcLink.create({ data: { userId, providerId: id, subjectId: 'subject' } });
    const { errors } = await change('deleteOidcProvider', { providerId: id });
    expect(errors?.[0]?.extensions).toEqual({ code: 'ILLEGAL_STATE', details: { code: 27 } });
    await db.oidcLink.deleteMany({ where: { userId } });
    expect((await change('deleteOidcProvider', { providerId: id })).data).toEqual({
      deleteOidcProvider: { providerId: id },
    });
    expect((await events()).at(-1)).toBe('oidc_provider_deleted');
    expect((await run('query ($id: ID!) { oidcProvider(id: $id) { id } }', { id })).data).toEqual({
      oidcProvider: null,
    });
  });
});

describe('reading providers', () => {
  test.each(['oidcProviders { totalCount }', `oidcProvider(id: "${newId()}") { id }`])(
    'needs VIEW_OIDC_PROVIDERS: %s',
    async (field) => {
      const { errors } = await run(`{ ${field} }`, {}, { userId: newId(), permissions: ['CREATE_OIDC_PROVIDER'] });
      expect(errors?.[0]?.extensions).toMatchObject({
        code: 'FORBIDDEN',
        details: { permission: 'VIEW_OIDC_PROVIDERS' },
      });
    },
  );

  test('a reference to one is null without VIEW_OIDC_PROVIDERS', async () => {
    const { id, name } = await newProvider();
    const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on OidcProvider { name } } }';
    const r = [{ __typename: 'OidcProvider', id }];
    expect((await run(query, { r }, { userId: newId() })).data).toEqual({ _entities: [null] });
    expect((await run(query, { r })).data).toEqual({ _entities: [{ name }] });
  });

  test('lists them in pages, newest first', async () => {
    const added = [await newProvider(), await newProvider(), await newProvider()].map(({ id }) => id).reverse();
    const page = async (after?: string) =>
      (
        await run(
          'query ($after: String) { oidcProviders(first: 2, after: $after) { totalCount nodes { id } pageInfo { endCursor } } }',
          { after },
        )
      ).data.oidcProviders;
    const first = await page();
    const second = await page(first.pageInfo.endCursor);
    expect([...first.nodes, ...second.nodes].map(({ id }) => id).slice(0, 3)).toEqual(added);
    const { db } = graph.database.forService<'oidcProvider'>('auth');
    expect(first.totalCount).toBe(await db.oidcProvider.count());
  });

  test('finds one by name', async () => {
    const { id, name } = await newProvider();
    const query = 'query ($name: String) { oidcProviders(filter: { name: { eq: $name } }) { nodes { id } } }';
    expect((await run(query, { name })).data.oidcProviders.nodes).toEqual([{ id }]);
  });
});
