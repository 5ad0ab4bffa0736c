// Creating accounts.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { accountsIn } from '../../tests/support/accounts.ts';
import { peopleIn } from '../../tests/support/people.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../tests/support/subgraphs.ts';
import { users } from './index.ts';

let graph: TestSubgraphs;
beforeAll(async () => {
  graph = await startTestSubgraphs([users]);
});
afterAll(() => graph.close());

const query = `mutation ($input: CreateUserInput!) {
  createUser(input: $input) {
    user { id email firstName lastName language phoneNumber timeZone activation roles { id } createdAt }
  }
}`;
const jane = { email: 'Jane.Doe@Example.org', firstName: 'Jane', lastName: 'Doe', password: 'Sunny-Day-1' };
const admin = { userId: '018f0000-0000-7000-8000-000000000001', permissions: ['CREATE_USER'] };

const createUser = (input: object, identity: object | undefined = admin) =>
  graph.execute('users', { query, variables: { input }, identity });

describe('createUser', () => {
  test('needs a signed-in user', async () => {
    const { errors } = await createUser(jane, {});
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('needs CREATE_USER everywhere: in a group it counts for nothing', async () => {
    const groupId = await peopleIn(graph).group();
    const staff = [{ groupId, permissions: ['CREATE_USER'] }];
    const { errors } = await createUser(jane, { userId: admin.userId, staff });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', details: { permission: 'CREATE_USER' } });
  });

  test.each([
    ['email', 'no-address', 'e-mail'],
    ['email', 'a@b', 'e-mail'],
    ['email', 'with space@example.org', 'e-mail'],
    ['email', `${'a'.repeat(250)}@example.org`, '256'],
    ['email', '', '3 characters'],
    ['firstName', ' ', '1 character'],
    ['firstName', 'x'.repeat(101), '100'],
    ['lastName', '', '1 character'],
    ['lastName', 'a\0b', 'stored'],
    ['lastName', '\ud800', 'stored'],
    ['language', 'english', 'two letters'],
    ['language', 'É1', 'two letters'],
    ['phoneNumber', '1'.repeat(51), '50'],
    ['timeZone', 'Europe/Atlantis', 'time zone'],
    ['password', 'Short-1', '8 characters'],
    ['password', `Aa1${'x'.repeat(126)}`, '128'],
    ['password', 'no-capital-1', 'capital'],
    ['password', 'NO-SMALL-1', 'small'],
    ['password', 'No-Digit-At-All', 'digit'],
    ['password', 'White Space 1', 'white space'],
  ])('refuses %s %j, saying why', async (field, value, why) => {
    const { errors } = await createUser({ ...jane, [field]: value });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: `input.${field}` } });
    expect(errors?.[0]?.message).toContain(why);
  });

  test('refuses an address that another account has in other letters, and creates nothing', async () => {
    const email = 'taken@example.org';
    await createUser({ ...jane, email });
    const before = (await graph.readLog()).length;
    const { data, errors } = await createUser({ ...jane, email: 'TAKEN@example.ORG' });
    expect(errors?.[0]?.extensions).toEqual({ code: 'ALREADY_EXISTS', details: { code: 203, field: 'input.email' } });
    expect(data).toBeNull();
    expect(await graph.readLog()).toHaveLength(before);
  });

  test('refuses a pin code while the settings do not allow it', async () => {
    const { errors } = await createUser({ ...jane, activationMode: 'PIN_CODE' });
    expect(errors?.[0]?.extensions).toEqual({
      code: 'PIN_CODES_NOT_ENABLED',
      details: { code: 218, field: 'input.activationMode' },
    });
  });

  test('creates an account in canonical form, without rights, and tells', async () => {
    const { data, errors } = await createUser({ ...jane, language: 'nl', phoneNumber: '+32 2 555 12 12' });
    expect(errors).toBeUndefined();
    const { user } = data.createUser;
    expect(user).toMatchObject({
      email: 'jane.doe@example.org',
      language: 'NL',
      phoneNumber: '+32 2 555 12 12',
      roles: [],
    });
    expect((await graph.readLog()).at(-1)).toMatchObject({ type: 'user_created', content: { userId: user.id } });
    expect(await peopleIn(graph).identityOf(user.id)).toEqual({
      userId: user.id,
      permissions: [],
      staff: [],
      patient: [],
    });
  });

  test('takes English, no telephone number, no time zone and sends no mail unless told', async () => {
    const { data } = await createUser({ ...jane, email: 'second@example.org' });
    expect(data.createUser.user).toMatchObject({
      language: 'EN',
      phoneNumber: null,
      timeZone: null,
      activation: false,
    });
    expect(await graph.jobs.queued()).toEqual([]);
  });

  test('sends the mail that asks to confirm the address when told, in the given time zone and all', async () => {
    const email = 'third@example.org';
    const { data } = await createUser({ ...jane, email, timeZone: 'Europe/Brussels', activationMode: 'HASH' });
    expect(data.createUser.user).toMatchObject({ timeZone: 'Europe/Brussels', activation: false });
    const accounts = accountsIn(graph);
    const hash = await accounts.secret(email);
    expect((await accounts.call('activateUser', { hash })).data).toEqual({ activated: true });
  });
});
