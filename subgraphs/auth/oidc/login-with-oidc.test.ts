// Signing in through a real provider: new and known users, what is refused, and what is kept of each attempt.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { type OidcTestProvider, type Person, startOidcProvider } from '../../../tests/support/oidc-provider.ts';
import { peopleIn } from '../../../tests/support/people.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../../users/index.ts';
import { auth } from '../index.ts';
import { hashToken } from '../tokens.ts';

let graph: TestSubgraphs;
let provider: OidcTestProvider;
let providerId: string;
let offset = 0;
const operator = {
  userId: newId(),
  permissions: ['CREATE_OIDC_PROVIDER', 'UPDATE_OIDC_PROVIDER', 'VIEW_OIDC_PROVIDERS', 'VIEW_OIDC_LOGIN_ATTEMPTS'],
};
const name = 'hospital';

beforeAll(async () => {
  provider = await startOidcProvider();
  graph = await startTestSubgraphs([users, auth], { now: () => Date.now() + offset });
  const { data } = await run(
    'mutation ($input: CreateOidcProviderInput!) { createOidcProvider(input: $input) { provider { id } } }',
    { input: { ...provider.settings, name } },
    operator,
  );
  providerId = data.createOidcProvider.provider.id;
}, 300_000);
afterAll(async () => {
  await graph.close();
  await provider.stop();
});

const run = (query: string, variables: Record<string, unknown> = {}, identity?: object) =>
  graph.execute('auth', { query, variables, ...(identity === undefined ? {} : { identity }) });
const start = (input: object = { providerName: name }) =>
  run(
    'mutation ($input: CreateOidcAuthenticationUrlInput!) { createOidcAuthenticationUrl(input: $input) { authenticationUrl state } }',
    { input },
  );
const login = (input: object) =>
  run(
    'mutation ($input: LoginWithOidcInput!) { loginWithOidc(input: $input) { accessToken refreshToken expiresIn user { id } } }',
    {
      input: { providerName: name, ...input },
    },
  );
async function signInAtProvider(person: Person): Promise<{ authorizationCode: string; state: string }> {
  const { authenticationUrl } = (await start()).data.createOidcAuthenticationUrl;
  const { code, state } = await provider.signIn(authenticationUrl, person);
  return { authorizationCode: code, state };
}
const newPerson = (): Person => {
  const subject = newId();
  return { subject, email: `${subject}@Example.org`, emailVerified: true, firstName: 'Ann', lastName: 'Other' };
};
const lastAttempt = async () =>
  (
    await run(
      `{ oidcLoginAttempts(first: 1) { nodes { status provider { id } providerName providerSubjectId user { id } errorCode errorMessage } } }`,
      {},
      operator,
    )
  ).data.oidcLoginAttempts.nodes[0];
const userRow = (id: string) => graph.database.forService<'user'>('users').db.user.findUnique({ where: { id } });
async function disabled<T>(work: () => Promise<T>): Promise<T> {
  const toggle = (operation: string) =>
    run(
      `mutation ($id: ID!) { ${operation}(input: { providerId: $id }) { provider { id } } }`,
      { id: providerId },
      operator,
    );
  await toggle('disableOidcProvider');
  try {
    return await work();
  } finally {
    await toggle('enableOidcProvider');
  }
}

describe('createOidcAuthenticationUrl', () => {
  test.each([['nobody'], ['a\0b'], [newId()]])('refuses an unknown provider', async (providerName) => {
    const { errors } = await start({ providerName });
    expect(errors?.[0]?.extensions).toEqual({ code: 'NOT_FOUND', details: { field: 'input.providerName', code: 16 } });
  });

  test('refuses a disabled provider', async () => {
    const { errors } = await disabled(() => start());
    expect(errors?.[0]?.extensions).toEqual({ code: 'ILLEGAL_STATE', details: { code: 27 } });
  });

  test.each([['two words'], ['a.b'], [''], ['a'.repeat(501)]])('refuses a bad state', async (state) => {
    const { errors } = await start({ providerName: name, state });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.state' } });
  });

  test('sends users to the provider with nonce, state and PKCE, by name or id', async () => {
    for (const providerName of [name, providerId]) {
      const { authenticationUrl, state } = (await start({ providerName, state: 'mine' })).data
        .createOidcAuthenticationUrl;
      expect(state).toMatch(/^[0-9a-f]{40}\.mine$/);
      const url = new URL(authenticationUrl);
      expect(url.origin + url.pathname).toBe(provider.settings.authorizationEndpoint);
      expect(Object.fromEntries(url.searchParams)).toEqual({
        client_id: 'caregraph',
        response_type: 'code',
        redirect_uri: provider.redirectUri,
        scope: 'openid email profile',
        code_challenge: expect.stringMatching(/^[\w-]{43}$/),
        code_challenge_method: 'S256',
        nonce: expect.stringMatching(/^[0-9a-f]{40}$/),
        state,
      });
    }
  });
});

describe('loginWithOidc', () => {
  test('refuses a disabled provider', async () => {
    const callback = await signInAtProvider(newPerson());
    const { errors } = await disabled(() => login(callback));
    expect(errors?.[0]?.extensions).toEqual({ code: 'ILLEGAL_STATE', details: { code: 27 } });
  });

  test.each([
    ['authorizationCode', ''],
    ['authorizationCode', 'a'.repeat(4_097)],
    ['state', ''],
    ['state', 'a'.repeat(4_097)],
  ])('refuses a bad %s', async (field, value) => {
    const { errors } = await login({ authorizationCode: 'code', state: 'state', [field]: value });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: `input.${field}` } });
  });

  test('refuses a state that was not given out, or for another provider', async () => {
    const { authorizationCode, state } = await signInAtProvider(newPerson());
    const other = `other-${newId().slice(-8)}`;
    await run(
      'mutation ($input: CreateOidcProviderInput!) { createOidcProvider(input: $input) { provider { id } } }',
      {
        input: { ...provider.settings, name: other },
      },
      operator,
    );
    for (const input of [
      { authorizationCode, state: 'f'.repeat(40) },
      { authorizationCode, state, providerName: other },
    ]) {
      const { errors } = await login(input);
      expect(errors?.[0]?.extensions).toEqual({
        code: 'OIDC_NONCE_INVALID',
        details: { field: 'input.state', code: 137 },
      });
    }
    expect((await login({ authorizationCode, state })).errors).toBeUndefined();
  });

  test('keeps no record of what was never begun', async () => {
    const count = async () => (await run('{ oidcLoginAttempts { totalCount } }', {}, operator)).data;
    const before = await count();
    await login({ authorizationCode: 'code', state: 'f'.repeat(40) });
    expect(await count()).toEqual(before);
  });

  test('refuses a sign-in that took more than ten minutes', async () => {
    const callback = await signInAtProvider(newPerson());
    offset = 10 * 60_000;
    try {
      expect((await login(callback)).errors?.[0]?.extensions).toMatchObject({ code: 'OIDC_NONCE_INVALID' });
    } finally {
      offset = 0;
    }
  });

  test('refuses a code that the provider does not know', async () => {
    const { state } = await signInAtProvider(newPerson());
    const { errors } = await login({ authorizationCode: 'made-up', state });
    const details = { field: 'input.authorizationCode', code: 139 };
    expect(errors?.[0]?.extensions).toEqual({ code: 'OIDC_CODE_INVALID', details });
    expect(await lastAttempt()).toMatchObject({
      status: 'FAILED',
      providerName: name,
      errorCode: 'OIDC_CODE_INVALID',
      user: null,
    });
  });

  test('refuses the same answer of the provider a second time, also when both come at once', async () => {
    const callback = await signInAtProvider(newPerson());
    const results = await Promise.all([login(callback), login(callback), login(callback)]);
    expect(results.filter(({ errors }) => errors === undefined)).toHaveLength(1);
    expect((await login(callback)).errors?.[0]?.extensions).toMatchObject({ code: 'OIDC_NONCE_INVALID' });
  });

  test('refuses a code that was given for another sign-in', async () => {
    const [mine, theirs] = [await signInAtProvider(newPerson()), await signInAtProvider(newPerson())];
    const { errors } = await login({ authorizationCode: theirs.authorizationCode, state: mine.state });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'OIDC_CODE_INVALID' });
  });

  test('refuses a new user whose e-mail address belongs to an account', async () => {
    const person = newPerson();
    await peopleIn(graph).user({ email: person.email?.toLowerCase() ?? '' });
    const { errors } = await login(await signInAtProvider(person));
    expect(errors?.[0]?.extensions).toEqual({ code: 'ALREADY_EXISTS', details: { code: 203 } });
    expect(await lastAttempt()).toMatchObject({
      status: 'FAILED',
      providerSubjectId: person.subject,
      errorCode: 'ALREADY_EXISTS',
    });
  });

  test('refuses an application that does not prove to be itself', async () => {
    const { errors } = await login({ ...(await signInAtProvider(newPerson())), clientId: 'f'.repeat(40) });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'CLIENT_UNKNOWN' });
  });

  test('makes an account for a new user, starts a session, and keeps the attempt', async () => {
    const person = newPerson();
    const { data, errors } = await login(await signInAtProvider(person));
    expect(errors).toBeUndefined();
    const { accessToken, user } = data.loginWithOidc;
    expect(await userRow(user.id)).toMatchObject({
      email: person.email?.toLowerCase(),
      firstName: 'Ann',
      lastName: 'Other',
      language: 'EN',
      activation: true,
      passwordHash: null,
    });
    const session = await graph.execute('auth', {
      query: 'query ($tokenHash: String!) { session(tokenHash: $tokenHash) { userId applicationId } }',
      variables: { tokenHash: hashToken(accessToken) },
      service: 'gateway',
    });
    expect(session.data).toEqual({ session: { userId: user.id, applicationId: null } });
    expect(await lastAttempt()).toEqual({
      status: 'SUCCESS',
      provider: { id: providerId },
      providerName: name,
      providerSubjectId: person.subject,
      user: { id: user.id },
      errorCode: null,
      errorMessage: null,
    });
  });

  test('knows a user again by the subject, and copies nothing a second time', async () => {
    const person = newPerson();
    const first = (await login(await signInAtProvider(person))).data.loginWithOidc.user.id;
    const changed = { ...person, email: 'changed@example.org', firstName: 'Changed' };
    const second = (await login(await signInAtProvider(changed))).data.loginWithOidc.user.id;
    expect(second).toBe(first);
    expect(await userRow(first)).toMatchObject({ email: person.email?.toLowerCase(), firstName: 'Ann' });
  });

  test('leaves the account unconfirmed where the provider has not checked the address', async () => {
    const { data } = await login(await signInAtProvider({ ...newPerson(), emailVerified: false }));
    expect(await userRow(data.loginWithOidc.user.id)).toMatchObject({ activation: false });
  });
});

describe('oidcLoginAttempts', () => {
  test('needs VIEW_OIDC_LOGIN_ATTEMPTS', async () => {
    const { errors } = await run(
      '{ oidcLoginAttempts { totalCount } }',
      {},
      { userId: newId(), permissions: ['VIEW_OIDC_PROVIDERS'] },
    );
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('finds those of a user, of a provider and of an outcome', async () => {
    const person = newPerson();
    const userId = (await login(await signInAtProvider(person))).data.loginWithOidc.user.id;
    const query = 'query ($filter: OidcLoginAttemptFilter) { oidcLoginAttempts(filter: $filter) { totalCount } }';
    const count = async (filter: object) => (await run(query, { filter }, operator)).data.oidcLoginAttempts.totalCount;
    expect(await count({ userId: { eq: userId } })).toBe(1);
    expect(await count({ userId: { eq: userId }, status: 'FAILED' })).toBe(0);
    expect(await count({ userId: { eq: userId }, providerId: { eq: newId() } })).toBe(0);
    expect(await count({ providerId: { eq: providerId }, status: 'SUCCESS' })).toBeGreaterThan(0);
  });
});
