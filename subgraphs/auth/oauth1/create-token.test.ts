// Signing in for an OAuth 1 application, the tokens that come of it, and revoking them.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { type MfaClient, type MfaUser, mfaClient, refusal } from '../../../tests/support/mfa.ts';
import { type Consumer, type OAuth1Clients, oauth1Clients } from '../../../tests/support/oauth1-clients.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../../users/index.ts';
import type { AuthTable } from '../auth-parts.ts';
import { auth } from '../index.ts';

let graph: TestSubgraphs;
let oauth1: OAuth1Clients;
let people: MfaClient;
let consumer: Consumer;
let user: MfaUser;
const clock = { now: Date.parse('2026-11-21T12:00:00Z') };
beforeAll(async () => {
  graph = await startTestSubgraphs([users, auth], { now: () => clock.now });
  oauth1 = oauth1Clients(graph, clock);
  people = mfaClient(graph, clock);
  consumer = await oauth1.application();
  user = await people.newUser();
});
afterAll(() => graph.close());

const tables = () => graph.database.forService<AuthTable>('auth').db;
const credentials = ({ email, password }: MfaUser) => ({ email, password });
const signIn = async (who: MfaUser = user, by: Consumer = consumer) =>
  oauth1.tokenOf(await oauth1.call('createOAuth1Token', credentials(who), { consumer: by }));
const versionOf = async (userId: string) => Number((await graph.database.accessVersions([userId]))[0]);
const isGood = async (token: { key: string; secret: string }) =>
  (await oauth1.authenticate({ consumer, token })).errors === undefined;

describe('createOAuth1Token', () => {
  const notSigned = { code: 'UNAUTHENTICATED', details: { code: 101 } };

  test('is refused to who has signed nothing, or with a token already', async () => {
    const input = credentials(user);
    expect(refusal(await oauth1.call('createOAuth1Token', input))).toEqual(notSigned);
    const token = await signIn();
    expect(refusal(await oauth1.call('createOAuth1Token', input, { consumer, token }))).toEqual(notSigned);
    const withOAuth2 = {
      query: 'mutation { createOAuth1Token(input: { email: "a", password: "b" }) { tokenSecret } }',
    };
    const identity = { userId: user.userId, applicationId: newId() };
    expect(refusal(await graph.execute('auth', { ...withOAuth2, identity }))).toEqual(notSigned);
  });

  test('refuses an unknown address and a wrong password with the same answer', async () => {
    const other = await people.newUser();
    const wrong = await oauth1.call('createOAuth1Token', { email: other.email, password: 'wrong' }, { consumer });
    expect(refusal(wrong)).toEqual({ code: 'INVALID_CREDENTIALS', details: { code: 106 } });
    const unknown = { email: 'nobody@example.org', password: 'wrong' };
    expect(await oauth1.call('createOAuth1Token', unknown, { consumer })).toEqual(wrong);
    expect(refusal(await oauth1.call('createOAuth1Token', credentials(other), { consumer }))).toMatchObject({
      code: 'LOGIN_TIMEOUT',
      details: { code: 211 },
    });
  });

  test.each(['email', 'password'])('refuses an empty %s', async (field) => {
    const input = { ...credentials(user), [field]: '' };
    expect(refusal(await oauth1.call('createOAuth1Token', input, { consumer }))).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: `input.${field}` },
    });
  });

  test('answers OAUTH_KEY_UNKNOWN when the application went away meanwhile', async () => {
    const gone = { userId: undefined, applicationId: newId() };
    const result = await graph.execute('auth', {
      query: 'mutation ($input: LoginInput!) { createOAuth1Token(input: $input) { tokenSecret } }',
      variables: { input: credentials(user) },
      identity: { applicationId: gone.applicationId },
    });
    expect(refusal(result)).toEqual({ code: 'OAUTH_KEY_UNKNOWN', details: { code: 107 } });
  });

  test('gives a token that does not expire, keeps no secret, and tells', async () => {
    const answer = await oauth1.call('createOAuth1Token', credentials(user), { consumer });
    const token = oauth1.tokenOf(answer);
    const hex = expect.stringMatching(/^[0-9a-f]{40}$/);
    expect(answer.data.createOAuth1Token).toEqual({
      token: {
        id: token.id,
        token: hex,
        user: { id: user.userId },
        application: { id: consumer.applicationId, name: 'Signer' },
        lastUsedAt: null,
      },
      tokenSecret: hex,
      user: { id: user.userId },
    });
    expect((answer as { extensions?: unknown }).extensions).toEqual({
      signedIn: { userId: user.userId, credentialVersion: 1 },
    });
    clock.now += 10 * 366 * 86_400_000;
    const { data } = await oauth1.authenticate({ consumer, token });
    expect(data.authenticateOAuth1).toMatchObject({ userId: user.userId, applicationId: consumer.applicationId });
    const told = (await graph.readLog()).at(-1);
    const sessionId = data.authenticateOAuth1.id;
    expect(told).toMatchObject({ type: 'session_started', content: { userId: user.userId, sessionId } });
    const kept = JSON.stringify([await tables().oAuth1Token.findMany(), told], (_key, value) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    expect(kept).not.toContain(token.secret);
  });
});

describe('createOAuth1TokenWithMfa', () => {
  const challenged = async () => {
    const member = await people.protectedUser();
    const { code, details } = refusal(await oauth1.call('createOAuth1Token', credentials(member), { consumer }));
    expect([code, details.code]).toEqual(['MFA_REQUIRED', 129]);
    return { member, token: details.token, methodId: member.totpId, code: people.codeOf(member.secret) };
  };

  test('is refused to another application, to the API itself, and to who has signed nothing', async () => {
    const { member, ...input } = await challenged();
    expect(refusal(await oauth1.call('createOAuth1TokenWithMfa', input))).toMatchObject({ code: 'UNAUTHENTICATED' });
    const invalid = { code: 'INVALID_MFA_TOKEN', details: { code: 131 } };
    const other = { consumer: await oauth1.application('Other') };
    expect(refusal(await oauth1.call('createOAuth1TokenWithMfa', input, other))).toEqual(invalid);
    expect(refusal(await people.ask('loginWithMfa', input))).toEqual(invalid);
    expect(await tables().session.count({ where: { userId: member.userId } })).toBe(0);
  });

  test('refuses a wrong code', async () => {
    const { code, member, ...input } = await challenged();
    const wrong = code === '000000' ? '111111' : '000000';
    const { code: name } = refusal(
      await oauth1.call('createOAuth1TokenWithMfa', { ...input, code: wrong }, { consumer }),
    );
    expect(name).toBe('INVALID_MFA_CODE');
  });

  test('gives a token, once', async () => {
    const { member, ...input } = await challenged();
    const token = oauth1.tokenOf(await oauth1.call('createOAuth1TokenWithMfa', input, { consumer }));
    expect(token.userId).toBe(member.userId);
    expect(await isGood(token)).toBe(true);
    expect(refusal(await oauth1.call('createOAuth1TokenWithMfa', input, { consumer }))).toMatchObject({
      code: 'INVALID_MFA_TOKEN',
    });
  });
});

describe('oauth1Tokens and deleteOAuth1Token', () => {
  const list = async (identity: object, variables: object = {}) => {
    const query = `query ($filter: AuthorizationFilter, $first: Int) {
      oauth1Tokens(filter: $filter, first: $first) {
        totalCount nodes { id token user { id } application { id } lastUsedAt } pageInfo { hasNextPage }
      }
    }`;
    const { data, errors } = await graph.execute('auth', { query, variables: { ...variables }, identity });
    expect(errors).toBeUndefined();
    return data.oauth1Tokens;
  };
  const remove = (id: string, identity: object) =>
    graph.execute('auth', {
      query: 'mutation ($input: DeleteTokenInput!) { deleteOAuth1Token(input: $input) { id } }',
      variables: { input: { id } },
      identity,
    });

  test('need a signed-in user', async () => {
    const listed = await graph.execute('auth', { query: '{ oauth1Tokens { totalCount } }' });
    expect(refusal(listed)).toEqual({ code: 'UNAUTHENTICATED', details: { code: 104 } });
    expect(refusal(await remove(newId(), {}))).toEqual({ code: 'UNAUTHENTICATED', details: { code: 104 } });
    expect(refusal(await oauth1.call('deleteOAuth1Token', { id: newId() }, { consumer }))).toEqual({
      code: 'UNAUTHENTICATED',
      details: { code: 104 },
    });
  });

  test('are of the viewer alone without the permission, and one of somebody else is one that there is not', async () => {
    const [mine, theirs] = [await people.newUser(), await people.newUser()];
    const [token, other] = [await signIn(mine), await signIn(theirs)];
    const viewer = { userId: mine.userId, permissions: ['VIEW_USER', 'DELETE_OAUTH2_REFRESH_TOKEN'] };
    expect(await list(viewer)).toMatchObject({ totalCount: 1, nodes: [{ id: token.id, token: token.key }] });
    expect((await list(viewer, { filter: { userId: { eq: theirs.userId } } })).totalCount).toBe(0);
    const refused = await remove(other.id, viewer);
    expect(refusal(refused)).toEqual({ code: 'NOT_FOUND', details: { field: 'input.id', code: 16 } });
    expect(await remove(newId(), viewer)).toEqual(refused);
    expect(refusal(await remove('x', viewer))).toMatchObject({ details: { field: 'input.id' } });
    expect(await isGood(other)).toBe(true);
  });

  test('are of everybody with VIEW_AUTHORIZATIONS', async () => {
    const [one, two] = [await people.newUser(), await people.newUser()];
    const elsewhere = await oauth1.application('Elsewhere');
    const [a, b, c] = [await signIn(one), await signIn(one, elsewhere), await signIn(two, elsewhere)];
    const viewer = { userId: newId(), permissions: ['VIEW_AUTHORIZATIONS'] };
    const ids = (page: { nodes: { id: string }[] }) => page.nodes.map(({ id }) => id);
    const [userId, applicationId] = [{ eq: one.userId }, { eq: elsewhere.applicationId }];
    expect(ids(await list(viewer, { filter: { userId } }))).toEqual([b.id, a.id]);
    expect(ids(await list(viewer, { filter: { applicationId } }))).toEqual([c.id, b.id]);
    expect(await list(viewer, { filter: { userId, applicationId }, first: 1 })).toMatchObject({
      totalCount: 1,
      nodes: [{ id: b.id, user: { id: one.userId }, application: { id: elsewhere.applicationId } }],
      pageInfo: { hasNextPage: false },
    });
  });

  test.each([
    ['of the viewer', (userId: string) => ({ userId })],
    ['of anybody with DELETE_AUTHORIZATIONS', () => ({ userId: newId(), permissions: ['DELETE_AUTHORIZATIONS'] })],
  ])('ends a token %s at once, and tells', async (_whose, viewer) => {
    const { userId, ...account } = await people.newUser();
    const [token, kept] = [await signIn({ userId, ...account }), await signIn({ userId, ...account })];
    const before = await versionOf(userId);
    expect((await remove(token.id, viewer(userId))).data.deleteOAuth1Token).toEqual({ id: token.id });
    expect([await isGood(token), await isGood(kept), await versionOf(userId)]).toEqual([false, true, before + 1]);
    expect((await list({ userId })).nodes.map(({ id }: { id: string }) => id)).toEqual([kept.id]);
    expect((await graph.readLog()).at(-1)).toMatchObject({ type: 'session_ended', content: { userId } });
    expect(refusal(await remove(token.id, viewer(userId)))).toMatchObject({ code: 'NOT_FOUND' });
  });
});
