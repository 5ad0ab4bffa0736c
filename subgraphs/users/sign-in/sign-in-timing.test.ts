// How long a no takes must not tell whether there is an account. Measured in turns, so that a busy machine slows both.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { peopleIn } from '../../../tests/support/people.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../index.ts';
import { hashPassword } from './passwords.ts';

let graph: TestSubgraphs;
let now = Date.parse('2026-06-01T10:00:00Z');
const rounds = 40;

beforeAll(async () => {
  graph = await startTestSubgraphs([users], { now: () => now });
  const people = peopleIn(graph);
  const { db } = graph.database.forService<'user' | 'oidcLink'>('users');
  const [known, linked] = [
    await people.user({ email: 'known@example.org' }),
    await people.user({ email: 'linked@example.org' }),
  ];
  await db.user.update({ where: { id: known }, data: { passwordHash: await hashPassword('Sunny-Day-1') } });
  await db.user.update({ where: { id: linked }, data: { passwordHash: null } });
  await db.oidcLink.create({ data: { userId: linked, providerId: linked, subjectId: 'subject' } });
});
afterAll(() => graph.close());

async function timeOf(email: string): Promise<number> {
  now += 61_000;
  const query = 'mutation ($email: String!) { authenticate(email: $email, password: "Rainy-Day-1") { userId } }';
  const start = performance.now();
  const { data } = await graph.execute('users', { query, variables: { email }, service: 'auth' });
  expect(data).toEqual({ authenticate: null });
  return performance.now() - start;
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

test('a wrong password, an unknown address and one that has no password take the same time', async () => {
  const addresses = {
    known: () => 'known@example.org',
    unknown: () => 'unknown@example.org',
    neverTried: (round: number) => `never-tried-${round}@example.org`,
    linked: () => 'linked@example.org',
  } as const;
  const names = Object.keys(addresses) as (keyof typeof addresses)[];
  const times = { known: [], unknown: [], neverTried: [], linked: [] } as Record<(typeof names)[number], number[]>;
  for (const name of names) await timeOf(addresses[name](-1));
  for (let round = 0; round < rounds; round += 1) {
    // Each comes first as often as the others.
    for (const [index] of names.entries()) {
      const name = names[(index + round) % names.length] ?? 'known';
      times[name].push(await timeOf(addresses[name](round)));
    }
  }
  const known = median(times.known);
  for (const name of names) {
    // Without the hash it would be a fifth; what else there is, is the machine's noise.
    const share = median(times[name]) / known;
    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(2.5);
  }
}, 300_000);
