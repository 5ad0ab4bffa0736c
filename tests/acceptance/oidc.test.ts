// Signing in through a provider of OpenID Connect, as an application does it, on every shape.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { GraphqlClient } from '../support/graphql-client.ts';
import { createGraphqlClient, signIn } from '../support/graphql-client.ts';
import { type OidcTestProvider, type Person, startOidcProvider } from '../support/oidc-provider.ts';
import type { Shape } from '../support/shapes.ts';
import { describeOnEachShape } from '../support/shapes.ts';

const password = 'Correct-Horse-2';
const operations = {
  start:
    'mutation ($input: CreateOidcAuthenticationUrlInput!) { createOidcAuthenticationUrl(input: $input) { authenticationUrl state } }',
  login: 'mutation ($input: LoginWithOidcInput!) { loginWithOidc(input: $input) { accessToken user { id email } } }',
  link: 'mutation ($input: LinkOidcInput!) { linkOidc(input: $input) { linked } }',
  presence: 'mutation ($input: ConfirmPresenceInput!) { confirmPresence(input: $input) { presenceToken } }',
  register: 'mutation ($input: RegisterUserInput!) { registerUser(input: $input) { user { id } } }',
} as const;

describeOnEachShape('sign-in through a provider', (start) => {
  let provider: OidcTestProvider;
  let shape: Shape;
  let admin: GraphqlClient;
  let anyone: GraphqlClient;
  beforeAll(async () => {
    provider = await startOidcProvider();
    shape = await start();
    admin = await signIn(shape.url, shape.admin.email, shape.admin.password);
    anyone = createGraphqlClient(shape.url);
    await admin.run(
      'mutation ($input: CreateOidcProviderInput!) { createOidcProvider(input: $input) { provider { id } } }',
      {
        input: { ...provider.settings, name: 'hospital' },
      },
    );
  }, 300_000);
  afterAll(async () => {
    await shape?.close();
    await provider?.stop();
  }, 300_000);

  async function callback(person: Person): Promise<object> {
    const { createOidcAuthenticationUrl } = await anyone.run(operations.start, { input: { providerName: 'hospital' } });
    const { code, state } = await provider.signIn(createOidcAuthenticationUrl.authenticationUrl, person);
    return { providerName: 'hospital', authorizationCode: code, state };
  }
  const person = (subject: string): Person => ({
    subject,
    email: `${subject}@hospital.example`,
    emailVerified: true,
    firstName: 'Nora',
    lastName: 'Nurse',
  });

  test('somebody new gets an account, and is the same the next time', async () => {
    const { loginWithOidc: first } = await anyone.run(operations.login, { input: await callback(person('nora')) });
    expect(first.user.email).toBe('nora@hospital.example');
    const client = createGraphqlClient(shape.url, first.accessToken, first.user.id);
    const { me } = await client.run('{ me { firstName activation oidcLinks { subjectId provider { name } } } }');
    expect(me).toEqual({ firstName: 'Nora', activation: true, oidcLinks: [{ subjectId: 'nora', provider: null }] });
    const again = await anyone.run(operations.login, { input: await callback(person('nora')) });
    expect(again.loginWithOidc.user.id).toBe(first.user.id);
    const { user } = await admin.run('query ($id: ID!) { user(id: $id) { oidcLinks { provider { name } } } }', {
      id: first.user.id,
    });
    expect(user.oidcLinks).toEqual([{ provider: { name: 'hospital' } }]);
    const attempts = await admin.run('{ oidcLoginAttempts(first: 1) { nodes { status user { firstName } } } }');
    expect(attempts.oidcLoginAttempts.nodes).toEqual([{ status: 'SUCCESS', user: { firstName: 'Nora' } }]);
  });

  test('what the provider sent back is good once', async () => {
    const input = await callback(person('once'));
    await anyone.run(operations.login, { input });
    const { errors } = await anyone.ask(operations.login, { input });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'OIDC_NONCE_INVALID', details: { code: 137 } });
  });

  test('an account with a password is linked by its owner, who signs in by the provider from then on', async () => {
    const email = 'linked@hospital.example';
    const account = { email, firstName: 'Lin', lastName: 'Ked', password, phoneNumber: '1', activationMode: 'MANUAL' };
    await anyone.run(operations.register, { input: account });
    const refused = await anyone.ask(operations.login, { input: await callback(person('linked')) });
    expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'ALREADY_EXISTS', details: { code: 203 } });
    const client = await signIn(shape.url, email, password);
    const { confirmPresence } = await client.run(operations.presence, { input: { password } });
    const input = { ...(await callback(person('linked'))), presenceToken: confirmPresence.presenceToken };
    expect(await client.run(operations.link, { input })).toEqual({ linkOidc: { linked: true } });
    expect((await client.ask('{ me { id } }')).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    await expect(signIn(shape.url, email, password)).rejects.toThrow();
    const { loginWithOidc } = await anyone.run(operations.login, { input: await callback(person('linked')) });
    expect(loginWithOidc.user).toEqual({ id: client.userId, email });
  });
});
