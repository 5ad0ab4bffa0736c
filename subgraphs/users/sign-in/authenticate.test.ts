// Checking an address and a password: what is said, and to whom. How failures slow it down stands in lockout.test.ts.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { peopleIn } from '../../../tests/support/people.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../index.ts';
import { hashPassword, nobodysHash } from './passwords.ts';

let graph: TestSubgraphs;
let userId: string;
let now = Date.parse('2026-06-01T10:00:00Z');
const password = 'Sunny-Day-1';

beforeAll(async () => {
  graph = await startTestSubgraphs([users], { now: () => now });
  userId = await account('jane@example.org');
});
afterAll(() => graph.close());

async function account(email: string): Promise<string> {
  const id = await peopleIn(graph).user({ email });
  const { db } = graph.database.forService<'user'>('users');
  await db.user.update({ where: { id }, data: { passwordHash: await hashPassword(password) } });
  return id;
}

const authenticate = (email: string, given: string, service: string | undefined = 'auth') => {
  // Nobody has failed within the last minute.
  now += 61_000;
  return graph.execute('users', {
    query: `mutation ($email: String!, $given: String!) {
      authenticate(email: $email, password: $given) { userId credentialVersion }
    }`,
    variables: { email, given },
    ...(service === '' ? {} : { service }),
  });
};

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
    ['an empty address', '', password],
    ['an address that cannot be stored', 'jane@example.org\0', password],
    ['an address with half a character', 'jane\ud800@example.org', password],
  ])('answers null to %s', async (_what, email, given) => {
    expect(await authenticate(email, given)).toEqual({ data: { authenticate: null } });
  });

  test('tells who is linked to a provider that there is no password', async () => {
    const linked = await account('linked@example.org');
    const { db } = graph.database.forService<'user' | 'oidcLink'>('users');
    await db.user.update({ where: { id: linked }, data: { passwordHash: null } });
    await db.oidcLink.create({ data: { userId: linked, providerId: linked, subjectId: 'subject' } });
    const { data, errors } = await authenticate('linked@example.org', password);
    expect(data).toEqual({ authenticate: null });
    expect(errors?.[0]?.extensions).toEqual({ code: 'DISABLED_FOR_OIDC_USERS', details: { code: 215 } });
  });

  test('answers null while there is no password and no provider any more', async () => {
    const unlinked = await account('unlinked@example.org');
    const { db } = graph.database.forService<'user'>('users');
    await db.user.update({ where: { id: unlinked }, data: { passwordHash: null } });
    expect(await authenticate('unlinked@example.org', password)).toEqual({ data: { authenticate: null } });
  });

  test('compares with a hash of the same cost where there is no account', async () => {
    const cost = (hash: string) => hash.split('$').slice(1, 4);
    expect(cost(nobodysHash)).toEqual(cost(await hashPassword(password)));
  });

  test('keeps no address that nobody has, only a fingerprint that a stranger cannot make', async () => {
    await authenticate('secret-address@example.org', password);
    const { db } = graph.database.forService<'unknownAddress'>('users');
    const rows = await db.unknownAddress.findMany();
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain('example.org');
    for (const { addressHash } of rows) expect(addressHash).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  test('answers the user and the credential version, whatever the case of the address', async () => {
    const { db } = graph.database.forService<'user'>('users');
    await db.user.update({ where: { id: userId }, data: { credentialVersion: 7 } });
    const authentication = { userId, credentialVersion: 7 };
    expect(await authenticate('JANE@Example.org', password)).toEqual({ data: { authenticate: authentication } });
  });
});
