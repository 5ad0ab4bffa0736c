// What is over goes, and what is not stays.
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newId } from '../../platform/ids.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../tests/support/subgraphs.ts';
import type { AuthParts, AuthTable } from './auth-parts.ts';
import { auth } from './index.ts';
import { sweep } from './sweep.ts';
import { newToken } from './tokens.ts';

let graph: TestSubgraphs;
const now = Date.parse('2026-11-21T12:00:00Z');
const [hour, day] = [3_600_000, 86_400_000];
beforeEach(async () => {
  graph ??= await startTestSubgraphs([auth], { now: () => now });
});
afterAll(() => graph.close());

const tables = () => graph.database.forService<AuthTable>('auth');
const run = () => graph.jobs.run('auth', 'sweep');
const at = (offset: number) => new Date(now + offset);

async function session(columns: { endedAt?: Date; createdAt?: Date } = {}): Promise<string> {
  const data = { id: newId(), userId: newId(), kind: 'PASSWORD', credentialVersion: 1, ...columns };
  return (await tables().db.session.create({ data })).id;
}
async function refreshToken(sessionId: string, expiresAt: Date, usedAt: Date | null = null): Promise<string> {
  const data = { id: newId(), sessionId, tokenHash: newToken(), expiresAt, usedAt };
  return (await tables().db.refreshToken.create({ data })).id;
}
async function accessToken(sessionId: string, expiresAt: Date, refreshTokenId: string | null = null): Promise<string> {
  const data = { id: newId(), sessionId, tokenHash: newToken(), expiresAt, refreshTokenId };
  return (await tables().db.accessToken.create({ data })).id;
}
async function oauth1Token(sessionId: string): Promise<string> {
  const data = { id: newId(), sessionId, token: newToken(), sealedSecret: 'sealed' };
  return (await tables().db.oAuth1Token.create({ data })).id;
}
const application = async () => {
  const data = { type: 'OAUTH2', name: 'Portal', description: 'For patients', confidential: false };
  return (await tables().db.application.create({ data: { id: newId(), ...data } })).id;
};
const isEnded = async (id: string) => (await tables().db.session.findUniqueOrThrow({ where: { id } })).endedAt !== null;

describe('the sweep', () => {
  test('comes every ten minutes', () => {
    expect(graph.subgraph('auth').parts.jobs?.sweep).toMatchObject({ cron: '*/10 * * * *', concurrency: 1 });
  });

  test('deletes what has expired, in every table, and nothing else', async () => {
    const { db } = tables();
    const applicationId = await application();
    const owner = { userId: newId(), credentialVersion: 1 };
    const provider = {
      id: newId(),
      name: newId(),
      description: '',
      clientId: 'c',
      sealedSecret: 's',
      clientSecretHint: 'hint',
      issuerId: 'i',
      authorizationEndpoint: 'a',
      tokenEndpoint: 't',
      userinfoEndpoint: 'u',
      redirectUri: 'r',
    };
    await db.oidcProvider.create({ data: provider });
    const code = { versionId: newId(), redirectUri: 'r', redirectUriGiven: true };
    for (const [over, expiresAt] of [
      [true, at(0)],
      [false, at(1)],
    ] as const) {
      const tokenHash = `${over} ${newToken()}`;
      await db.oAuth1Nonce.create({ data: { nonceHash: tokenHash, expiresAt } });
      await db.ssoToken.create({ data: { id: newId(), applicationId, tokenHash, ...owner, expiresAt } });
      await db.presenceToken.create({ data: { tokenHash, ...owner, expiresAt } });
      await db.mfaChallenge.create({ data: { tokenHash, ...owner, expiresAt } });
      const request = { stateHash: tokenHash, providerId: provider.id, nonce: 'n', codeVerifier: 'v', expiresAt };
      await db.oidcRequest.create({ data: request });
      const codeExpiresAt = new Date(expiresAt.getTime() - hour);
      const codeColumns = { id: newId(), applicationId, codeHash: tokenHash, ...code, ...owner };
      await db.oAuth2Authorization.create({ data: { ...codeColumns, expiresAt: codeExpiresAt } });
      const createdAt = new Date(expiresAt.getTime() - 90 * day);
      const attempt = { id: newId(), status: 'FAILED', providerId: provider.id, providerName: tokenHash, createdAt };
      await db.oidcLoginAttempt.create({ data: attempt });
    }
    await run();
    const kept = [
      await db.oAuth1Nonce.findMany().then((rows) => rows.map(({ nonceHash }) => nonceHash)),
      await db.ssoToken.findMany().then((rows) => rows.map(({ tokenHash }) => tokenHash)),
      await db.presenceToken.findMany().then((rows) => rows.map(({ tokenHash }) => tokenHash)),
      await db.mfaChallenge.findMany().then((rows) => rows.map(({ tokenHash }) => tokenHash)),
      await db.oidcRequest.findMany().then((rows) => rows.map(({ stateHash }) => stateHash)),
      await db.oAuth2Authorization.findMany().then((rows) => rows.map(({ codeHash }) => codeHash)),
      await db.oidcLoginAttempt.findMany().then((rows) => rows.map(({ providerName }) => providerName)),
    ];
    for (const marks of kept) expect(marks).toEqual([expect.stringMatching(/^false /)]);
  });

  test('deletes access tokens an hour after they expire, refresh tokens a day after and never before those', async () => {
    const id = await session();
    await refreshToken(id, at(-day));
    await refreshToken(id, at(-day), at(-2 * day));
    const [told, used] = [await refreshToken(id, at(1 - day)), await refreshToken(id, at(1), at(-day))];
    const lastUsed = await refreshToken(id, at(-day));
    await accessToken(id, at(-hour));
    const [good, last] = [await accessToken(id, at(1 - hour)), await accessToken(id, at(1), lastUsed)];
    await run();
    const { db } = tables();
    const of = { where: { sessionId: id }, orderBy: { id: 'asc' } } as const;
    expect((await db.refreshToken.findMany(of)).map((row) => row.id)).toEqual([told, used, lastUsed]);
    expect((await db.accessToken.findMany(of)).map((row) => row.id)).toEqual([good, last]);
    expect(await isEnded(id)).toBe(false);
  });

  test('ends sessions whose last token has gone, and no others', async () => {
    const [over, refreshed, signed] = [await session(), await session(), await session()];
    for (const id of [over, refreshed, signed]) await refreshToken(id, at(-day));
    await refreshToken(refreshed, at(1));
    await oauth1Token(signed);
    const fresh = await session();
    const events = (await graph.readLog()).length;
    await run();
    expect(await Promise.all([over, refreshed, signed, fresh].map(isEnded))).toEqual([true, false, false, false]);
    expect(await graph.readLog()).toHaveLength(events);
  });

  test('deletes the tokens of sessions that have ended, and the sessions 30 days later', async () => {
    const [ended, old, open] = [
      await session({ endedAt: at(-1) }),
      await session({ endedAt: at(-30 * day) }),
      await session({ createdAt: at(-1_000 * day) }),
    ];
    for (const id of [ended, old, open]) {
      await accessToken(id, at(day), await refreshToken(id, at(day)));
      await oauth1Token(id);
    }
    await run();
    const { db } = tables();
    const tokens = async (sessionId: string) =>
      (await db.accessToken.count({ where: { sessionId } })) +
      (await db.refreshToken.count({ where: { sessionId } })) +
      (await db.oAuth1Token.count({ where: { sessionId } }));
    expect([await tokens(ended), await tokens(old), await tokens(open)]).toEqual([0, 0, 3]);
    const kept = await db.session.findMany({ where: { id: { in: [ended, old, open] } } });
    expect(new Set(kept.map(({ id }) => id))).toEqual(new Set([ended, open]));
  });

  test('works in batches, and leaves what is too much for the next time', async () => {
    const { db } = tables();
    const add = async (count: number) => {
      const data = Array.from({ length: count }, () => ({ nonceHash: newToken(), expiresAt: at(-1) }));
      await db.oAuth1Nonce.createMany({ data });
    };
    const left = () => db.oAuth1Nonce.count({ where: { expiresAt: { lte: at(0) } } });
    const parts = { database: tables(), clock: () => now } as unknown as AuthParts;
    await add(25);
    await sweep(parts, { batch: 10, batches: 2 });
    expect(await left()).toBe(5);
    await sweep(parts, { batch: 10, batches: 2 });
    expect(await left()).toBe(0);
    await add(2_500);
    await run();
    expect(await left()).toBe(0);
  });
});
