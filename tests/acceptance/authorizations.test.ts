// Access that users have given to applications: granted by a consent page of one's own, listed and taken back, by each
// user for themselves.
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type ApiPeople, type ApiPerson, apiPeople, holderOf } from '../support/api-people.ts';
import {
  registerSigningApplication,
  type SigningApplication,
  sendForm,
  signedTokenByPassword,
  tokensByPassword,
} from '../support/application-requests.ts';
import { createGraphqlClient, type GraphqlAnswer, type GraphqlClient, signIn } from '../support/graphql-client.ts';
import { type RegisteredApplication, registerApplication } from '../support/oauth2-applications.ts';
import { describeOnEachShape, type Shape } from '../support/shapes.ts';

jest.setTimeout(300_000);

const publicUrl = 'https://clinic.example.org/api';
const redirectUri = 'http://localhost:9/callback';
const lists = ['sessions', 'oauth2Authorizations', 'oauth2Tokens', 'oauth2RefreshTokens', 'oauth1Tokens', 'ssoTokens'];
const removal = (name: string) => `mutation ($input: DeleteTokenInput!) { ${name}(input: $input) { id } }`;
const operations = {
  grant: `mutation ($input: CreateOAuth2AuthorizationInput!) {
    createOAuth2Authorization(input: $input) {
      authorization { id redirectUri state codeChallengeMethod application { id } user { id } }
      authorizationCode
      location
    }
  }`,
  mine: `{ ${lists.map((list) => `${list} { totalCount nodes { id user { id } } }`).join(' ')} }`,
  of: `query ($userId: ID!) {
    ${lists.map((list) => `${list}(filter: { userId: { eq: $userId } }) { totalCount nodes { id user { id } } }`).join(' ')}
  }`,
  deleteOAuth2Authorization: removal('deleteOAuth2Authorization'),
  deleteOAuth2Token: removal('deleteOAuth2Token'),
  deleteOAuth2RefreshToken: removal('deleteOAuth2RefreshToken'),
  deleteOAuth1Token: removal('deleteOAuth1Token'),
  revokeOthers: 'mutation { revokeOtherSessions { sessionIds } }',
} as const;

describeOnEachShape('authorizations', (start) => {
  let shape: Shape;
  let people: ApiPeople;
  let portal: RegisteredApplication;
  let viewer: RegisteredApplication;
  let signer: SigningApplication;
  beforeAll(async () => {
    shape = await start({ PUBLIC_URL: publicUrl });
    const admin = await signIn(shape.url, shape.admin.email, shape.admin.password);
    people = apiPeople(shape.url, admin);
    portal = await registerApplication(admin, { confidential: true, redirectUris: [redirectUri] });
    viewer = await registerApplication(admin, {
      confidential: true,
      redirectUris: [redirectUri, 'http://localhost:9/other'],
    });
    signer = await registerSigningApplication(admin, { url: shape.url, publicUrl });
  }, 300_000);
  afterAll(() => shape?.close(), 300_000);

  const refusalOf = ({ errors }: GraphqlAnswer) => errors?.[0]?.extensions;
  const missing = { code: 'NOT_FOUND', details: { field: 'input.id', code: 16 } };
  const asked = (more: object = {}) => ({ responseType: 'code', clientId: portal.clientId, redirectUri, ...more });
  const grant = async (client: GraphqlClient, more: object = {}) =>
    (await client.run(operations.grant, { input: asked(more) })).createOAuth2Authorization;
  const redeem = (code: string, more: object = {}, application = portal) =>
    sendForm(shape.url, {
      application,
      parameters: { grant_type: 'authorization_code', code, redirect_uri: redirectUri, ...more },
    });
  const refresh = (refreshToken: string, application = portal) =>
    sendForm(shape.url, { application, parameters: { grant_type: 'refresh_token', refresh_token: refreshToken } });
  const revoke = (token: string, application: RegisteredApplication) =>
    sendForm(shape.url, { application, endpoint: 'revoke', parameters: { token } });
  const refusedGrant = (code: number) =>
    expect.objectContaining({
      status: 400,
      body: expect.objectContaining({ error: 'invalid_grant', exh_error: expect.objectContaining({ code }) }),
    });
  const isOf = async (token: string, { email }: ApiPerson) => (await holderOf(shape.url, token)).email === email;
  const ended = { status: 401, code: 'UNAUTHENTICATED', email: undefined };
  const remove = (client: GraphqlClient, operation: keyof typeof operations, id: string) =>
    client.ask(operations[operation], { input: { id } });
  /** The id of the only row of this list that the user sees. */
  const onlyIn = async (client: GraphqlClient, list: string): Promise<string> => {
    const { nodes } = (await client.run(operations.mine))[list];
    expect(nodes).toHaveLength(1);
    return nodes[0].id;
  };
  /** Has one of everything that there is, over three sessions. */
  async function personWithAccess() {
    const person = await people.newPerson();
    const { authorizationCode } = await grant(person.client);
    const tokens = await tokensByPassword(shape.url, portal, person);
    const signed = await signedTokenByPassword(signer, person);
    await signer.ask('mutation { generateSsoToken { ssoToken } }', undefined, signed);
    return { ...person, authorizationCode, tokens, signed };
  }

  test('a consent page is told what is wrong with the request, by field and number', async () => {
    const { client } = await people.newPerson();
    const challenge = 'x'.repeat(43);
    for (const [more, code, field, number] of [
      [{ clientId: 'f'.repeat(40) }, 'CLIENT_UNKNOWN', 'clientId', 103],
      [{ redirectUri: `${redirectUri}/x` }, 'CALLBACK_NOT_VALID', 'redirectUri', 113],
      [{ clientId: viewer.clientId, redirectUri: null }, 'CALLBACK_NOT_VALID', 'redirectUri', 113],
      [{ responseType: 'token' }, 'UNSUPPORTED_RESPONSE_TYPE', 'responseType', 114],
      [{ codeChallenge: 'short' }, 'BAD_USER_INPUT', 'codeChallenge', 15],
      [{ codeChallenge: challenge, codeChallengeMethod: 'MD5' }, 'BAD_USER_INPUT', 'codeChallengeMethod', 15],
    ] as const) {
      const answer = await client.ask(operations.grant, { input: asked(more) });
      expect(refusalOf(answer)).toEqual({ code, details: { field: `input.${field}`, code: number } });
    }
    const anonymous = createGraphqlClient(shape.url);
    expect(refusalOf(await anonymous.ask(operations.grant, { input: asked() }))).toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    expect((await client.run(operations.mine)).oauth2Authorizations).toEqual({ totalCount: 0, nodes: [] });
  });

  test('a code is redeemed by its own client, address and verifier, once; a second use ends the access', async () => {
    const person = await people.newPerson();
    const verifier = randomBytes(32).toString('base64url');
    const codeChallenge = createHash('sha256').update(verifier).digest('base64url');
    const state = 'as it was & more';
    const granted = await grant(person.client, { state, codeChallenge, codeChallengeMethod: 'S256' });
    const { authorization, authorizationCode: code, location } = granted;
    expect(authorization).toEqual({
      id: expect.any(String),
      redirectUri,
      state,
      codeChallengeMethod: 'S256',
      application: { id: portal.id },
      user: { id: person.userId },
    });
    const address = new URL(location);
    expect(location.startsWith(`${redirectUri}?`)).toBe(true);
    expect(Object.fromEntries(address.searchParams)).toEqual({ code, state, iss: publicUrl });

    const proof = { code_verifier: verifier };
    expect(await redeem(code, proof, viewer)).toEqual(refusedGrant(115));
    expect(await redeem(code, { ...proof, redirect_uri: 'http://localhost:9/other' })).toEqual(refusedGrant(113));
    expect(await redeem(code, { code_verifier: 'y'.repeat(43) })).toEqual(refusedGrant(122));
    const { status, body } = await redeem(code, proof);
    expect([status, body]).toMatchObject([200, { user_id: person.userId, application_id: portal.id }]);
    expect(await isOf(body.access_token, person)).toBe(true);
    expect((await person.client.run(operations.mine)).oauth2Authorizations.totalCount).toBe(0);

    expect(await redeem(code, proof)).toEqual(refusedGrant(115));
    expect(await holderOf(shape.url, body.access_token)).toEqual(ended);
    expect(await refresh(body.refresh_token)).toEqual(refusedGrant(119));
  });

  test('a code gives access to whoever was signed in when it was made', async () => {
    const [person, other] = [await people.newPerson(), await people.newPerson()];
    const [mine, theirs] = [await grant(person.client), await grant(other.client)];
    expect((await redeem(mine.authorizationCode)).body.user_id).toBe(person.userId);
    expect((await redeem(theirs.authorizationCode)).body.user_id).toBe(other.userId);
  });

  test('every list shows one’s own rows only, and counts no others', async () => {
    const [person, other] = [await personWithAccess(), await personWithAccess()];
    const [mine, theirs] = [await person.client.run(operations.mine), await other.client.run(operations.mine)];
    for (const list of lists) {
      const count = list === 'sessions' ? 3 : 1;
      expect([list, mine[list].totalCount, mine[list].nodes.length]).toEqual([list, count, count]);
      for (const { user } of mine[list].nodes) expect(user).toEqual({ id: person.userId });
      const ids = mine[list].nodes.map(({ id }: { id: string }) => id);
      for (const { id } of theirs[list].nodes) expect(ids).not.toContain(id);
    }
    const foreign = await person.client.run(operations.of, { userId: other.userId });
    for (const list of lists) expect([list, foreign[list]]).toEqual([list, { totalCount: 0, nodes: [] }]);
  });

  test('with VIEW_AUTHORIZATIONS one sees everybody’s, and takes none of it away', async () => {
    const person = await personWithAccess();
    const auditor = await people.newPerson('VIEW_AUTHORIZATIONS');
    const mine = await person.client.run(operations.mine);
    const rows = (answer: typeof mine, list: string) => [
      answer[list].totalCount,
      answer[list].nodes.map(({ id }: { id: string }) => id),
    ];
    const seen = await auditor.client.run(operations.of, { userId: person.userId });
    for (const list of lists) expect([list, ...rows(seen, list)]).toEqual([list, ...rows(mine, list)]);
    const everything = await auditor.client.run(operations.mine);
    for (const list of lists) expect(everything[list].totalCount).toBeGreaterThanOrEqual(mine[list].totalCount);
    const [{ id }] = mine.oauth2Tokens.nodes;
    expect(refusalOf(await remove(auditor.client, 'deleteOAuth2Token', id))).toEqual(missing);
    expect(await isOf(person.tokens.accessToken, person)).toBe(true);
  });

  test('deleteOAuth2Authorization: not somebody else’s; one’s own code is refused from then on', async () => {
    const [person, other] = [await personWithAccess(), await people.newPerson()];
    const id = await onlyIn(person.client, 'oauth2Authorizations');
    expect(refusalOf(await remove(other.client, 'deleteOAuth2Authorization', id))).toEqual(missing);
    expect(await remove(person.client, 'deleteOAuth2Authorization', id)).toMatchObject({ status: 200 });
    expect(await redeem(person.authorizationCode)).toEqual(refusedGrant(115));
    expect(refusalOf(await remove(person.client, 'deleteOAuth2Authorization', id))).toEqual(missing);
    // Somebody else's that was refused stays good.
    const kept = await grant(person.client);
    expect(refusalOf(await remove(other.client, 'deleteOAuth2Authorization', kept.authorization.id))).toEqual(missing);
    expect((await redeem(kept.authorizationCode)).status).toBe(200);
  });

  test('deleteOAuth2Token: not somebody else’s; one’s own is refused on the next request, and refreshed', async () => {
    const [person, other] = [await personWithAccess(), await people.newPerson()];
    const { accessToken, refreshToken } = person.tokens;
    const id = await onlyIn(person.client, 'oauth2Tokens');
    expect(refusalOf(await remove(other.client, 'deleteOAuth2Token', id))).toEqual(missing);
    expect(await isOf(accessToken, person)).toBe(true);
    const { data } = await remove(person.client, 'deleteOAuth2Token', id);
    expect(data).toEqual({ deleteOAuth2Token: { id } });
    expect(await holderOf(shape.url, accessToken)).toEqual(ended);
    expect(refusalOf(await remove(person.client, 'deleteOAuth2Token', id))).toEqual(missing);
    expect(await isOf((await refresh(refreshToken)).body.access_token, person)).toBe(true);
  });

  test('deleteOAuth2RefreshToken: not somebody else’s; one’s own takes the access tokens with it', async () => {
    const [person, other] = [await personWithAccess(), await people.newPerson()];
    const { accessToken, refreshToken } = person.tokens;
    const id = await onlyIn(person.client, 'oauth2RefreshTokens');
    expect(refusalOf(await remove(other.client, 'deleteOAuth2RefreshToken', id))).toEqual(missing);
    expect(await isOf(accessToken, person)).toBe(true);
    const { data } = await remove(person.client, 'deleteOAuth2RefreshToken', id);
    expect(data).toEqual({ deleteOAuth2RefreshToken: { id } });
    expect(await holderOf(shape.url, accessToken)).toEqual(ended);
    expect(await refresh(refreshToken)).toEqual(refusedGrant(119));
    expect(refusalOf(await remove(person.client, 'deleteOAuth2RefreshToken', id))).toEqual(missing);
  });

  test('deleteOAuth1Token: not somebody else’s; one’s own is refused on the next request', async () => {
    const [person, other] = [await personWithAccess(), await people.newPerson()];
    const { id } = person.signed;
    const askSigned = () => signer.ask('{ me { email } }', undefined, person.signed);
    expect(refusalOf(await remove(other.client, 'deleteOAuth1Token', id))).toEqual(missing);
    expect((await askSigned()).data).toEqual({ me: { email: person.email } });
    const { data } = await remove(person.client, 'deleteOAuth1Token', id);
    expect(data).toEqual({ deleteOAuth1Token: { id } });
    const answer = await askSigned();
    expect([answer.status, refusalOf(answer)]).toEqual([401, { code: 'OAUTH_TOKEN_UNKNOWN', details: { code: 108 } }]);
    expect(refusalOf(await remove(person.client, 'deleteOAuth1Token', id))).toEqual(missing);
  });

  test.each([
    ['DELETE_AUTHORIZATIONS', ['oauth2Authorizations', 'oauth2Tokens', 'oauth2RefreshTokens', 'oauth1Tokens']],
    ['DELETE_OAUTH2_REFRESH_TOKEN', ['oauth2RefreshTokens']],
  ])('with %s one takes from everybody what it names, and nothing else', async (permission, allowed) => {
    const [person, deleter] = [await personWithAccess(), await people.newPerson(permission)];
    const mine = await person.client.run(operations.mine);
    // The refresh token last, because the access token goes with it.
    for (const [list, operation] of [
      ['oauth2Authorizations', 'deleteOAuth2Authorization'],
      ['oauth2Tokens', 'deleteOAuth2Token'],
      ['oauth1Tokens', 'deleteOAuth1Token'],
      ['oauth2RefreshTokens', 'deleteOAuth2RefreshToken'],
    ] as const) {
      const [{ id }] = mine[list].nodes;
      const answer = await remove(deleter.client, operation, id);
      expect([list, refusalOf(answer)]).toEqual([list, allowed.includes(list) ? undefined : missing]);
    }
    expect(await holderOf(shape.url, person.tokens.accessToken)).toEqual(ended);
  });

  test('a token is its application’s alone: another can neither refresh nor revoke it', async () => {
    const person = await people.newPerson();
    const { accessToken, refreshToken } = await tokensByPassword(shape.url, portal, person);
    expect(await refresh(refreshToken, viewer)).toEqual(refusedGrant(119));
    // RFC 7009 has the same answer for a token that is unknown: nothing is learned from it.
    const unknown = await revoke('f'.repeat(40), viewer);
    for (const token of [accessToken, refreshToken]) expect(await revoke(token, viewer)).toEqual(unknown);
    expect(unknown.status).toBe(200);
    expect(await isOf(accessToken, person)).toBe(true);
    expect((await refresh(refreshToken)).status).toBe(200);
    expect((await revoke(refreshToken, portal)).status).toBe(200);
    expect(await holderOf(shape.url, accessToken)).toEqual(ended);
    expect(await refresh(refreshToken)).toEqual(refusedGrant(119));
  });

  test('revokeOtherSessions ends the others only, and nobody else’s', async () => {
    const [person, other] = [await personWithAccess(), await personWithAccess()];
    const second = await signIn(shape.url, person.email, person.password);
    const sessions: { id: string; current: boolean }[] = (await second.run('{ sessions { nodes { id current } } }'))
      .sessions.nodes;
    expect(sessions).toHaveLength(4);
    const { sessionIds } = (await second.run(operations.revokeOthers)).revokeOtherSessions;
    const others = sessions.filter(({ current }) => !current).map(({ id }) => id);
    expect([...sessionIds].sort()).toEqual(others.sort());
    for (const token of [person.client.token ?? '', person.tokens.accessToken]) {
      expect(await holderOf(shape.url, token)).toEqual(ended);
    }
    expect((await signer.ask('{ me { email } }', undefined, person.signed)).status).toBe(401);
    expect(await refresh(person.tokens.refreshToken)).toEqual(refusedGrant(119));
    expect(await isOf(second.token ?? '', person)).toBe(true);
    expect((await second.run(operations.revokeOthers)).revokeOtherSessions.sessionIds).toEqual([]);
    for (const token of [other.client.token ?? '', other.tokens.accessToken]) {
      expect(await isOf(token, other)).toBe(true);
    }
    expect((await signer.ask('{ me { email } }', undefined, other.signed)).data.me.email).toBe(other.email);
  });
});
