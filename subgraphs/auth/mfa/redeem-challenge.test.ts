// The second step of signing in: the challenge, and what proves the second factor.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newId } from '../../../platform/ids.ts';
import { type MfaClient, mfaClient, refusal, type TotpUser } from '../../../tests/support/mfa.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../../users/index.ts';
import { auth } from '../index.ts';
import { hashToken } from '../tokens.ts';

let graph: TestSubgraphs;
let client: MfaClient;
const clock = { now: Date.parse('2026-11-21T12:00:00Z') };
beforeAll(async () => {
  const environment = { MFA_CHALLENGE_SECONDS: '600', ACCESS_TOKEN_SECONDS: '300' };
  graph = await startTestSubgraphs([users, auth], { environment, now: () => clock.now });
  client = mfaClient(graph, clock);
});
afterAll(() => graph.close());

const invalidToken = { code: 'INVALID_MFA_TOKEN', details: { code: 131 } };
const invalidCode = { code: 'INVALID_MFA_CODE', details: { code: 130 } };
const delayed = (remainingDelay: number) => ({ code: 'MFA_REATTEMPT_DELAY', details: { code: 134, remainingDelay } });
const redeem = (input: Record<string, unknown>) => client.ask('loginWithMfa', input);
/** A code that is wrong at this moment. */
const wrongCode = ({ secret }: TotpUser) => {
  const right = [-1, 0, 1].map((steps) => client.codeOf(secret, steps));
  return ['000000', '111111', '222222', '333333'].find((code) => !right.includes(code));
};

describe('login of a user with a second factor', () => {
  test('starts nothing and answers a challenge, which names what there is and nothing else', async () => {
    const user = await client.protectedUser();
    const before = (await graph.readLog()).length;
    const answer = await client.ask('login', { email: user.email, password: user.password });
    const { code, details } = refusal(answer);
    expect(code).toBe('MFA_REQUIRED');
    expect(details).toEqual({
      code: 129,
      token: expect.stringMatching(/^[0-9a-f]{40}$/),
      tokenExpiresIn: 600_000,
      methods: [
        { id: user.codesId, type: 'RECOVERY_CODES', name: null, tags: [] },
        { id: user.totpId, type: 'TOTP', name: null, tags: [] },
      ],
    });
    expect(answer.errors?.[0]?.message).toBe('A second factor is needed.');
    expect(await graph.readLog()).toHaveLength(before);
    const { db } = graph.database.forService<'session' | 'mfaChallenge'>('auth');
    expect(await db.session.count({ where: { userId: user.userId } })).toBe(0);
    const [row] = await db.mfaChallenge.findMany({ where: { userId: user.userId } });
    expect(row?.tokenHash).toBe(hashToken(details.token));
  });

  test('answers no challenge to a wrong password', async () => {
    const { email } = await client.protectedUser();
    expect(refusal(await client.ask('login', { email, password: 'wrong' }))).toMatchObject({
      code: 'INVALID_CREDENTIALS',
    });
  });

  test('does not name methods that are unconfirmed or used up', async () => {
    const user = await client.protectedUser();
    const presenceToken = await client.presence(user);
    await client.run('addMfaMethod', { presenceToken, type: 'TOTP', name: 'unconfirmed' }, user);
    const { db } = graph.database.forService<'mfaMethod'>('auth');
    await db.mfaMethod.update({ where: { id: user.codesId }, data: { codeHashes: [] } });
    const { methods } = await client.challenge(user);
    expect(methods.map(({ id }: { id: string }) => id)).toEqual([user.totpId]);
  });
});

describe('loginWithMfa refuses', () => {
  test.each([
    ['methodId', { methodId: 'x', code: '123456' }],
    ['code', {}],
    ['code', { code: '' }],
    ['code', { code: '1'.repeat(101) }],
    ['credential', { credential: { id: 'x'.repeat(20_001) } }],
  ])('a bad %s', async (field, input) => {
    const answer = await redeem({ token: 'x', methodId: newId(), ...input });
    expect(refusal(answer)).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: `input.${field}` } });
  });

  test.each(['', 'unknown', 'f'.repeat(40)])('the token %j', async (token) => {
    expect(refusal(await redeem({ token, methodId: newId(), code: '123456' }))).toEqual(invalidToken);
  });

  test('a challenge that has expired, and not a moment before', async () => {
    const user = await client.protectedUser();
    const [{ token }, { token: other }] = [await client.challenge(user), await client.challenge(user)];
    clock.now += 599_999;
    const input = { methodId: user.totpId, code: client.codeOf(user.secret) };
    expect((await redeem({ ...input, token })).errors).toBeUndefined();
    clock.now += 1;
    expect(refusal(await redeem({ token: other, methodId: user.codesId, code: user.codes[0] }))).toEqual(invalidToken);
  });

  test('a challenge of an application, which alone can finish', async () => {
    const user = await client.protectedUser();
    const { token } = await client.challenge(user);
    const { db } = graph.database.forService<'application' | 'mfaChallenge'>('auth');
    const columns = { type: 'OAUTH2', name: 'App', description: 'App', confidential: false };
    const { id: applicationId } = await db.application.create({ data: { id: newId(), ...columns } });
    await db.mfaChallenge.update({ where: { tokenHash: hashToken(token) }, data: { applicationId } });
    const input = { token, methodId: user.totpId, code: client.codeOf(user.secret) };
    expect(refusal(await redeem(input))).toEqual(invalidToken);
  });

  test('a challenge from before all sessions of the user were ended', async () => {
    const user = await client.protectedUser();
    const { token } = await client.challenge(user);
    const { db } = graph.database.forService<'user'>('users');
    await db.user.update({ where: { id: user.userId }, data: { credentialVersion: { increment: 1 } } });
    const input = { token, methodId: user.totpId, code: client.codeOf(user.secret) };
    expect(refusal(await redeem(input))).toEqual(invalidToken);
  });

  test('a challenge from before the second factor was turned off and on again', async () => {
    const user = await client.protectedUser();
    const { token } = await client.challenge(user);
    const presenceToken = await client.presence(user);
    await client.run('disableMfa', { presenceToken }, user);
    const input = { token, methodId: user.totpId, code: client.codeOf(user.secret) };
    expect(refusal(await redeem(input))).toEqual(invalidToken);
    await client.run('enableMfa', { presenceToken }, user);
    expect(refusal(await redeem(input))).toEqual(invalidToken);
  });

  test.each(['wrong', 'of a method that is not there', "of somebody else's method", 'of an unconfirmed method'])(
    'a code that is %s, and counts it',
    async (what) => {
      const [user, other] = [await client.protectedUser(), await client.protectedUser()];
      const presenceToken = await client.presence(user);
      const fresh = await client.run('addMfaMethod', { presenceToken, type: 'TOTP' }, user);
      const { token } = await client.challenge(user);
      const inputs: Record<string, object> = {
        wrong: { methodId: user.totpId, code: wrongCode(user) },
        'of a method that is not there': { methodId: newId(), code: client.codeOf(user.secret) },
        "of somebody else's method": { methodId: other.totpId, code: client.codeOf(other.secret) },
        'of an unconfirmed method': { methodId: fresh.method.id, code: client.codeOf(fresh.secret) },
      };
      expect(refusal(await redeem({ token, ...inputs[what] }))).toEqual(invalidCode);
      const right = { token, methodId: user.totpId, code: client.codeOf(user.secret) };
      expect(refusal(await redeem(right))).toEqual(delayed(1_000));
      clock.now += 1_000;
      expect((await redeem(right)).errors).toBeUndefined();
    },
  );

  test('a code where a passkey is asked for, and a passkey where a code is', async () => {
    const user = await client.protectedUser();
    const { token } = await client.challenge(user);
    const input = { token, methodId: user.totpId, credential: { id: 'x' } };
    expect(refusal(await redeem(input))).toEqual(invalidCode);
  });

  test('a TOTP code that was used, for a sign-in or for the confirmation', async () => {
    const user = await client.protectedUser();
    const input = { methodId: user.totpId, code: client.codeOf(user.secret) };
    await client.run('loginWithMfa', { ...input, token: (await client.challenge(user)).token });
    const { token } = await client.challenge(user);
    expect(refusal(await redeem({ ...input, token }))).toEqual(invalidCode);
    clock.now += 1_000;
    const confirmed = { ...input, code: client.codeOf(user.secret, -1) };
    expect(refusal(await redeem({ ...confirmed, token }))).toEqual(invalidCode);
  });

  test('a recovery code that was used', async () => {
    const user = await client.protectedUser();
    const input = { methodId: user.codesId, code: user.codes[3] };
    await client.run('loginWithMfa', { ...input, token: (await client.challenge(user)).token });
    const { token } = await client.challenge(user);
    expect(refusal(await redeem({ ...input, token }))).toEqual(invalidCode);
  });

  test('a challenge that was used', async () => {
    const user = await client.protectedUser();
    const { token } = await client.challenge(user);
    await client.run('loginWithMfa', { token, methodId: user.codesId, code: user.codes[0] });
    expect(refusal(await redeem({ token, methodId: user.codesId, code: user.codes[1] }))).toEqual(invalidToken);
  });
});

describe('the waiting period', () => {
  test('is the same for every challenge of the user, and is not made longer by trying', async () => {
    const user = await client.protectedUser();
    const wrong = { methodId: user.totpId, code: wrongCode(user) };
    for (const wait of [1_000, 1_000, 2_000, 3_000, 5_000]) {
      const { token } = await client.challenge(user);
      expect(refusal(await redeem({ ...wrong, token }))).toEqual(invalidCode);
      for (const passed of [0, 400]) {
        clock.now += passed;
        expect(refusal(await redeem({ ...wrong, token }))).toEqual(delayed(wait - passed));
      }
      clock.now += wait - 400;
    }
  });

  test('is no other user’s', async () => {
    const [user, other] = [await client.protectedUser(), await client.protectedUser()];
    const { token } = await client.challenge(user);
    await redeem({ token, methodId: user.totpId, code: wrongCode(user) });
    const input = { methodId: other.totpId, code: client.codeOf(other.secret) };
    expect((await redeem({ ...input, token: (await client.challenge(other)).token })).errors).toBeUndefined();
  });

  test('follows the plain model, whatever is tried when', async () => {
    const user = await client.protectedUser();
    const tries = fc.array(fc.record({ after: fc.integer({ min: 0, max: 4_000 }), right: fc.boolean() }), {
      maxLength: 12,
    });
    const failedAt: number[] = [];
    await fc.assert(
      fc.asyncProperty(tries, async (row) => {
        clock.now += 600_000; // past every wait, and to steps whose codes are fresh
        failedAt.length = 0;
        const { db } = graph.database.forService<'mfaSetting' | 'mfaMethod'>('auth');
        await db.mfaSetting.update({ where: { userId: user.userId }, data: { failedAttempts: 0, lastFailedAt: null } });
        for (const { after, right } of row) {
          clock.now += after;
          await db.mfaMethod.update({ where: { id: user.totpId }, data: { lastStep: null } });
          const code = right ? client.codeOf(user.secret) : wrongCode(user);
          const { token } = await client.challenge(user);
          const answer = refusal(await redeem({ token, methodId: user.totpId, code }))?.code ?? 'signed in';
          const last = failedAt.at(-1);
          const until = last === undefined ? 0 : last + Math.round(1.46 ** (failedAt.length - 1)) * 1_000;
          if (clock.now < until) expect(answer).toBe('MFA_REATTEMPT_DELAY');
          else if (right) expect(answer).toBe('signed in');
          else expect(answer).toBe('INVALID_MFA_CODE');
          if (answer === 'signed in') failedAt.length = 0;
          else if (answer === 'INVALID_MFA_CODE') failedAt.push(clock.now);
        }
      }),
      { numRuns: 6 },
    );
  }, 300_000);
});

describe('loginWithMfa', () => {
  test.each(['TOTP', 'RECOVERY_CODES'])('signs in with %s, spaces and capitals or not', async (type) => {
    const user = await client.protectedUser();
    const { token } = await client.challenge(user);
    const proof =
      type === 'TOTP'
        ? { methodId: user.totpId, code: client.codeOf(user.secret).replace(/^.../, '$& ') }
        : { methodId: user.codesId, code: ` ${user.codes[9]?.toUpperCase()} ` };
    const payload = await client.run('loginWithMfa', { token, ...proof });
    expect(payload).toMatchObject({ expiresIn: 300, user: { id: user.userId } });
    expect(payload.accessToken).toMatch(/^[0-9a-f]{40}$/);
    const { db } = graph.database.forService<'session' | 'mfaMethod' | 'mfaChallenge'>('auth');
    const session = await db.session.findFirst({ where: { userId: user.userId } });
    expect(session).toMatchObject({ kind: 'PASSWORD', applicationId: null });
    expect(await db.mfaChallenge.count({ where: { userId: user.userId } })).toBe(0);
    const codes = await db.mfaMethod.findUnique({ where: { id: user.codesId } });
    expect(codes?.codeHashes).toHaveLength(type === 'TOTP' ? 10 : 9);
  });

  test('clears the count of failures', async () => {
    const user = await client.protectedUser();
    for (let time = 0; time < 5; time += 1) {
      const { token } = await client.challenge(user);
      expect(refusal(await redeem({ token, methodId: user.totpId, code: wrongCode(user) }))).toEqual(invalidCode);
      clock.now += 5_000;
    }
    const right = { methodId: user.totpId, code: client.codeOf(user.secret) };
    await client.run('loginWithMfa', { token: (await client.challenge(user)).token, ...right });
    const { token } = await client.challenge(user);
    expect(refusal(await redeem({ token, methodId: user.totpId, code: wrongCode(user) }))).toEqual(invalidCode);
    expect(refusal(await redeem({ token, methodId: user.totpId, code: wrongCode(user) }))).toEqual(delayed(1_000));
  });
});
