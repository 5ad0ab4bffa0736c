// Passing from one OAuth 1 application to another with an SSO token.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { type MfaClient, mfaClient, refusal } from '../../../tests/support/mfa.ts';
import {
  type Consumer,
  type OAuth1Clients,
  oauth1Clients,
  type SignedInToken,
} from '../../../tests/support/oauth1-clients.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../../users/index.ts';
import type { AuthTable } from '../auth-parts.ts';
import { auth } from '../index.ts';
import { hashToken, newToken } from '../tokens.ts';

let graph: TestSubgraphs;
let oauth1: OAuth1Clients;
let people: MfaClient;
let from: Consumer;
let to: Consumer;
const clock = { now: Date.parse('2026-11-21T12:00:00Z') };
beforeAll(async () => {
  graph = await startTestSubgraphs([users, auth], { now: () => clock.now, environment: { SSO_TOKEN_SECONDS: '300' } });
  oauth1 = oauth1Clients(graph, clock);
  people = mfaClient(graph, clock);
  [from, to] = [await oauth1.application('From'), await oauth1.application('To')];
});
afterAll(() => graph.close());

const tables = () => graph.database.forService<AuthTable>('auth').db;
async function signIn(consumer: Consumer = from): Promise<SignedInToken> {
  const { email, password } = await people.newUser();
  return oauth1.tokenOf(await oauth1.call('createOAuth1Token', { email, password }, { consumer }));
}
const generate = async (token: SignedInToken, consumer: Consumer = from): Promise<string> => {
  const { data, errors } = await oauth1.call('generateSsoToken', {}, { consumer, token });
  expect(errors).toBeUndefined();
  return data.generateSsoToken.ssoToken;
};
const consume = (ssoToken: string, consumer: Consumer = to) =>
  oauth1.call('consumeSsoToken', { ssoToken }, { consumer });
const unknown = { code: 'NOT_FOUND', details: { field: 'input.ssoToken', code: 16 } };

describe('generateSsoToken', () => {
  const query = 'mutation { generateSsoToken { ssoToken } }';

  test('needs a user', async () => {
    const noUser = { code: 'UNAUTHENTICATED', details: { code: 104 } };
    expect(refusal(await oauth1.call('generateSsoToken', {}))).toEqual(noUser);
    expect(refusal(await oauth1.call('generateSsoToken', {}, { consumer: from }))).toEqual(noUser);
  });

  test('needs an OAuth 1 session of that user which has not ended', async () => {
    const refused = { code: 'UNAUTHENTICATED', details: { code: 101 } };
    const { userId, id } = await signIn();
    const { sessionId } = await tables().oAuth1Token.findUniqueOrThrow({ where: { id } });
    expect(refusal(await graph.execute('auth', { query, identity: { userId } }))).toEqual(refused);
    const somebody = { userId: newId() };
    expect(refusal(await graph.execute('auth', { query, identity: somebody, sessionId }))).toEqual(refused);
    const bearer = await tables().session.create({
      data: { id: newId(), userId, kind: 'PASSWORD', credentialVersion: 1 },
    });
    expect(refusal(await graph.execute('auth', { query, identity: { userId }, sessionId: bearer.id }))).toEqual(
      refused,
    );
    await tables().session.update({ where: { id: sessionId }, data: { endedAt: new Date(clock.now) } });
    expect(refusal(await graph.execute('auth', { query, identity: { userId }, sessionId }))).toEqual(refused);
  });

  test('gives a token of which nothing but its hash is kept', async () => {
    const token = await signIn();
    const { data } = await oauth1.call('generateSsoToken', {}, { consumer: from, token });
    const { ssoToken, expiresAt } = data.generateSsoToken;
    expect(ssoToken).toMatch(/^[0-9a-f]{40}$/);
    expect(new Date(expiresAt).getTime()).toBe(clock.now + 300_000);
    const row = await tables().ssoToken.findUniqueOrThrow({ where: { tokenHash: hashToken(ssoToken) } });
    expect(row).toMatchObject({ userId: token.userId, applicationId: from.applicationId, credentialVersion: 1 });
    expect(JSON.stringify(row)).not.toContain(ssoToken);
  });
});

describe('consumeSsoToken', () => {
  test('needs an application that calls for itself, and leaves the token as it is', async () => {
    const token = await signIn();
    const ssoToken = await generate(token);
    const refused = { code: 'UNAUTHENTICATED', details: { code: 101 } };
    expect(refusal(await oauth1.call('consumeSsoToken', { ssoToken }))).toEqual(refused);
    expect(refusal(await oauth1.call('consumeSsoToken', { ssoToken }, { consumer: from, token }))).toEqual(refused);
    expect((await consume(ssoToken)).errors).toBeUndefined();
  });

  test('refuses one that is empty, unknown, used, or has expired', async () => {
    expect(refusal(await consume(''))).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.ssoToken' } });
    expect(refusal(await consume(newToken()))).toEqual(unknown);
    const token = await signIn();
    const [used, late] = [await generate(token), await generate(token)];
    await consume(used);
    expect(refusal(await consume(used))).toEqual(unknown);
    expect(refusal(await consume(used, from))).toEqual(unknown);
    clock.now += 300_000;
    expect(refusal(await consume(late))).toEqual(unknown);
  });

  test('refuses one of a user whose sessions were ended, or who is gone, and one of an application that is gone', async () => {
    const { db } = graph.database.forService<'user'>('users');
    const [reset, gone] = [await signIn(), await signIn()];
    const [first, second] = [await generate(reset), await generate(gone)];
    await db.user.update({ where: { id: reset.userId }, data: { credentialVersion: 2 } });
    expect(refusal(await consume(first))).toEqual(unknown);
    await db.user.delete({ where: { id: gone.userId } });
    expect(refusal(await consume(second))).toEqual(unknown);
    const removed = await oauth1.application('Removed');
    const third = await generate(await signIn(removed), removed);
    await tables().application.delete({ where: { id: removed.applicationId } });
    expect(refusal(await consume(third))).toEqual(unknown);
  });

  test('gives one token when it is used twice at once', async () => {
    const { userId, ...token } = await signIn();
    const ssoToken = await generate({ userId, ...token });
    const answers = await Promise.all([1, 2, 3].map(() => consume(ssoToken)));
    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(1);
    expect(answers.filter(({ errors }) => errors !== undefined).map(refusal)).toEqual([unknown, unknown]);
    expect(await tables().session.count({ where: { userId, kind: 'SSO' } })).toBe(1);
  });

  test('gives the application that calls a token of its own, in the name of the same user', async () => {
    const { userId, ...token } = await signIn();
    const answer = await consume(await generate({ userId, ...token }));
    expect(answer.data.consumeSsoToken).toMatchObject({
      token: { user: { id: userId }, application: { id: to.applicationId, name: 'To' }, lastUsedAt: null },
      user: { id: userId },
    });
    const own = oauth1.tokenOf(answer);
    const { data } = await oauth1.authenticate({ consumer: to, token: own });
    expect(data.authenticateOAuth1).toMatchObject({ userId, applicationId: to.applicationId, credentialVersion: 1 });
    expect((await oauth1.authenticate({ consumer: from, token: own })).errors).toBeDefined();
    const further = await generate({ ...own, userId }, to);
    expect((await consume(further, from)).errors).toBeUndefined();
  });
});

describe('ssoTokens', () => {
  const list = async (identity: object, args = '') => {
    const query = `{ ssoTokens${args} { totalCount nodes { id user { id } createdBy { id } expiresAt } } }`;
    const { data, errors } = await graph.execute('auth', { query, identity });
    expect(errors).toBeUndefined();
    return data.ssoTokens;
  };

  test('need a signed-in user', async () => {
    expect(refusal(await graph.execute('auth', { query: '{ ssoTokens { totalCount } }' }))).toEqual({
      code: 'UNAUTHENTICATED',
      details: { code: 104 },
    });
  });

  test("are the viewer's own, or all with VIEW_AUTHORIZATIONS, until they are consumed or expire", async () => {
    const [mine, theirs] = [await signIn(), await signIn(to)];
    const [used] = [await generate(mine), await generate(mine), await generate(theirs, to)];
    expect((await list({ userId: mine.userId })).totalCount).toBe(2);
    await consume(used);
    const one = { user: { id: mine.userId }, createdBy: { id: from.applicationId } };
    expect(await list({ userId: mine.userId })).toMatchObject({ totalCount: 1, nodes: [one] });
    expect((await list({ userId: mine.userId }, `(filter: { userId: { eq: "${theirs.userId}" } })`)).totalCount).toBe(
      0,
    );
    const viewer = { userId: newId(), permissions: ['VIEW_AUTHORIZATIONS'] };
    expect((await list(viewer, `(filter: { userId: { eq: "${theirs.userId}" } })`)).totalCount).toBe(1);
    const ofApplication = await list(viewer, `(filter: { applicationId: { eq: "${from.applicationId}" } })`);
    expect(ofApplication.nodes).toContainEqual(expect.objectContaining(one));
    expect(ofApplication.nodes).not.toContainEqual(expect.objectContaining({ createdBy: { id: to.applicationId } }));
    clock.now += 300_000;
    expect((await list(viewer)).totalCount).toBe(0);
  });
});
