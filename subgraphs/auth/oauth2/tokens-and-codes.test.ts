// Codes and tokens in GraphQL: who sees which, and who revokes which.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import {
  type OAuth2Service,
  startOAuth2Service,
  type TestClient,
  type Tokens,
} from '../../../tests/support/oauth2-service.ts';
import { peopleIn } from '../../../tests/support/people.ts';
import { hashToken } from '../tokens.ts';

let service: OAuth2Service;
let client: TestClient;
let secret: TestClient;
let stranger: string;
let me: { readonly userId: string };
let now = Date.parse('2026-11-22T12:00:00Z');
beforeAll(async () => {
  service = await startOAuth2Service({ now: () => now });
  client = await service.createClient();
  secret = await service.createClient({ confidential: true });
  stranger = await peopleIn(service.graph).user();
  me = { userId: service.account.userId };
});
afterAll(() => service.close());

interface Viewer {
  readonly userId?: string;
  readonly permissions?: string[];
}
const lists = ['oauth2Authorizations', 'oauth2Tokens', 'oauth2RefreshTokens'] as const;
type List = (typeof lists)[number];

async function list(field: List, viewer: Viewer, args = '') {
  const query = `{ ${field}${args} { totalCount pageInfo { hasNextPage endCursor }
    nodes { id expiresAt createdAt user { id } application { id name } } } }`;
  const { data, errors } = await service.graph.execute('auth', { query, identity: viewer });
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data[field];
}
const idsIn = async (field: List, viewer: Viewer, args = '') =>
  (await list(field, viewer, args)).nodes.map(({ id }: { id: string }) => id);
const remove = (mutation: string, id: string, viewer: Viewer) =>
  service.graph.execute('auth', {
    query: `mutation ($input: DeleteTokenInput!) { ${mutation}(input: $input) { id } }`,
    variables: { input: { id } },
    identity: viewer,
  });

/** A sign-in, and a code that is not redeemed: their ids. */
async function something(as = client) {
  const tokens: Tokens = await service.signIn(as);
  const session = await service.sessionOf(tokens.access_token);
  const query = `mutation ($input: CreateOAuth2AuthorizationInput!) {
    createOAuth2Authorization(input: $input) { authorizationCode authorization { id } }
  }`;
  const variables = { input: { responseType: 'code', clientId: as.clientId } };
  const request = { query, variables, identity: me, sessionId: session?.id ?? '' };
  const created = (await service.graph.execute('auth', request)).data.createOAuth2Authorization;
  const { db } = service.graph.database.forService<'accessToken' | 'refreshToken'>('auth');
  const access = await db.accessToken.findUniqueOrThrow({ where: { tokenHash: hashToken(tokens.access_token) } });
  const refresh = await db.refreshToken.findUniqueOrThrow({ where: { tokenHash: hashToken(tokens.refresh_token) } });
  return {
    tokens,
    code: created.authorizationCode as string,
    ids: {
      oauth2Authorizations: created.authorization.id as string,
      oauth2Tokens: access.id,
      oauth2RefreshTokens: refresh.id,
    },
  };
}
const versionOf = async (userId: string) => Number((await service.graph.database.accessVersions([userId]))[0]);

describe.each(lists)('%s', (field) => {
  test('are for signed-in users', async () => {
    await expect(list(field, {})).rejects.toThrow('UNAUTHENTICATED');
  });

  test('show each user their own, and all of them with the permission', async () => {
    const { ids } = await something();
    expect(await idsIn(field, me)).toContain(ids[field]);
    expect(await list(field, { userId: stranger })).toMatchObject({ nodes: [], totalCount: 0 });
    for (const permission of ['DELETE_AUTHORIZATIONS', 'VIEW_USER']) {
      expect(await idsIn(field, { userId: stranger, permissions: [permission] })).toEqual([]);
    }
    const all = { userId: stranger, permissions: ['VIEW_AUTHORIZATIONS'] };
    expect(await idsIn(field, all)).toContain(ids[field]);
    const refreshOnly = { userId: stranger, permissions: ['VIEW_OAUTH2_REFRESH_TOKENS'] };
    expect(await idsIn(field, refreshOnly)).toEqual(field === 'oauth2RefreshTokens' ? await idsIn(field, all) : []);
  });

  test('tell of what application and of whom they are', async () => {
    const { ids } = await something();
    const { nodes } = await list(field, me);
    expect(nodes.find(({ id }: { id: string }) => id === ids[field])).toMatchObject({
      user: { id: me.userId },
      application: { id: client.applicationId, name: 'Recovery at home' },
    });
  });

  test('can be narrowed to a user and an application, never to more than is seen', async () => {
    const [mine, other] = [await something(), await something(secret)];
    const mineAlone = `userId: { eq: "${me.userId}" }`;
    const only = `(filter: { applicationId: { eq: "${secret.applicationId}" }, ${mineAlone} })`;
    const found = await idsIn(field, me, only);
    expect(found).toContain(other.ids[field]);
    expect(found).not.toContain(mine.ids[field]);
    expect(await idsIn(field, { userId: stranger }, `(filter: { ${mineAlone} })`)).toEqual([]);
  });

  test('come in pages, newest first', async () => {
    const [older, newer] = [await something(), await something()];
    const first = await list(field, me, '(first: 1)');
    expect(first.nodes.map(({ id }: { id: string }) => id)).toEqual([newer.ids[field]]);
    expect(first.pageInfo.hasNextPage).toBe(true);
    const next = await idsIn(field, me, `(first: 1, after: "${first.pageInfo.endCursor}")`);
    expect(next).toEqual([older.ids[field]]);
  });

  test('leave out what has expired', async () => {
    const { ids } = await something();
    now += 366 * 86_400_000;
    expect(await idsIn(field, me)).not.toContain(ids[field]);
  });
});

test('what is used up, redeemed or of an ended session is not listed', async () => {
  const { tokens, code, ids } = await something();
  const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
  const { body } = await service.post('/oauth2/token', client, refresh);
  expect(await idsIn('oauth2RefreshTokens', me)).not.toContain(ids.oauth2RefreshTokens);
  const query = '{ oauth2Tokens { nodes { id refreshTokenId } } }';
  const { data } = await service.graph.execute('auth', { query, identity: me });
  const older = data.oauth2Tokens.nodes.find(({ id }: { id: string }) => id === ids.oauth2Tokens);
  expect(older.refreshTokenId).toBeNull();
  expect(data.oauth2Tokens.nodes[0].refreshTokenId).toBe((await idsIn('oauth2RefreshTokens', me))[0]);

  const redeemed = await service.post('/oauth2/token', client, { grant_type: 'authorization_code', code });
  expect(redeemed.status).toBe(200);
  expect(await idsIn('oauth2Authorizations', me)).not.toContain(ids.oauth2Authorizations);

  const [before] = await idsIn('oauth2Tokens', me);
  await service.post('/oauth2/revoke', client, { token: redeemed.body.refresh_token });
  await service.post('/oauth2/revoke', client, { token: body.refresh_token });
  for (const field of ['oauth2Tokens', 'oauth2RefreshTokens'] as const) {
    expect(await idsIn(field, me)).not.toContain(before);
  }
});

test('sign-ins over the API itself are no tokens of OAuth 2', async () => {
  const { email, password } = service.account;
  const query = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken refreshToken } }';
  const { data } = await service.graph.execute('auth', { query, variables: { input: { email, password } } });
  const { db } = service.graph.database.forService<'accessToken'>('auth');
  const where = { tokenHash: hashToken(data.login.accessToken) };
  const { id, refreshTokenId } = await db.accessToken.findUniqueOrThrow({ where });
  expect(await idsIn('oauth2Tokens', me)).not.toContain(id);
  expect(await idsIn('oauth2RefreshTokens', me)).not.toContain(refreshTokenId);
  expect((await remove('deleteOAuth2Token', id, me)).errors?.[0]?.extensions).toMatchObject({ code: 'NOT_FOUND' });
});

describe.each([
  ['deleteOAuth2Authorization', 'oauth2Authorizations', 'DELETE_AUTHORIZATIONS'],
  ['deleteOAuth2Token', 'oauth2Tokens', 'DELETE_AUTHORIZATIONS'],
  ['deleteOAuth2RefreshToken', 'oauth2RefreshTokens', 'DELETE_AUTHORIZATIONS'],
  ['deleteOAuth2RefreshToken', 'oauth2RefreshTokens', 'DELETE_OAUTH2_REFRESH_TOKEN'],
] as const)('%s of %s (%s)', (mutation, field, permission) => {
  const missing = { code: 'NOT_FOUND', details: { field: 'input.id', code: 16 } };

  test('is for signed-in users', async () => {
    const { errors } = await remove(mutation, newId(), {});
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('answers the same for what is no id of anything, and for what is not yours', async () => {
    const { ids } = await something();
    expect((await remove(mutation, 'x', me)).errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'input.id' },
    });
    const none = await remove(mutation, newId(), me);
    expect(none.errors?.[0]?.extensions).toEqual(missing);
    for (const permissions of [[], ['VIEW_AUTHORIZATIONS', 'VIEW_OAUTH2_REFRESH_TOKENS']]) {
      const foreign = await remove(mutation, ids[field], { userId: stranger, permissions });
      expect(foreign.errors?.[0]).toEqual(none.errors?.[0]);
    }
    expect(await idsIn(field, me)).toContain(ids[field]);
  });

  test.each([
    ['one’s own', () => me],
    ['anybody’s with the permission', () => ({ userId: stranger, permissions: [permission] })],
  ])('revokes %s, once', async (_whose, viewer) => {
    const { ids } = await something();
    expect(await remove(mutation, ids[field], viewer())).toEqual({ data: { [mutation]: { id: ids[field] } } });
    expect(await idsIn(field, me)).not.toContain(ids[field]);
    expect((await remove(mutation, ids[field], viewer())).errors?.[0]?.extensions).toEqual(missing);
  });
});

describe('revoking', () => {
  test('a code makes it worth nothing', async () => {
    const { code, ids } = await something();
    await remove('deleteOAuth2Authorization', ids.oauth2Authorizations, me);
    const { body } = await service.post('/oauth2/token', client, { grant_type: 'authorization_code', code });
    expect(body.exh_error.code).toBe(115);
  });

  test('a redeemed code is too late: what came of it has an id of its own', async () => {
    const { code, ids } = await something();
    await service.post('/oauth2/token', client, { grant_type: 'authorization_code', code });
    const { errors } = await remove('deleteOAuth2Authorization', ids.oauth2Authorizations, me);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('an access token leaves the refresh token', async () => {
    const { tokens, ids } = await something();
    const before = await versionOf(me.userId);
    await remove('deleteOAuth2Token', ids.oauth2Tokens, me);
    expect(await service.sessionOf(tokens.access_token)).toBeNull();
    expect(await versionOf(me.userId)).toBe(before + 1);
    const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
    expect((await service.post('/oauth2/token', client, refresh)).status).toBe(200);
  });

  test('a refresh token takes the access tokens with it, at once', async () => {
    const { tokens, ids } = await something();
    const before = await versionOf(me.userId);
    await remove('deleteOAuth2RefreshToken', ids.oauth2RefreshTokens, me);
    expect(await service.sessionOf(tokens.access_token)).toBeNull();
    expect(await versionOf(me.userId)).toBe(before + 1);
    const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
    expect((await service.post('/oauth2/token', client, refresh)).body.exh_error.code).toBe(119);
  });
});
