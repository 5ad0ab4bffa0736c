// Attempts at the same moment, which only a server with many connections can show: what is good once is good once, and
// guessing in parallel gains nothing.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type PostgresServer, startPostgres } from '../../../operations/servers/postgres.ts';
import { describeOnServers } from '../../../tests/support/describe-on-servers.ts';
import { type MfaClient, mfaClient, refusal } from '../../../tests/support/mfa.ts';
import { softwarePasskey } from '../../../tests/support/software-passkey.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../../users/index.ts';
import { auth } from '../index.ts';

describeOnServers('attempts at the same moment', ['postgres'], () => {
  let server: PostgresServer;
  let graph: TestSubgraphs;
  let client: MfaClient;
  const clock = { now: Date.parse('2026-11-21T12:00:00Z') };
  beforeAll(async () => {
    server = await startPostgres();
    graph = await startTestSubgraphs([users, auth], {
      databaseUrl: await server.createDatabase(),
      now: () => clock.now,
    });
    client = mfaClient(graph, clock);
  }, 300_000);
  afterAll(async () => {
    await graph.close();
    await server.stop();
  });

  const together = async (inputs: readonly object[]): Promise<string[]> => {
    const answers = await Promise.all(inputs.map((input) => client.ask('loginWithMfa', { ...input })));
    return answers.map((answer) => refusal(answer)?.code ?? 'signed in').sort();
  };
  const failuresOf = async (userId: string): Promise<number | undefined> => {
    const { db } = graph.database.forService<'mfaSetting'>('auth');
    return (await db.mfaSetting.findUnique({ where: { userId } }))?.failedAttempts;
  };

  test('a code with challenges of its own each time signs in once', async () => {
    for (const kind of ['TOTP', 'RECOVERY_CODES']) {
      const user = await client.protectedUser();
      const proof =
        kind === 'TOTP'
          ? { methodId: user.totpId, code: client.codeOf(user.secret) }
          : { methodId: user.codesId, code: user.codes[0] };
      const challenges = await Promise.all([1, 2, 3, 4, 5].map(() => client.challenge(user)));
      const answers = await together(challenges.map(({ token }) => ({ token, ...proof })));
      // The first of the others is a wrong code, and makes the rest wait.
      expect(answers).toEqual([
        'INVALID_MFA_CODE',
        'MFA_REATTEMPT_DELAY',
        'MFA_REATTEMPT_DELAY',
        'MFA_REATTEMPT_DELAY',
        'signed in',
      ]);
    }
  }, 300_000);

  test('a challenge signs in once, though every code is good', async () => {
    const user = await client.protectedUser();
    const { token } = await client.challenge(user);
    const answers = await together(user.codes.slice(0, 5).map((code) => ({ token, methodId: user.codesId, code })));
    expect(answers).toEqual([...Array(4).fill('INVALID_MFA_TOKEN'), 'signed in']);
    const { db } = graph.database.forService<'session' | 'mfaMethod'>('auth');
    expect(await db.session.count({ where: { userId: user.userId } })).toBe(1);
    expect((await db.mfaMethod.findUnique({ where: { id: user.codesId } }))?.codeHashes).toHaveLength(9);
  }, 300_000);

  test('of many guesses one is looked at, the others have to wait', async () => {
    const user = await client.protectedUser();
    const challenges = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(() => client.challenge(user)));
    const guess = (token: string, index: number) => ({ token, methodId: user.codesId, code: `0000000${index}` });
    const answers = await together(challenges.map(({ token }, index) => guess(token, index)));
    expect(answers).toEqual(['INVALID_MFA_CODE', ...Array(7).fill('MFA_REATTEMPT_DELAY')]);
    expect(await failuresOf(user.userId)).toBe(1);
  }, 300_000);

  test('a count of a passkey is good once, and a passkey belongs to one person', async () => {
    const device = softwarePasskey({ rpId: '127.0.0.1', origin: 'http://127.0.0.1:4000' });
    const people = await Promise.all([client.protectedUser(), client.protectedUser(), client.protectedUser()]);
    const registrations = await Promise.all(
      people.map(async (user) => {
        const presenceToken = await client.presence(user);
        const { method, passkeyOptions } = await client.run('addMfaMethod', { presenceToken, type: 'PASSKEY' }, user);
        return { user, input: { presenceToken, methodId: method.id, credential: device.create(passkeyOptions) } };
      }),
    );
    const answers = await Promise.all(
      registrations.map(({ input, user }) => client.ask('confirmMfaMethod', input, user)),
    );
    const taken = { code: 'ALREADY_EXISTS', details: { code: 17 } };
    expect(answers.map(refusal).filter((one) => one !== null)).toEqual([taken, taken]);
    const owner = registrations[answers.findIndex(({ errors }) => errors === undefined)];
    if (owner === undefined) throw new Error('Nobody owns the passkey');
    const challenges = await Promise.all([1, 2, 3].map(() => client.challenge(owner.user)));
    const { methodId } = owner.input;
    const inputs = challenges.map(({ token, passkeyOptions }) => ({
      token,
      methodId,
      credential: device.use(passkeyOptions, 5),
    }));
    expect(await together(inputs)).toEqual(['INVALID_MFA_CODE', 'MFA_REATTEMPT_DELAY', 'signed in']);
  }, 300_000);

  test('methods that are removed together do not leave too few', async () => {
    for (let round = 0; round < 5; round += 1) {
      const user = await client.protectedUser();
      const presenceToken = await client.presence(user);
      const added = await client.run('addMfaMethod', { presenceToken, type: 'TOTP' }, user);
      const second = added.method.id;
      const code = client.codeOf(added.secret);
      await client.run('confirmMfaMethod', { presenceToken, methodId: second, code }, user);
      const answers = await Promise.all(
        [user.totpId, second].map((methodId) => client.ask('removeMfaMethod', { presenceToken, methodId }, user)),
      );
      expect(answers.map((answer) => refusal(answer)?.code ?? 'removed').sort()).toEqual([
        'NOT_ENOUGH_MFA_METHODS',
        'removed',
      ]);
    }
  }, 300_000);
});
