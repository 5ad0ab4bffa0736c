import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../index.ts';
import { defaultSettings } from './user-settings.ts';

let graph: TestSubgraphs;

beforeAll(async () => {
  graph = await startTestSubgraphs([users]);
});
afterAll(() => graph.close());

const table = () => graph.database.forService<'userSettings'>('users').db;
beforeEach(async () => {
  await table().userSettings.deleteMany();
});

const userId = '018f0000-0000-7000-8000-000000000001';
const allUpdates = [
  'UPDATE_PASSWORD_POLICY',
  'UPDATE_USER_VERIFICATION_SETTINGS',
  'UPDATE_USER_SERVICE_EMAIL_TEMPLATES',
];
const allViews = ['VIEW_USER_VERIFICATION_SETTINGS', 'VIEW_USER_SERVICE_EMAIL_TEMPLATES'];
const all = [...allUpdates, ...allViews];

const fields = `
  passwordPolicy {
    minimumLength maximumLength upperCaseRequired lowerCaseRequired numberRequired symbolRequired
  }
  verification {
    enablePinCodeActivationRequests enablePinCodeForgotPasswordRequests
    limitHashActivationRequests limitHashForgotPasswordRequests
  }
  mail { activationUrl passwordResetUrl disabled templates { kind language subject text } }`;

const update = (input: object, permissions: readonly string[] | null = all) =>
  graph.execute('users', {
    query: `mutation ($input: UpdateUserSettingsInput!) { updateUserSettings(input: $input) { settings { ${fields} } } }`,
    variables: { input },
    ...(permissions === null ? {} : { identity: { userId, permissions: [...permissions] } }),
  });
const read = (permissions: readonly string[] | null = all) =>
  graph.execute('users', {
    query: `{ userSettings { ${fields} } }`,
    ...(permissions === null ? {} : { identity: { userId, permissions: [...permissions] } }),
  });
const settings = async () => (await read()).data.userSettings;
const events = async () => (await graph.readLog()).filter(({ type }) => type === 'user_settings_updated');

describe('userSettings', () => {
  test('shows anybody the password policy, and refuses the rest', async () => {
    const { data, errors } = await read(null);
    expect(data.userSettings).toEqual({
      passwordPolicy: defaultSettings.passwordPolicy,
      verification: null,
      mail: null,
    });
    expect(errors?.map(({ path, extensions }) => [path?.join('.'), extensions.code])).toEqual([
      ['userSettings.verification', 'UNAUTHENTICATED'],
      ['userSettings.mail', 'UNAUTHENTICATED'],
    ]);
  });

  test.each([
    ['verification', 'VIEW_USER_VERIFICATION_SETTINGS', 'VIEW_USER_SERVICE_EMAIL_TEMPLATES'],
    ['mail', 'VIEW_USER_SERVICE_EMAIL_TEMPLATES', 'VIEW_USER_VERIFICATION_SETTINGS'],
  ])('shows %s with %s alone', async (part, permission, other) => {
    const { errors } = await read([other]);
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', details: { permission } });
    expect(errors?.[0]?.path).toEqual(['userSettings', part]);
  });

  test('are the defaults unless told', async () => {
    expect(await settings()).toEqual(defaultSettings);
  });
});

describe('updateUserSettings', () => {
  test.each([
    ['passwordPolicy', { passwordPolicy: { symbolRequired: true } }, 'UPDATE_PASSWORD_POLICY'],
    ['verification', { verification: { limitHashActivationRequests: false } }, 'UPDATE_USER_VERIFICATION_SETTINGS'],
    ['mail', { mail: { disabled: ['ACTIVATION'] } }, 'UPDATE_USER_SERVICE_EMAIL_TEMPLATES'],
  ])('refuses %s without its permission, and then changes nothing else', async (_part, input, permission) => {
    const before = await settings();
    const others = [...allViews, ...allUpdates.filter((name) => name !== permission)];
    const everything = {
      passwordPolicy: { numberRequired: false },
      verification: { enablePinCodeActivationRequests: true },
      mail: { disabled: ['OIDC_UNLINK'] },
      ...input,
    };
    for (const asked of [input, everything]) {
      const { errors } = await update(asked, others);
      expect(errors?.[0]?.extensions).toEqual({ code: 'FORBIDDEN', details: { code: 10, permission } });
    }
    expect((await update(input, null)).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    expect(await settings()).toEqual(before);
    expect((await update(input, [permission, ...allViews])).errors).toBeUndefined();
  });

  test('shows who may change a part only what they may see', async () => {
    const { data, errors } = await update({ mail: { disabled: ['ACTIVATION'] } }, [
      'UPDATE_USER_SERVICE_EMAIL_TEMPLATES',
    ]);
    expect(data.updateUserSettings.settings).toMatchObject({ verification: null, mail: null });
    expect(errors).toHaveLength(2);
    expect((await settings()).mail.disabled).toEqual(['ACTIVATION']);
  });

  test.each([
    ['minimumLength', { minimumLength: 2 }],
    ['minimumLength', { minimumLength: 129 }],
    ['maximumLength', { maximumLength: 2 }],
    ['maximumLength', { maximumLength: 1_001 }],
    ['minimumLength', { minimumLength: 20, maximumLength: 19 }],
    ['maximumLength', { maximumLength: 7 }],
  ])('refuses a %s that cannot be: %j', async (name, passwordPolicy) => {
    const verification = { enablePinCodeActivationRequests: true };
    const { errors } = await update({ passwordPolicy, verification });
    const field = `input.passwordPolicy.${name}`;
    expect(errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', details: { code: 15, field } });
    expect(await settings()).toEqual(defaultSettings);
  });

  test('compares the lengths as they are after the change, not as they are given', async () => {
    await update({ passwordPolicy: { minimumLength: 20 } });
    expect((await update({ passwordPolicy: { maximumLength: 19 } })).errors?.[0]?.extensions.code).toBe(
      'BAD_USER_INPUT',
    );
    expect((await update({ passwordPolicy: { minimumLength: 3, maximumLength: 3 } })).errors).toBeUndefined();
  });

  test('without any change changes nothing and tells nobody', async () => {
    const before = (await events()).length;
    expect((await update({})).data.updateUserSettings.settings).toEqual(defaultSettings);
    expect((await update({ mail: null })).errors).toBeUndefined();
    expect(await events()).toHaveLength(before);
    expect(await table().userSettings.findMany()).toEqual([]);
  });

  test('loses nothing of two changes at once', async () => {
    const changes = [
      { passwordPolicy: { minimumLength: 12 } },
      { passwordPolicy: { symbolRequired: true } },
      { verification: { enablePinCodeActivationRequests: true } },
      { mail: { activationUrl: 'https://app.example.org/#/activate/{hash}' } },
    ];
    for (const { errors } of await Promise.all(changes.map((input) => update(input)))) expect(errors).toBeUndefined();
    expect(await settings()).toMatchObject({
      passwordPolicy: { minimumLength: 12, symbolRequired: true },
      verification: { enablePinCodeActivationRequests: true },
      mail: { activationUrl: 'https://app.example.org/#/activate/{hash}' },
    });
  });

  test('keeps what is left out or null, and stores only what differs from the defaults', async () => {
    await update({ passwordPolicy: { minimumLength: 10, symbolRequired: true }, mail: { disabled: ['OIDC_UNLINK'] } });
    const { data } = await update({
      passwordPolicy: { minimumLength: null, symbolRequired: false },
      mail: { disabled: null, templates: null, passwordResetUrl: 'https://app.example.org/reset?hash={hash}' },
    });
    expect(data.updateUserSettings.settings).toEqual(await settings());
    expect(await settings()).toEqual({
      ...defaultSettings,
      passwordPolicy: { ...defaultSettings.passwordPolicy, minimumLength: 10 },
      mail: {
        ...defaultSettings.mail,
        disabled: ['OIDC_UNLINK'],
        passwordResetUrl: 'https://app.example.org/reset?hash={hash}',
      },
    });
    expect((await table().userSettings.findMany()).map((row) => row.settings)).toEqual([
      {
        passwordPolicy: { minimumLength: 10 },
        verification: {},
        mail: { disabled: ['OIDC_UNLINK'], passwordResetUrl: 'https://app.example.org/reset?hash={hash}' },
      },
    ]);
    await update({ mail: { passwordResetUrl: null, disabled: [] } });
    expect((await settings()).mail).toEqual(defaultSettings.mail);
  });

  test('tells which parts changed, and nothing of what is in them', async () => {
    await update({ passwordPolicy: { minimumLength: 10 }, mail: { disabled: ['ACTIVATION'] } });
    expect((await events()).at(-1)?.content).toEqual({ parts: ['passwordPolicy', 'mail'] });
  });

  test('holds for the next new password', async () => {
    const create = (password: string) =>
      graph.execute('users', {
        query: 'mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }',
        variables: { input: { email: `${password}@example.org`, firstName: 'Jane', lastName: 'Doe', password } },
        identity: { userId, permissions: ['CREATE_USER'] },
      });
    await update({ passwordPolicy: { minimumLength: 12 } });
    expect((await create('Sunny-Day-1')).errors?.[0]?.extensions).toMatchObject({ details: { rule: 'minimumLength' } });
    await update({ passwordPolicy: { minimumLength: 3, upperCaseRequired: false, numberRequired: false } });
    expect((await create('abc')).errors).toBeUndefined();
  });
});

describe('stored settings that nobody could have set', () => {
  test('are a masked error, not a weaker policy', async () => {
    await table().userSettings.create({ data: { id: 1, settings: { passwordPolicy: { minimumLength: 'none' } } } });
    expect((await read()).errors?.[0]?.extensions.code).toBe('INTERNAL_SERVER_ERROR');
  });
});
