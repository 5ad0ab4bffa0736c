// Linking an account to a provider, which takes its password away, and undoing that.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../../platform/ids.ts';
import { type OidcTestProvider, startOidcProvider } from '../../../tests/support/oidc-provider.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../../users/index.ts';
import { auth } from '../index.ts';

let graph: TestSubgraphs;
let provider: OidcTestProvider;
const name = 'hospital';
const password = 'Correct-Horse-2';
const operator = {
  userId: newId(),
  permissions: ['CREATE_OIDC_PROVIDER', 'UNLINK_USER_FROM_OIDC', 'VIEW_OIDC_PROVIDERS'],
};

beforeAll(async () => {
  provider = await startOidcProvider();
  graph = await startTestSubgraphs([users, auth]);
  const query = 'mutation ($input: CreateOidcProviderInput!) { createOidcProvider(input: $input) { provider { id } } }';
  await run(query, { input: { ...provider.settings, name } }, operator.userId, operator);
}, 300_000);
afterAll(async () => {
  await graph.close();
  await provider.stop();
});

const run = (query: string, variables: Record<string, unknown>, userId?: string, identity: object = { userId }) =>
  graph.execute('auth', { query, variables, ...(userId === undefined ? {} : { identity }) });
const link = (userId: string, input: object) =>
  run(
    'mutation ($input: LinkOidcInput!) { linkOidc(input: $input) { linked } }',
    { input: { providerName: name, ...input } },
    userId,
  );
const unlink = (userId: string, identity: object = operator) =>
  run(
    'mutation ($userId: ID!) { unlinkOidc(input: { userId: $userId }) { unlinked } }',
    { userId },
    operator.userId,
    identity,
  );
const login = (email: string) =>
  run('mutation ($input: LoginInput!) { login(input: $input) { accessToken user { id } } }', {
    input: { email, password },
  });

async function newUser(): Promise<{ userId: string; email: string }> {
  const email = `${newId()}@example.org`;
  const input = { email, firstName: 'Ann', lastName: 'Other', password, phoneNumber: '1', activationMode: 'MANUAL' };
  const query = 'mutation ($input: RegisterUserInput!) { registerUser(input: $input) { user { id } } }';
  const { data } = await graph.execute('users', { query, variables: { input } });
  return { userId: data.registerUser.user.id, email };
}
async function presenceOf(userId: string): Promise<string> {
  const query = 'mutation ($password: String!) { confirmPresence(input: { password: $password }) { presenceToken } }';
  return (await run(query, { password }, userId)).data.confirmPresence.presenceToken;
}
async function signInAtProvider(subject = newId()): Promise<{ authorizationCode: string; state: string }> {
  const query = 'mutation { createOidcAuthenticationUrl(input: { providerName: "hospital" }) { authenticationUrl } }';
  const { authenticationUrl } = (await run(query, {})).data.createOidcAuthenticationUrl;
  const { code, state } = await provider.signIn(authenticationUrl, { subject, email: `${subject}@hospital.example` });
  return { authorizationCode: code, state };
}
const linked = async () => {
  const user = await newUser();
  const subject = newId();
  const presenceToken = await presenceOf(user.userId);
  await link(user.userId, { ...(await signInAtProvider(subject)), presenceToken });
  return { ...user, subject };
};
const credentialVersion = async (userId: string) =>
  (await graph.database.forService<'user'>('users').db.user.findUnique({ where: { id: userId } }))?.credentialVersion;

describe('linkOidc', () => {
  test('needs a presence token of one’s own', async () => {
    const [me, other] = [await newUser(), await newUser()];
    for (const presenceToken of ['f'.repeat(40), await presenceOf(other.userId)]) {
      const { errors } = await link(me.userId, { ...(await signInAtProvider()), presenceToken });
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_PRESENCE_TOKEN', details: { code: 132 } });
    }
  });

  test('refuses what the provider did not send, and leaves the password', async () => {
    const { userId, email } = await newUser();
    const presenceToken = await presenceOf(userId);
    const { errors } = await link(userId, { authorizationCode: 'x', state: 'f'.repeat(40), presenceToken });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'OIDC_NONCE_INVALID' });
    expect((await login(email)).errors).toBeUndefined();
  });

  test('refuses a subject that somebody else is linked to', async () => {
    const { subject } = await linked();
    const { userId } = await newUser();
    const presenceToken = await presenceOf(userId);
    const { errors } = await link(userId, { ...(await signInAtProvider(subject)), presenceToken });
    expect(errors?.[0]?.extensions).toEqual({ code: 'ALREADY_EXISTS', details: { code: 17 } });
  });

  test('takes the password away, ends every session, and the user signs in by the provider', async () => {
    const { userId, email } = await newUser();
    const before = await credentialVersion(userId);
    const presenceToken = await presenceOf(userId);
    const subject = newId();
    const { data } = await link(userId, { ...(await signInAtProvider(subject)), presenceToken });
    expect(data).toEqual({ linkOidc: { linked: true } });
    expect(await credentialVersion(userId)).toBe((before ?? 0) + 1);
    expect((await login(email)).errors).toHaveLength(1);
    const query = 'mutation ($input: LoginWithOidcInput!) { loginWithOidc(input: $input) { user { id } } }';
    const input = { providerName: name, ...(await signInAtProvider(subject)) };
    expect((await run(query, { input })).data).toEqual({ loginWithOidc: { user: { id: userId } } });
  });

  test('is refused a second time', async () => {
    const { userId } = await newUser();
    const presenceToken = await presenceOf(userId);
    await link(userId, { ...(await signInAtProvider()), presenceToken });
    const { errors } = await link(userId, { ...(await signInAtProvider()), presenceToken });
    expect(errors).toHaveLength(1);
  });
});

describe('unlinkOidc', () => {
  test('needs UNLINK_USER_FROM_OIDC', async () => {
    const { userId } = await linked();
    const { errors } = await unlink(userId, { userId, permissions: ['UPDATE_OIDC_PROVIDER'] });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('refuses an unknown user', async () => {
    const { errors } = await unlink(newId());
    expect(errors?.[0]?.extensions).toEqual({ code: 'NOT_FOUND', details: { field: 'input.userId', code: 16 } });
  });

  test('touches nothing of a user without a link', async () => {
    const { userId, email } = await newUser();
    const before = await credentialVersion(userId);
    expect((await unlink(userId)).data).toEqual({ unlinkOidc: { unlinked: false } });
    expect(await credentialVersion(userId)).toBe(before);
    expect((await login(email)).errors).toBeUndefined();
  });

  test('undoes the link, and the subject is a stranger again', async () => {
    const { userId } = await linked();
    const before = await credentialVersion(userId);
    expect((await unlink(userId)).data).toEqual({ unlinkOidc: { unlinked: true } });
    expect(await credentialVersion(userId)).toBe((before ?? 0) + 1);
    const { db } = graph.database.forService<'oidcLink' | 'verificationRequest'>('users');
    expect(await db.oidcLink.count({ where: { userId } })).toBe(0);
    expect(await db.verificationRequest.count({ where: { userId, purpose: 'password_reset' } })).toBe(1);
  });
});
