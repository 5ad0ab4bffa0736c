// What ends with a session, and with the credentials that it was started with, at once and not only when it is tidied away.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { peopleIn } from '../../../tests/support/people.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../../users/index.ts';
import type { AuthTable } from '../auth-parts.ts';
import { auth } from '../index.ts';
import { newToken } from '../tokens.ts';

let graph: TestSubgraphs;
const account = { email: 'jane@example.org', password: 'chosen by the operator' };
beforeAll(async () => {
  const environment = { ADMIN_EMAIL: account.email, ADMIN_PASSWORD: account.password };
  graph = await startTestSubgraphs([users, auth], { environment });
});
afterAll(() => graph.close());

const run = (query: string, input: object, as: { identity?: object; sessionId?: string } = {}) =>
  graph.execute('auth', { query, variables: { input }, ...as });
const tables = () => graph.database.forService<AuthTable>('auth').db;

async function application(type: 'OAUTH1' | 'OAUTH2'): Promise<{ id: string; key: string }> {
  const [id, key] = [newId(), newToken()];
  const redirectUris = type === 'OAUTH2' ? ['https://app.example.org/'] : [];
  await tables().application.create({
    data: { id, type, name: type, description: 'For tests', confidential: false, redirectUris },
  });
  await tables().applicationVersion.create({ data: { id: newId(), applicationId: id, name: 'v1', key } });
  return { id, key };
}

/** A user with an open session of an OAuth 1 application, and what the session has asked for to start others. */
async function sessionWithGrants() {
  const userId = await peopleIn(graph).user();
  const applicationId = (await application('OAUTH1')).id;
  const sessionId = newId();
  const data = { id: sessionId, userId, applicationId, credentialVersion: 1, kind: 'OAUTH1' };
  await tables().session.create({ data });
  const as = { identity: { userId, applicationId }, sessionId };
  const { ssoToken } = (await graph.execute('auth', { query: 'mutation { generateSsoToken { ssoToken } }', ...as }))
    .data.generateSsoToken;
  const query =
    'mutation ($input: CreateOAuth2AuthorizationInput!) { createOAuth2Authorization(input: $input) { authorization { id } } }';
  await run(query, { responseType: 'code', clientId: (await application('OAUTH2')).key }, as);
  return { userId, sessionId, ssoToken };
}
const consume = async (ssoToken: string) => {
  const identity = { applicationId: (await application('OAUTH1')).id };
  return run(
    'mutation ($input: ConsumeSsoTokenInput!) { consumeSsoToken(input: $input) { user { id } } }',
    { ssoToken },
    { identity },
  );
};
const codesOf = (userId: string) => tables().oAuth2Authorization.count({ where: { userId } });

describe('a session that is revoked', () => {
  test('takes the SSO tokens and the codes with it that were made in it', async () => {
    const { userId, sessionId, ssoToken } = await sessionWithGrants();
    expect(await codesOf(userId)).toBe(1);
    const revoke = 'mutation ($input: RevokeSessionInput!) { revokeSession(input: $input) { sessionId } }';
    await run(revoke, { sessionId }, { identity: { userId } });
    expect((await consume(ssoToken)).errors?.[0]?.extensions).toMatchObject({ code: 'NOT_FOUND' });
    expect(await codesOf(userId)).toBe(0);
  });

  test('leaves those of other sessions', async () => {
    const { userId, ssoToken } = await sessionWithGrants();
    await sessionWithGrants().then(({ userId: other, sessionId }) =>
      run(
        'mutation ($input: RevokeSessionInput!) { revokeSession(input: $input) { sessionId } }',
        { sessionId },
        { identity: { userId: other } },
      ),
    );
    expect(await codesOf(userId)).toBe(1);
    expect((await consume(ssoToken)).data.consumeSsoToken.user).toEqual({ id: userId });
  });

  test('makes no more of them', async () => {
    const { userId, sessionId } = await sessionWithGrants();
    await tables().session.update({ where: { id: sessionId }, data: { endedAt: new Date() } });
    const query =
      'mutation ($input: CreateOAuth2AuthorizationInput!) { createOAuth2Authorization(input: $input) { authorization { id } } }';
    const input = { responseType: 'code', clientId: (await application('OAUTH2')).key };
    const { errors } = await run(query, input, { identity: { userId }, sessionId });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

describe('credentials that were replaced', () => {
  const login = 'mutation ($input: LoginInput!) { login(input: $input) { refreshToken user { id } } }';
  const refresh = 'mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { accessToken } }';

  test('refuse a refresh token of before, though nobody was told yet', async () => {
    const { refreshToken, user } = (await run(login, account)).data.login;
    const { db } = graph.database.forService<'user'>('users');
    await db.user.update({ where: { id: user.id }, data: { credentialVersion: { increment: 1 } } });
    const { data, errors } = await run(refresh, { refreshToken });
    expect(data).toBeNull();
    expect(errors?.[0]?.extensions).toEqual({ code: 'REFRESH_TOKEN_INVALID', details: { code: 119 } });
    const again = (await run(login, account)).data.login.refreshToken;
    expect((await run(refresh, { refreshToken: again })).errors).toBeUndefined();
  });

  test('refuse that of a user who is gone', async () => {
    const { refreshToken, user } = (await run(login, account)).data.login;
    const { db } = graph.database.forService<'user'>('users');
    await db.user.delete({ where: { id: user.id } });
    expect((await run(refresh, { refreshToken })).errors?.[0]?.extensions).toMatchObject({
      code: 'REFRESH_TOKEN_INVALID',
    });
  });
});
