// Checking passwords: what is said, and how long it takes to say it.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestSubgraphs, type TestSubgraphs } from '../../tests/support/subgraphs.ts';
import { users } from './index.ts';
import { hashPassword, nobodysHash } from './passwords.ts';

let graph: TestSubgraphs;
let userId: string;
const password = 'Sunny-Day-1';

beforeAll(async () => {
  graph = await startTestSubgraphs([users]);
  const input = { email: 'jane@example.org', firstName: 'Jane', lastName: 'Doe', password };
  const created = await graph.execute('users', {
    query: 'mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }',
    variables: { input },
    identity: { userId: '018f0000-0000-7000-8000-000000000001', permissions: ['CREATE_USER'] },
  });
  userId = created.data.createUser.user.id;
});
afterAll(() => graph.close());

const authenticate = (email: string, given: string, service: string | undefined = 'auth') =>
  graph.execute('users', {
    query: 'query ($email: String!, $given: String!) { authenticate(email: $email, password: $given) }',
    variables: { email, given },
    ...(service === '' ? {} : { service }),
  });

describe('authenticate', () => {
  test('is for services only', async () => {
    const { data, errors } = await authenticate('jane@example.org', password, '');
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
    expect(data?.authenticate ?? null).toBeNull();
  });

  test.each([
    ['a wrong password', 'jane@example.org', 'Rainy-Day-1'],
    ['an empty password', 'jane@example.org', ''],
    ['an unknown address', 'nobody@example.org', password],
    ['an address that cannot be stored', 'jane@example.org\0', password],
  ])('answers null to %s', async (_what, email, given) => {
    expect(await authenticate(email, given)).toEqual({ data: { authenticate: null } });
  });

  test('does the same work for an account that there is not', async () => {
    const cost = (hash: string) => hash.split('$').slice(1, 4);
    expect(cost(nobodysHash)).toEqual(cost(await hashPassword(password)));
    const time = async (email: string) => {
      const start = performance.now();
      await authenticate(email, 'Rainy-Day-1');
      return performance.now() - start;
    };
    const best = async (email: string) => Math.min(await time(email), await time(email), await time(email));
    expect(await best('nobody@example.org')).toBeGreaterThan((await best('jane@example.org')) / 3);
  });

  test('answers the id of the user, whatever the case of the address', async () => {
    expect(await authenticate('JANE@Example.org', password)).toEqual({ data: { authenticate: userId } });
  });
});
