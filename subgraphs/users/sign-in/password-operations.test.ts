// What users do with their own password, and what lets them in again after too many failures.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type People, peopleIn } from '../../../tests/support/people.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../index.ts';
import { hashPassword } from './passwords.ts';

let graph: TestSubgraphs;
let people: People;
const now = Date.parse('2026-06-01T10:00:00Z');
let passwordHash: string;
const password = 'Sunny-Day-1';
const newPassword = 'Other-Day-2';

beforeAll(async () => {
  graph = await startTestSubgraphs([users], { now: () => now });
  people = peopleIn(graph);
  passwordHash = await hashPassword(password);
});
afterAll(() => graph.close());

const table = () => graph.database.forService<'user' | 'oidcLink' | 'unknownAddress'>('users').db;

async function account(columns: { failedCount?: number; lastFailedAt?: Date } = {}): Promise<string> {
  const id = await people.user();
  await table().user.update({ where: { id }, data: { passwordHash, ...columns } });
  return id;
}

async function linkedAccount(): Promise<string> {
  const id = await account();
  await table().user.update({ where: { id }, data: { passwordHash: null } });
  await table().oidcLink.create({ data: { userId: id, providerId: id, subjectId: 'subject' } });
  return id;
}

const row = (id: string) => table().user.findUniqueOrThrow({ where: { id } });
const eventsAfter = async (work: () => Promise<unknown>) => {
  const position = (await graph.readLog()).at(-1)?.position ?? 0n;
  await work();
  return (await graph.readLog(position)).map(({ type, content }) => ({ type, content }));
};

const change = (userId: string | undefined, input: object) =>
  graph.execute('users', {
    query: 'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { user { id } } }',
    variables: { input },
    ...(userId === undefined ? {} : { identity: { userId } }),
  });
const confirm = (userId: string | undefined, given: string) =>
  graph.execute('users', {
    query: 'mutation ($input: ConfirmPasswordInput!) { confirmPassword(input: $input) { confirmed } }',
    variables: { input: { password: given } },
    ...(userId === undefined ? {} : { identity: { userId } }),
  });
const verify = (userId: string, given: string, service?: string) =>
  graph.execute('users', {
    query: `mutation ($userId: ID!, $given: String!) {
      verifyPassword(userId: $userId, password: $given) { userId credentialVersion }
    }`,
    variables: { userId, given },
    ...(service === undefined ? {} : { service }),
  });

describe('changePassword', () => {
  test('needs a signed-in user', async () => {
    const { errors } = await change(undefined, { oldPassword: password, newPassword });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test.each([
    ['oldPassword', { oldPassword: '', newPassword }],
    ['oldPassword', { oldPassword: 'x'.repeat(1_001), newPassword }],
    ['newPassword', { oldPassword: password, newPassword: 'too-simple' }],
    ['newPassword', { oldPassword: password, newPassword: 'White Space 1' }],
  ])('refuses a bad %s, and counts nothing', async (field, input) => {
    const id = await account();
    const { errors } = await change(id, input);
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { code: 15, field: `input.${field}` },
    });
    expect(await row(id)).toMatchObject({ failedCount: 0, passwordHash });
  });

  test('tells a user of a provider that there is none, however often', async () => {
    const id = await linkedAccount();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const { errors } = await change(id, { oldPassword: password, newPassword });
      expect(errors?.[0]?.extensions).toEqual({ code: 'DISABLED_FOR_OIDC_USERS', details: { code: 215 } });
    }
    expect(await row(id)).toMatchObject({ failedCount: 0, passwordHash: null });
  });

  test('counts a wrong old password like a failed sign-in', async () => {
    const id = await account();
    const events = await eventsAfter(async () => {
      const { errors } = await change(id, { oldPassword: 'Rainy-Day-1', newPassword });
      expect(errors?.[0]?.extensions).toEqual({
        code: 'OLD_PASSWORD_WRONG',
        details: { code: 208, field: 'input.oldPassword' },
      });
    });
    expect(events).toEqual([]);
    const { errors } = await change(id, { oldPassword: password, newPassword });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'LOGIN_TIMEOUT', details: { code: 211 } });
    expect(await row(id)).toMatchObject({ failedCount: 1, lastFailedAt: new Date(now), passwordHash });
  });

  test('changes it, clears the count, and leaves sessions alone', async () => {
    const id = await account({ failedCount: 3, lastFailedAt: new Date(now - 1_000) });
    const versions = () => graph.database.accessVersions([id]);
    const before = { version: await versions(), row: await row(id) };
    const events = await eventsAfter(async () => {
      expect(await change(id, { oldPassword: password, newPassword })).toEqual({
        data: { changePassword: { user: { id } } },
      });
    });
    expect(events).toEqual([{ type: 'password_update_completed', content: { userId: id } }]);
    expect(await versions()).toEqual(before.version);
    expect(await row(id)).toMatchObject({ failedCount: 0, credentialVersion: before.row.credentialVersion });
    expect((await confirm(id, newPassword)).data).toEqual({ confirmPassword: { confirmed: true } });
    expect((await confirm(id, password)).errors?.[0]?.extensions.code).toBe('INVALID_CREDENTIALS');
  });

  test('takes the password that there is', async () => {
    const id = await account();
    expect((await change(id, { oldPassword: password, newPassword: password })).errors).toBeUndefined();
    expect((await row(id)).passwordHash).not.toBe(passwordHash);
  });
});

describe('confirmPassword', () => {
  test('needs a signed-in user and a password of sane length', async () => {
    expect((await confirm(undefined, password)).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    const id = await account();
    for (const given of ['', 'x'.repeat(1_001), 'a\0b']) {
      const details = { code: 15, field: 'input.password' };
      expect((await confirm(id, given)).errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', details });
    }
  });

  test('tells a user of a provider that there is none', async () => {
    const { errors } = await confirm(await linkedAccount(), password);
    expect(errors?.[0]?.extensions).toEqual({ code: 'DISABLED_FOR_OIDC_USERS', details: { code: 215 } });
  });

  test.each([
    [5, 0, 'LOGIN_TIMEOUT', 211],
    [10, 59_999, 'LOGIN_FREEZE', 212],
    [50, 3_600_000, 'TOO_MANY_FAILED_ATTEMPTS', 213],
  ])('after %i failures and %i ms answers %s', async (failedCount, since, code, number) => {
    const id = await account({ failedCount, lastFailedAt: new Date(now - since) });
    const { errors } = await confirm(id, password);
    expect(errors?.[0]?.extensions).toMatchObject({ code, details: { code: number } });
    expect(await row(id)).toMatchObject({ failedCount });
  });

  test('refuses a wrong one, and counts it', async () => {
    const id = await account();
    const { data, errors } = await confirm(id, 'Rainy-Day-1');
    expect(data).toBeNull();
    expect(errors?.[0]?.extensions).toEqual({
      code: 'INVALID_CREDENTIALS',
      details: { code: 106, field: 'input.password' },
    });
    expect(await row(id)).toMatchObject({ failedCount: 1, lastFailedAt: new Date(now) });
  });

  test('confirms the right one, and clears the count', async () => {
    const id = await account({ failedCount: 12, lastFailedAt: new Date(now - 1_000) });
    expect(await confirm(id, password)).toEqual({ data: { confirmPassword: { confirmed: true } } });
    expect(await row(id)).toMatchObject({ failedCount: 0 });
  });
});

describe('verifyPassword', () => {
  test('is for services only', async () => {
    expect((await verify(await account(), password)).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  test('answers null where there is no such user, and for a wrong password, which it counts', async () => {
    const id = await account();
    const nobody = '018f0000-0000-7000-8000-00000000dead';
    expect(await verify(nobody, password, 'auth')).toEqual({ data: { verifyPassword: null } });
    expect(await verify(id, 'Rainy-Day-1', 'auth')).toEqual({ data: { verifyPassword: null } });
    expect((await verify(id, password, 'auth')).errors?.[0]?.extensions.code).toBe('LOGIN_TIMEOUT');
    expect(await row(id)).toMatchObject({ failedCount: 1 });
  });

  test('refuses what is no id, and a user of a provider', async () => {
    expect((await verify('no-id', password, 'auth')).errors?.[0]?.extensions).toMatchObject({ details: { code: 12 } });
    const { errors } = await verify(await linkedAccount(), password, 'auth');
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'DISABLED_FOR_OIDC_USERS' });
  });

  test('answers the user and the credential version', async () => {
    const id = await account();
    await table().user.update({ where: { id }, data: { credentialVersion: 4 } });
    expect(await verify(id, password, 'auth')).toEqual({
      data: { verifyPassword: { userId: id, credentialVersion: 4 } },
    });
  });
});

describe('resetFailedLoginAttempts', () => {
  const reset = (userId: string, permissions?: string[]) =>
    graph.execute('users', {
      query:
        'mutation ($input: ResetFailedLoginAttemptsInput!) { resetFailedLoginAttempts(input: $input) { user { id } } }',
      variables: { input: { userId } },
      ...(permissions === undefined
        ? {}
        : { identity: { userId: '018f0000-0000-7000-8000-000000000001', permissions } }),
    });
  const allowed = ['RESET_FAILED_LOGIN_ATTEMPTS'];

  test('needs the permission', async () => {
    const id = await account({ failedCount: 50 });
    expect((await reset(id)).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    expect((await reset(id, ['VIEW_USER', 'UPDATE_USER'])).errors?.[0]?.extensions).toEqual({
      code: 'FORBIDDEN',
      details: { code: 10, permission: 'RESET_FAILED_LOGIN_ATTEMPTS' },
    });
    expect(await row(id)).toMatchObject({ failedCount: 50 });
  });

  test('refuses what is no user', async () => {
    const details = { field: 'input.userId' };
    expect((await reset('no-id', allowed)).errors?.[0]?.extensions).toMatchObject({
      details: { ...details, code: 12 },
    });
    expect((await reset('018f0000-0000-7000-8000-00000000dead', allowed)).errors?.[0]?.extensions).toEqual({
      code: 'NOT_FOUND',
      details: { ...details, code: 16 },
    });
  });

  test('tells nobody where nothing had failed', async () => {
    const id = await account();
    expect(await eventsAfter(() => reset(id, allowed))).toEqual([]);
  });

  test('lets a blocked user in again, and tells; the user is shown to who may see them', async () => {
    const id = await account({ failedCount: 50, lastFailedAt: new Date(now - 1_000) });
    expect((await confirm(id, password)).errors?.[0]?.extensions.code).toBe('TOO_MANY_FAILED_ATTEMPTS');
    const events = await eventsAfter(async () => {
      expect(await reset(id, allowed)).toEqual({ data: { resetFailedLoginAttempts: { user: null } } });
    });
    expect(events).toEqual([{ type: 'user_failed_login_attempts_reset', content: { userId: id } }]);
    expect((await confirm(id, password)).errors).toBeUndefined();
    const seen = await reset(id, [...allowed, 'VIEW_USER']);
    expect(seen).toEqual({ data: { resetFailedLoginAttempts: { user: { id } } } });
  });
});

describe('addresses that nobody has', () => {
  test('are forgotten when nobody has tried them for 30 days', async () => {
    const day = 24 * 3_600_000;
    const tried = (addressHash: string, days: number) =>
      table().unknownAddress.create({
        data: { addressHash, failedCount: 1, lastFailedAt: new Date(now - days * day) },
      });
    await tried('a', 29.9);
    await tried('b', 30.1);
    await tried('c', 300);
    await graph.jobs.run('users', 'sweepUnknownAddresses');
    const left = await table().unknownAddress.findMany({ where: { addressHash: { in: ['a', 'b', 'c'] } } });
    expect(left.map(({ addressHash }) => addressHash)).toEqual(['a']);
  });
});
