// What becomes of a user's sign-ins when the user is deleted, gets a new password, or is linked to a provider or not.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../platform/ids.ts';
import { peopleIn } from '../../tests/support/people.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../tests/support/subgraphs.ts';
import { users } from '../users/index.ts';
import type { AuthTable } from './auth-parts.ts';
import { auth } from './index.ts';
import { newToken } from './tokens.ts';

let graph: TestSubgraphs;
const now = Date.parse('2026-11-21T12:00:00Z');
beforeAll(async () => {
  graph = await startTestSubgraphs([users, auth], { now: () => now });
});
afterAll(() => graph.close());

const tables = () => graph.database.forService<AuthTable>('auth').db;
async function application(): Promise<string> {
  const data = { type: 'OAUTH1', name: 'Signer', description: 'Signs its requests', confidential: false };
  return (await tables().application.create({ data: { id: newId(), ...data } })).id;
}

/** Everything that a sign-in can leave behind, started at this version. The id of the session. */
async function signIns(userId: string, credentialVersion: number): Promise<string> {
  const applicationId = await application();
  const held = { userId, credentialVersion, expiresAt: new Date(now + 60_000) };
  const session = { id: newId(), userId, credentialVersion, applicationId, kind: 'OAUTH1' };
  await tables().session.create({ data: session });
  const code = {
    versionId: newId(),
    codeHash: newToken(),
    redirectUri: 'https://example.org/',
    redirectUriGiven: true,
  };
  await tables().oAuth2Authorization.create({ data: { id: newId(), applicationId, ...code, ...held } });
  await tables().ssoToken.create({ data: { id: newId(), applicationId, tokenHash: newToken(), ...held } });
  await tables().presenceToken.create({ data: { tokenHash: newToken(), ...held } });
  await tables().mfaChallenge.create({ data: { tokenHash: newToken(), ...held } });
  return session.id;
}
async function left(userId: string) {
  const where = { userId };
  const versions = (rows: { credentialVersion: number }[]) => rows.map(({ credentialVersion }) => credentialVersion);
  return {
    sessions: versions(await tables().session.findMany({ where: { userId, endedAt: null } })),
    codes: versions(await tables().oAuth2Authorization.findMany({ where })),
    ssoTokens: versions(await tables().ssoToken.findMany({ where })),
    presenceTokens: versions(await tables().presenceToken.findMany({ where })),
    challenges: versions(await tables().mfaChallenge.findMany({ where })),
  };
}
const only = (...versions: number[]) =>
  Object.fromEntries(
    ['sessions', 'codes', 'ssoTokens', 'presenceTokens', 'challenges'].map((name) => [name, versions]),
  );
const setVersion = (userId: string, credentialVersion: number) =>
  graph.database.forService<'user'>('users').db.user.update({ where: { id: userId }, data: { credentialVersion } });
const tell = (type: string, userId: string) =>
  graph.database.forService('users').write(async (tx) => tx.publish({ type, content: { userId } }));
const versionOf = async (userId: string) => Number((await graph.database.accessVersions([userId]))[0]);
const told = async (userId: string) =>
  (await graph.readLog())
    .filter(({ type, content }) => type === 'session_ended' && content.userId === userId)
    .map(({ content }) => content.sessionId);

describe.each(['password_reset_completed', 'user_oidc_linked', 'user_oidc_unlinked'])('%s', (type) => {
  test('ends what was started before, leaves what was started since and other users alone, and tells once', async () => {
    const [userId, other] = [await peopleIn(graph).user(), await peopleIn(graph).user()];
    const [old, older] = [await signIns(userId, 2), await signIns(userId, 1)];
    await signIns(userId, 3);
    await signIns(other, 1);
    await setVersion(userId, 3);
    const before = await versionOf(userId);
    await tell(type, userId);
    await tell(type, userId);
    await graph.deliverEvents();
    expect(await left(userId)).toEqual(only(3));
    expect(await left(other)).toEqual(only(1));
    expect(await versionOf(userId)).toBe(before + 1);
    expect(new Set(await told(userId))).toEqual(new Set([old, older]));
    expect(await told(userId)).toHaveLength(2);
  });

  test('does no harm when the user has gone since', async () => {
    const userId = newId();
    await signIns(userId, 1);
    await tell(type, userId);
    await graph.deliverEvents();
    expect(await left(userId)).toEqual(only(1));
  });
});

describe('user_deleted', () => {
  test('ends everything of the user, and forgets the second factors', async () => {
    const admin = { userId: newId(), permissions: ['DELETE_USER', 'VIEW_USER'] };
    const [userId, other] = [await peopleIn(graph).user(), await peopleIn(graph).user()];
    const [first, second] = [await signIns(userId, 1), await signIns(userId, 7)];
    await signIns(other, 1);
    for (const id of [userId, other]) {
      await tables().mfaSetting.create({ data: { userId: id, enabled: true } });
      await tables().mfaMethod.create({ data: { id: newId(), userId: id, type: 'TOTP' } });
    }
    const { errors } = await graph.execute('users', {
      query: 'mutation ($input: DeleteUserInput!) { deleteUser(input: $input) { userId } }',
      variables: { input: { userId } },
      identity: admin,
    });
    expect(errors).toBeUndefined();
    await graph.deliverEvents();
    expect(await left(userId)).toEqual(only());
    expect(new Set(await told(userId))).toEqual(new Set([first, second]));
    expect(await tables().mfaSetting.count({ where: { userId } })).toBe(0);
    expect(await tables().mfaMethod.count({ where: { userId } })).toBe(0);
    expect(await left(other)).toEqual(only(1));
    expect(await tables().mfaMethod.count({ where: { userId: other } })).toBe(1);
    await tell('user_deleted', userId);
    await graph.deliverEvents();
    expect(await told(userId)).toHaveLength(2);
  });
});
