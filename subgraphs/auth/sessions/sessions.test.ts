// Listing and revoking sessions, and when they were last used.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { IdentityData } from '../../../platform/identity/identity.ts';
import { newId } from '../../../platform/ids.ts';
import { peopleIn } from '../../../tests/support/people.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../../users/index.ts';
import type { AuthTable } from '../auth-parts.ts';
import { auth } from '../index.ts';
import type { SessionKind } from '../models.ts';
import { hashToken, newToken, newTokens } from '../tokens.ts';
import { openSession, startSession } from './start-session.ts';

let graph: TestSubgraphs;
const start = Date.parse('2026-11-21T12:00:30Z');
let now = start;
beforeAll(async () => {
  graph = await startTestSubgraphs([users, auth], { now: () => now });
});
afterAll(() => graph.close());

interface Made {
  readonly id: string;
  readonly userId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

const tables = () => graph.database.forService<AuthTable>('auth');
async function session(
  userId: string,
  applicationId: string | null = null,
  kind: SessionKind = 'PASSWORD',
): Promise<Made> {
  const tokens = newTokens({ access: 300, refresh: 3_600 }, now);
  const application = applicationId === null ? null : { id: applicationId, versionId: newId() };
  const authentication = { userId, credentialVersion: 1 };
  await tables().write((tx) => startSession(tx, { authentication, kind, application }, tokens));
  const { sessionId: id } = await tables().db.accessToken.findUniqueOrThrow({
    where: { tokenHash: hashToken(tokens.accessToken) },
  });
  return { id, userId, accessToken: tokens.accessToken, refreshToken: tokens.refreshToken };
}
async function application(name = 'Signer'): Promise<string> {
  const data = { id: newId(), type: 'OAUTH1', name, description: 'An application', confidential: false };
  return (await tables().db.application.create({ data })).id;
}
const run = (query: string, variables: Record<string, unknown>, identity: IdentityData, sessionId?: string) =>
  graph.execute('auth', { query, variables, identity, ...(sessionId === undefined ? {} : { sessionId }) });
const listQuery = `query ($filter: AuthorizationFilter, $first: Int, $after: String) {
  sessions(filter: $filter, first: $first, after: $after) {
    totalCount
    nodes { id user { id } application { id name } kind current lastUsedAt createdAt }
    pageInfo { hasNextPage endCursor }
  }
}`;
const list = async (identity: IdentityData, variables: Record<string, unknown> = {}, sessionId?: string) => {
  const { data, errors } = await run(listQuery, variables, identity, sessionId);
  expect(errors).toBeUndefined();
  return data.sessions;
};
const ids = (page: { nodes: { id: string }[] }) => page.nodes.map(({ id }) => id);
const find = async (accessToken: string) => {
  const query = 'query ($tokenHash: String!) { session(tokenHash: $tokenHash) { id applicationId credentialVersion } }';
  return (await graph.execute('auth', { query, variables: { tokenHash: hashToken(accessToken) }, service: 'gateway' }))
    .data.session;
};
const revoke = (sessionId: string, identity: IdentityData) =>
  run(
    'mutation ($input: RevokeSessionInput!) { revokeSession(input: $input) { sessionId } }',
    { input: { sessionId } },
    identity,
  );
const revokeOthers = (identity: IdentityData, sessionId?: string) =>
  run('mutation { revokeOtherSessions { sessionIds } }', {}, identity, sessionId);
const versionOf = async (userId: string) => Number((await graph.database.accessVersions([userId]))[0]);

describe('sessions', () => {
  test('need a signed-in user', async () => {
    const { errors } = await run(listQuery, {}, {});
    expect(errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED', details: { code: 104 } });
  });

  test('are those of the viewer alone, also when others are asked for', async () => {
    const [mine, theirs] = [await session(newId()), await session(newId())];
    const viewer = { userId: mine.userId, permissions: ['DELETE_AUTHORIZATIONS', 'VIEW_USER'] };
    expect(ids(await list(viewer))).toEqual([mine.id]);
    expect(await list(viewer, { filter: { userId: { eq: theirs.userId } } })).toMatchObject({
      totalCount: 0,
      nodes: [],
    });
  });

  test('are those of everybody with VIEW_AUTHORIZATIONS, by user and by application', async () => {
    const [userId, other] = [newId(), newId()];
    const [one, two] = [await application('One'), await application('Two')];
    const [a, b] = [await session(userId, one), await session(userId, two, 'AUTHORIZATION_CODE')];
    const c = await session(other, one);
    const viewer = { userId: newId(), permissions: ['VIEW_AUTHORIZATIONS'] };
    expect(ids(await list(viewer, { filter: { userId: { eq: userId } } }))).toEqual([b.id, a.id]);
    expect(ids(await list(viewer, { filter: { applicationId: { eq: one } } }))).toEqual([c.id, a.id]);
    const filter = { userId: { eq: userId }, applicationId: { eq: one } };
    expect(await list(viewer, { filter })).toMatchObject({
      totalCount: 1,
      nodes: [{ id: a.id, user: { id: userId }, application: { id: one, name: 'One' }, kind: 'PASSWORD' }],
    });
    expect(await list({ userId: other }, { filter })).toMatchObject({ totalCount: 0 });
  });

  test('come newest first, in pages', async () => {
    const userId = newId();
    const made: string[] = [];
    for (let count = 0; count < 5; count += 1) made.push((await session(userId)).id);
    const first = await list({ userId }, { first: 3 });
    const rest = await list({ userId }, { first: 3, after: first.pageInfo.endCursor });
    expect([...ids(first), ...ids(rest)]).toEqual(made.reverse());
    expect([first.totalCount, first.pageInfo.hasNextPage, rest.pageInfo.hasNextPage]).toEqual([5, true, false]);
  });

  test('say which one the request is made in', async () => {
    const userId = newId();
    const [one, two] = [await session(userId), await session(userId)];
    const { nodes } = await list({ userId }, {}, one.id);
    expect(nodes.map(({ id, current }: { id: string; current: boolean }) => [id, current])).toEqual([
      [two.id, false],
      [one.id, true],
    ]);
  });

  test('are not listed without a token that is good', async () => {
    const userId = newId();
    await session(userId);
    const kept = await tables().write(async (tx) => {
      const id = await openSession(tx, {
        authentication: { userId, credentialVersion: 1 },
        kind: 'OAUTH1',
        application: null,
      });
      const token = { id: newId(), sessionId: id, token: newToken(), sealedSecret: 'sealed' };
      await tx.db.oAuth1Token.create({ data: token });
      return id;
    });
    expect((await list({ userId })).totalCount).toBe(2);
    now += 3_600_000;
    expect(ids(await list({ userId }))).toEqual([kept]);
  });
});

describe('lastUsedAt', () => {
  const lastUsed = async (userId: string) => {
    const { lastUsedAt } = (await list({ userId })).nodes[0];
    return lastUsedAt === null ? null : new Date(lastUsedAt).getTime();
  };

  test('is null at first, then the minute of the last look-up, of which there is one write a minute', async () => {
    const { userId, id, accessToken } = await session(newId());
    expect(await lastUsed(userId)).toBeNull();
    const first = now;
    await find(accessToken);
    const minute = first - (first % 60_000);
    expect(await lastUsed(userId)).toBe(minute);
    const written = async () => (await tables().db.session.findUniqueOrThrow({ where: { id } })).updatedAt;
    const before = await written();
    now = minute + 59_999;
    await find(accessToken);
    expect(await written()).toEqual(before);
    now = minute + 60_000;
    await find(accessToken);
    expect(await lastUsed(userId)).toBe(now);
  });

  test('is the minute of the last refresh', async () => {
    const { userId, refreshToken } = await session(await peopleIn(graph).user());
    now += 600_000;
    const query = 'mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { expiresIn } }';
    expect((await run(query, { input: { refreshToken } }, {})).errors).toBeUndefined();
    expect(await lastUsed(userId)).toBe(now - (now % 60_000));
  });

  test('does not change by a token that has expired, though it is found', async () => {
    const { userId, id, accessToken } = await session(newId());
    now += 300_000;
    expect(await find(accessToken)).toMatchObject({ id });
    expect(await lastUsed(userId)).toBeNull();
  });
});

describe('revokeSession', () => {
  test('needs a signed-in user and an id', async () => {
    const { id, userId } = await session(newId());
    expect((await revoke(id, {})).errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED', details: { code: 104 } });
    expect((await revoke('x', { userId })).errors?.[0]?.extensions).toMatchObject({
      details: { field: 'input.sessionId' },
    });
  });

  test('answers alike for a session of somebody else and one that there is not, and ends nothing', async () => {
    const theirs = await session(newId());
    const viewer = { userId: newId(), permissions: ['VIEW_AUTHORIZATIONS', 'DELETE_OAUTH2_REFRESH_TOKEN'] };
    const refused = await revoke(theirs.id, viewer);
    expect(refused.errors?.[0]?.extensions).toEqual({
      code: 'NOT_FOUND',
      details: { field: 'input.sessionId', code: 16 },
    });
    expect(await revoke(newId(), viewer)).toEqual(refused);
    expect(await find(theirs.accessToken)).not.toBeNull();
  });

  test.each([
    ['of the viewer', (userId: string): IdentityData => ({ userId })],
    ['of anybody with DELETE_AUTHORIZATIONS', () => ({ userId: newId(), permissions: ['DELETE_AUTHORIZATIONS'] })],
  ])('ends a session %s at once, tells, and finds it no more', async (_whose, viewer) => {
    const userId = newId();
    const [ended, kept] = [await session(userId), await session(userId)];
    const before = await versionOf(userId);
    expect(await revoke(ended.id, viewer(userId))).toEqual({ data: { revokeSession: { sessionId: ended.id } } });
    expect([await find(ended.accessToken), await versionOf(userId)]).toEqual([null, before + 1]);
    expect(await find(kept.accessToken)).not.toBeNull();
    expect(ids(await list({ userId }))).toEqual([kept.id]);
    const told = (await graph.readLog()).at(-1);
    expect(told).toMatchObject({ type: 'session_ended', content: { userId, sessionId: ended.id } });
    expect((await revoke(ended.id, viewer(userId))).errors?.[0]?.extensions).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('revokeOtherSessions', () => {
  test('needs a signed-in user and a session', async () => {
    expect((await revokeOthers({})).errors?.[0]?.extensions).toEqual({
      code: 'UNAUTHENTICATED',
      details: { code: 104 },
    });
    const { userId, accessToken } = await session(newId());
    expect((await revokeOthers({ userId })).errors?.[0]?.extensions).toEqual({
      code: 'ILLEGAL_STATE',
      details: { code: 27 },
    });
    expect(await find(accessToken)).not.toBeNull();
  });

  test('ends all of the user but the one that the request is made in', async () => {
    const userId = newId();
    const [one, two, three, theirs] = [
      await session(userId),
      await session(userId),
      await session(userId),
      await session(newId()),
    ];
    const before = await versionOf(userId);
    const { data } = await revokeOthers({ userId }, two.id);
    expect(new Set(data.revokeOtherSessions.sessionIds)).toEqual(new Set([one.id, three.id]));
    const found = await Promise.all([one, two, three, theirs].map(({ accessToken }) => find(accessToken)));
    expect(found.map((each) => each !== null)).toEqual([false, true, false, true]);
    expect(await versionOf(userId)).toBe(before + 1);
    expect((await revokeOthers({ userId }, two.id)).data.revokeOtherSessions.sessionIds).toEqual([]);
  });
});
