// Failed sign-ins as they add up: through `authenticate`, for accounts and for addresses that nobody has alike.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hash } from '@node-rs/argon2';
import fc from 'fast-check';
import { peopleIn } from '../../../tests/support/people.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../index.ts';

let graph: TestSubgraphs;
let now = Date.parse('2026-06-01T10:00:00Z');
let quickHash: string;
let made = 0;
const right = 'Sunny-Day-1';

beforeAll(async () => {
  // Cheap, so that many sequences can be tried; its cost stands in the hash.
  quickHash = await hash(right, { memoryCost: 8, timeCost: 1, parallelism: 1 });
  graph = await startTestSubgraphs([users], { now: () => now });
});
afterAll(() => graph.close());

async function account(failures: { failedCount?: number; lastFailedAt?: Date } = {}): Promise<string> {
  made += 1;
  const email = `user-${made}@example.org`;
  const id = await peopleIn(graph).user({ email });
  const { db } = graph.database.forService<'user'>('users');
  await db.user.update({ where: { id }, data: { passwordHash: quickHash, ...failures } });
  return email;
}

async function nobody(): Promise<string> {
  made += 1;
  return `nobody-${made}@example.org`;
}

interface Answer {
  readonly userId?: string;
  readonly code?: string;
  readonly details?: { readonly remainingDelay?: number };
}

/** `{}` for a plain no. */
async function signIn(email: string, password: string): Promise<Answer> {
  const query =
    'mutation ($email: String!, $password: String!) { authenticate(email: $email, password: $password) { userId } }';
  const { data, errors } = await graph.execute('users', { query, variables: { email, password }, service: 'auth' });
  if (errors) return errors[0]?.extensions as Answer;
  return data.authenticate ?? {};
}

const stored = async (email: string) => {
  const { db } = graph.database.forService<'user'>('users');
  return db.user.findUniqueOrThrow({ where: { email }, select: { failedCount: true, lastFailedAt: true } });
};

describe.each([
  ['an account', account],
  ['an address that nobody has', nobody],
])('%s', (_what, open) => {
  test('is asked again a second after a failure, not before', async () => {
    const email = await open();
    expect(await signIn(email, 'wrong')).toEqual({});
    const refused = { code: 'LOGIN_TIMEOUT', details: { code: 211, remainingDelay: 1_000 } };
    expect(await signIn(email.toUpperCase(), 'wrong')).toEqual(refused);
    now += 999;
    expect(await signIn(email, right)).toEqual({ ...refused, details: { code: 211, remainingDelay: 1 } });
    now += 1;
    expect(await signIn(email, 'wrong')).toEqual({});
  });

  test('rests for a minute after each tenth failure, and for good after the fiftieth', async () => {
    const email = await open();
    for (let failures = 1; failures <= 50; failures += 1) {
      expect(await signIn(email, 'wrong')).toEqual({});
      now += 1_000;
      if ([10, 20, 30, 40].includes(failures)) {
        const refused = { code: 'LOGIN_FREEZE', details: { code: 212, remainingDelay: 59_000 } };
        expect(await signIn(email, 'wrong')).toEqual(refused);
        now += 58_999;
        expect(await signIn(email, right)).toMatchObject({ code: 'LOGIN_FREEZE', details: { remainingDelay: 1 } });
        now += 1;
      }
    }
    for (const password of ['wrong', right]) {
      expect(await signIn(email, password)).toMatchObject({ code: 'TOO_MANY_FAILED_ATTEMPTS', details: { code: 213 } });
      now += 24 * 3_600_000;
    }
  });
});

describe('the count', () => {
  test('grows with failures, not with refusals, and keeps when it last grew', async () => {
    const email = await account();
    await signIn(email, 'wrong');
    const at = new Date(now);
    now += 500;
    await signIn(email, 'wrong');
    await signIn(email, right);
    expect(await stored(email)).toEqual({ failedCount: 1, lastFailedAt: at });
  });

  test('belongs to one account: guessing elsewhere neither adds nor clears', async () => {
    const [mine, other] = [await account(), await account()];
    await signIn(mine, 'wrong');
    expect(await signIn(other, right)).toHaveProperty('userId');
    await signIn(await nobody(), 'wrong');
    expect(await stored(mine)).toMatchObject({ failedCount: 1 });
    expect(await stored(other)).toMatchObject({ failedCount: 0 });
  });

  test('leaves the account itself as it was', async () => {
    const email = await account();
    const { db } = graph.database.forService<'user'>('users');
    const when = () => db.user.findUniqueOrThrow({ where: { email }, select: { updatedAt: true } });
    const before = await when();
    await signIn(email, 'wrong');
    expect(await when()).toEqual(before);
  });

  test('starts again at nothing after a right password', async () => {
    const email = await account({ failedCount: 49, lastFailedAt: new Date(now - 1_000) });
    expect(await signIn(email, right)).toHaveProperty('userId');
    expect(await stored(email)).toMatchObject({ failedCount: 0 });
  });
});

/** The rules as one would tell them to a colleague. */
class Model {
  failures: number;
  lastFailure = Number.NEGATIVE_INFINITY;
  constructor(failures: number) {
    this.failures = failures;
  }
  signIn(isRight: boolean, at: number): string {
    if (this.failures >= 50) return 'TOO_MANY_FAILED_ATTEMPTS';
    if (this.failures > 0 && this.failures % 10 === 0 && at - this.lastFailure < 60_000) return 'LOGIN_FREEZE';
    if (at - this.lastFailure < 1_000) return 'LOGIN_TIMEOUT';
    if (isRight) {
      this.failures = 0;
      return 'in';
    }
    this.failures += 1;
    this.lastFailure = at;
    return 'wrong';
  }
}

test('any sequence of right and wrong passwords, at any pace, goes as the rules say', async () => {
  const pause = fc.oneof(
    fc.constantFrom(0, 1, 999, 1_000, 1_001, 59_999, 60_000),
    fc.integer({ min: 900, max: 1_100 }),
    fc.integer({ min: 0, max: 120_000 }),
  );
  const step = fc.record({ pause, isRight: fc.boolean().filter(Boolean) }, { requiredKeys: ['pause'] });
  const start = fc.oneof(fc.constantFrom(0, 8, 9, 10, 18, 38, 39, 40, 47, 48, 49, 50), fc.integer({ min: 0, max: 51 }));
  await fc.assert(
    fc.asyncProperty(start, fc.array(step, { minLength: 1, maxLength: 25 }), async (failures, steps) => {
      const model = new Model(failures);
      const email = await account({ failedCount: failures });
      for (const { pause: milliseconds, isRight = false } of steps) {
        now += milliseconds;
        const { userId, code } = await signIn(email, isRight ? right : 'wrong');
        const answer = userId === undefined ? (code ?? 'wrong') : 'in';
        expect(answer).toBe(model.signIn(isRight, now));
        expect((await stored(email)).failedCount).toBe(model.failures);
      }
    }),
    { numRuns: 60 },
  );
}, 300_000);
