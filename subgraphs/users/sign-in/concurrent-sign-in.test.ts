// Many sign-ins at the same moment, which only a server with many connections can show in full.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type PostgresServer, startPostgres } from '../../../operations/servers/postgres.ts';
import { describeOnServers } from '../../../tests/support/describe-on-servers.ts';
import { peopleIn } from '../../../tests/support/people.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../index.ts';
import { hashPassword } from './passwords.ts';

const right = 'Sunny-Day-1';
const changed = 'Other-Day-2';

function suite(openUrl: () => Promise<string | undefined>): void {
  let graph: TestSubgraphs;
  let rightHash: string;
  let now = Date.parse('2026-06-01T10:00:00Z');
  beforeAll(async () => {
    const databaseUrl = await openUrl();
    graph = await startTestSubgraphs([users], {
      now: () => now,
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
    });
    rightHash = await hashPassword(right);
  }, 300_000);
  afterAll(() => graph?.close());

  const table = () => graph.database.forService<'user' | 'unknownAddress'>('users').db;
  async function account(): Promise<{ id: string; email: string }> {
    const id = await peopleIn(graph).user();
    return table().user.update({ where: { id }, data: { passwordHash: rightHash }, select: { id: true, email: true } });
  }
  const failedCount = async (id: string) => (await table().user.findUniqueOrThrow({ where: { id } })).failedCount;

  async function signIn(email: string, password: string): Promise<string> {
    const query =
      'mutation ($email: String!, $password: String!) { authenticate(email: $email, password: $password) { userId } }';
    const { data, errors } = await graph.execute('users', { query, variables: { email, password }, service: 'auth' });
    return (errors?.[0]?.extensions.code as string) ?? (data.authenticate === null ? 'wrong' : 'in');
  }
  const changePassword = (userId: string, oldPassword: string, newPassword: string) =>
    graph.execute('users', {
      query: 'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { user { id } } }',
      variables: { input: { oldPassword, newPassword } },
      identity: { userId },
    });

  test('a hundred wrong guesses count as one, and a right one among them learns nothing', async () => {
    const { id, email } = await account();
    const guesses = Array.from({ length: 100 }, (_, index) => (index === 60 ? right : `Guess-${index}`));
    const answers = await Promise.all(guesses.map((guess) => signIn(email, guess)));
    expect(answers.filter((answer) => answer === 'wrong')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'LOGIN_TIMEOUT')).toHaveLength(99);
    expect(await failedCount(id)).toBe(1);
  }, 300_000);

  test('guesses at an address that nobody has count as one, too', async () => {
    const before = await table().unknownAddress.count();
    const answers = await Promise.all(Array.from({ length: 30 }, () => signIn('nobody@example.org', 'Guess-1')));
    expect(answers.filter((answer) => answer === 'wrong')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'LOGIN_TIMEOUT')).toHaveLength(29);
    const rows = await table().unknownAddress.findMany({ orderBy: { createdAt: 'asc' } });
    expect(rows.slice(before)).toEqual([expect.objectContaining({ failedCount: 1, lastFailedAt: new Date(now) })]);
  }, 300_000);

  test('a password that is changed meanwhile is not accepted, and the new one is', async () => {
    for (let round = 0; round < 5; round += 1) {
      now += 61_000;
      const { id, email } = await account();
      const change = changePassword(id, right, changed);
      const answers = Promise.all(Array.from({ length: 6 }, () => signIn(email, right)));
      expect((await change).errors).toBeUndefined();
      // Those that came before it was changed are in; one that was late counts, and makes others wait.
      for (const answer of await answers) expect(['in', 'wrong', 'LOGIN_TIMEOUT']).toContain(answer);
      now += 61_000;
      expect(await signIn(email, right)).toBe('wrong');
      now += 61_000;
      expect(await signIn(email, changed)).toBe('in');
    }
  }, 300_000);

  test('of two changes at once, one wins and the other finds its old password wrong', async () => {
    const { id, email } = await account();
    const results = await Promise.all([changePassword(id, right, changed), changePassword(id, right, 'Third-Day-3')]);
    const codes = results.map(({ errors }) => errors?.[0]?.extensions.code ?? 'changed').sort();
    expect(codes).toEqual(['OLD_PASSWORD_WRONG', 'changed']);
    now += 61_000;
    const won = results[0]?.errors === undefined ? changed : 'Third-Day-3';
    expect(await signIn(email, won)).toBe('in');
  }, 300_000);

  test('two hundred right sign-ins of one user all succeed, also right after failures', async () => {
    const { id, email } = await account();
    await table().user.update({ where: { id }, data: { failedCount: 9, lastFailedAt: new Date(now - 1_000) } });
    const answers = await Promise.all(Array.from({ length: 200 }, () => signIn(email, right)));
    expect(new Set(answers)).toEqual(new Set(['in']));
    expect(await failedCount(id)).toBe(0);
  }, 300_000);
}

describe('on the embedded database', () => {
  suite(async () => undefined);
});

describeOnServers('on a PostgreSQL server', ['postgres'], () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 300_000);
  afterAll(() => server?.stop());
  suite(() => server.createDatabase());
});
