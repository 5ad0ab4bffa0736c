// Providers of OpenID Connect as operators manage them, and what becomes of the users who sign in through one: linked,
// with an application, and unlinked again.
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { createGraphqlClient, type GraphqlAnswer, type GraphqlClient, signIn } from '../support/graphql-client.ts';
import { registerApplication } from '../support/oauth2-applications.ts';
import { type OidcTestProvider, startOidcProvider } from '../support/oidc-provider.ts';
import { describeOnEachShape, type Shape } from '../support/shapes.ts';
import { type ReceivedMail, type SmtpServer, startSmtp } from '../support/smtp.ts';

jest.setTimeout(300_000);

const password = 'Correct-Horse-2';
const provider = '{ provider { id name description clientSecretHint enabled } }';
const operations = {
  create: `mutation ($input: CreateOidcProviderInput!) { createOidcProvider(input: $input) ${provider} }`,
  update: `mutation ($input: UpdateOidcProviderInput!) { updateOidcProvider(input: $input) ${provider} }`,
  enable: `mutation ($input: EnableOidcProviderInput!) { enableOidcProvider(input: $input) ${provider} }`,
  disable: `mutation ($input: DisableOidcProviderInput!) { disableOidcProvider(input: $input) ${provider} }`,
  delete: 'mutation ($input: DeleteOidcProviderInput!) { deleteOidcProvider(input: $input) { providerId } }',
  find: 'query ($id: ID!) { oidcProvider(id: $id) { name description enabled } }',
  start: `mutation ($input: CreateOidcAuthenticationUrlInput!) {
    createOidcAuthenticationUrl(input: $input) { authenticationUrl state }
  }`,
  login: `mutation ($input: LoginWithOidcInput!) {
    loginWithOidc(input: $input) { accessToken refreshToken user { id } }
  }`,
  link: 'mutation ($input: LinkOidcInput!) { linkOidc(input: $input) { linked } }',
  unlink: 'mutation ($input: UnlinkOidcInput!) { unlinkOidc(input: $input) { unlinked } }',
  presence: 'mutation ($input: ConfirmPresenceInput!) { confirmPresence(input: $input) { presenceToken } }',
  register: 'mutation ($input: RegisterUserInput!) { registerUser(input: $input) { user { id } } }',
  activate: 'mutation ($input: ActivateUserInput!) { activateUser(input: $input) { activated } }',
  refresh: 'mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { accessToken } }',
  requestReset: 'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { expiresAt } }',
  reset: 'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { reset } }',
} as const;

interface Account {
  readonly userId: string;
  readonly email: string;
  readonly client: GraphqlClient;
}

/** What a provider sent back, and for which of those that this platform knows. */
interface Callback {
  readonly providerName: string;
  readonly authorizationCode: string;
  readonly state: string;
}

const hashIn = ({ text }: ReceivedMail) => /\b[0-9a-f]{40}\b/.exec(text)?.[0] ?? '';
const extensionsOf = (answer: GraphqlAnswer) => answer.errors?.[0]?.extensions;

describeOnEachShape('providers of OpenID Connect', (start) => {
  let smtp: SmtpServer;
  let site: OidcTestProvider;
  let shape: Shape;
  let admin: GraphqlClient;
  let anyone: GraphqlClient;
  let made = 0;

  beforeAll(async () => {
    [smtp, site] = await Promise.all([startSmtp(), startOidcProvider()]);
    shape = await start({ SMTP_URL: smtp.url });
    admin = await signIn(shape.url, shape.admin.email, shape.admin.password);
    anyone = createGraphqlClient(shape.url);
  }, 300_000);
  afterAll(async () => {
    await shape?.close();
    await site?.stop();
    await smtp?.stop();
  }, 300_000);

  const newName = () => `hospital-${++made}`;
  async function newProvider(): Promise<{ id: string; name: string }> {
    const { createOidcProvider } = await admin.run(operations.create, { input: { ...site.settings, name: newName() } });
    return createOidcProvider.provider;
  }
  /** With its address confirmed. */
  async function newAccount(): Promise<Account> {
    const email = `person-${++made}@example.org`;
    const person = { email, firstName: 'Lin', lastName: 'Ked', password, phoneNumber: '1' };
    const { registerUser } = await anyone.run(operations.register, { input: person });
    await anyone.run(operations.activate, { input: { hash: hashIn(await smtp.waitForMail(email)) } });
    return { userId: registerUser.user.id, email, client: await signIn(shape.url, email, password) };
  }
  const presenceOf = async ({ client }: Account): Promise<string> =>
    (await client.run(operations.presence, { input: { password } })).confirmPresence.presenceToken;
  async function callback(providerName: string, subject: string, email?: string): Promise<Callback> {
    const { createOidcAuthenticationUrl: started } = await anyone.run(operations.start, { input: { providerName } });
    const person = { subject, email: email ?? `${subject}@hospital.example`, emailVerified: true, firstName: 'Nora' };
    const { code, state } = await site.signIn(started.authenticationUrl, { ...person, lastName: 'Nurse' });
    return { providerName, authorizationCode: code, state };
  }
  /** The account of somebody who signs in by the provider from now on, with a subject of the same name. */
  async function linkedAccount(providerName: string): Promise<Account & { subject: string }> {
    const account = await newAccount();
    const subject = `subject-${++made}`;
    const input = { ...(await callback(providerName, subject)), presenceToken: await presenceOf(account) };
    await account.client.run(operations.link, { input });
    return { ...account, subject };
  }
  async function unlink({ userId }: Account) {
    return (await admin.run(operations.unlink, { input: { userId } })).unlinkOidc;
  }

  test.each([
    ['create', 'CREATE_OIDC_PROVIDER', {}],
    ['update', 'UPDATE_OIDC_PROVIDER', { description: 'Mine now' }],
    ['enable', 'UPDATE_OIDC_PROVIDER', {}],
    ['disable', 'UPDATE_OIDC_PROVIDER', {}],
    ['delete', 'DELETE_OIDC_PROVIDER', {}],
  ] as const)('cannot be changed without the permission: %s', async (operation, permission, more) => {
    const [{ id }, { client }] = [await newProvider(), await newAccount()];
    const input = operation === 'create' ? { ...site.settings, name: newName() } : { providerId: id, ...more };
    const answer = await client.ask(operations[operation], { input });
    expect(extensionsOf(answer)).toMatchObject({ code: 'FORBIDDEN', details: { permission } });
    expect(extensionsOf(await client.ask(operations.find, { id }))).toMatchObject({ code: 'FORBIDDEN' });
    expect((await admin.run(operations.find, { id })).oidcProvider).toMatchObject({
      description: site.settings.description,
      enabled: true,
    });
  });

  test('are added, changed, disabled, enabled and deleted, and never show their secret', async () => {
    const { id, name } = await newProvider();
    const twice = await admin.ask(operations.create, { input: { ...site.settings, name } });
    expect(extensionsOf(twice)).toEqual({ code: 'ALREADY_EXISTS', details: { field: 'input.name', code: 17 } });
    const change = { providerId: id, name: newName(), description: 'Another', clientSecret: 'another secret 1234' };
    const { updateOidcProvider } = await admin.run(operations.update, { input: change });
    const shown = { id, name: change.name, description: 'Another', clientSecretHint: '1234', enabled: true };
    expect(updateOidcProvider.provider).toEqual(shown);
    const input = { providerId: id };
    const whileEnabled = await admin.ask(operations.delete, { input });
    expect(extensionsOf(whileEnabled)).toEqual({ code: 'ILLEGAL_STATE', details: { code: 27 } });
    const disabled = await admin.run(operations.disable, { input });
    expect(disabled.disableOidcProvider.provider).toEqual({ ...shown, enabled: false });
    const refused = await anyone.ask(operations.start, { input: { providerName: change.name } });
    expect(extensionsOf(refused)).toEqual({ code: 'ILLEGAL_STATE', details: { code: 27 } });
    expect((await admin.run(operations.enable, { input })).enableOidcProvider.provider).toEqual(shown);
    expect((await anyone.ask(operations.start, { input: { providerName: change.name } })).errors).toBeUndefined();
    await admin.run(operations.disable, { input });
    expect(await admin.run(operations.delete, { input })).toEqual({ deleteOidcProvider: { providerId: id } });
    expect(await admin.run(operations.find, { id })).toEqual({ oidcProvider: null });
    const gone = await admin.ask(operations.enable, { input });
    expect(extensionsOf(gone)).toEqual({ code: 'NOT_FOUND', details: { field: 'input.providerId', code: 16 } });
  });

  test('are not deleted while a user is linked to them', async () => {
    const { id, name } = await newProvider();
    const account = await linkedAccount(name);
    const input = { providerId: id };
    await admin.run(operations.disable, { input });
    expect(extensionsOf(await admin.ask(operations.delete, { input }))).toEqual({
      code: 'ILLEGAL_STATE',
      details: { code: 27 },
    });
    expect(await unlink(account)).toEqual({ unlinked: true });
    expect(await admin.run(operations.delete, { input })).toEqual({ deleteOidcProvider: { providerId: id } });
  });

  test('sign nobody in with a code that they did not give for this sign-in', async () => {
    const { name } = await newProvider();
    const [mine, yours] = [await callback(name, 'mine'), await callback(name, 'yours')];
    const wrong = { code: 'OIDC_CODE_INVALID', details: { field: 'input.authorizationCode', code: 139 } };
    const invented = { ...mine, authorizationCode: 'f'.repeat(40) };
    expect(extensionsOf(await anyone.ask(operations.login, { input: invented }))).toEqual(wrong);
    // A code that was cut out of somebody else's sign-in: the code challenge of that one is not answered.
    const mixed = { ...yours, authorizationCode: mine.authorizationCode };
    expect(extensionsOf(await anyone.ask(operations.login, { input: mixed }))).toEqual(wrong);
    const attempts = await admin.run(
      '{ oidcLoginAttempts(filter: { status: FAILED }, first: 2) { nodes { errorCode user { id } } } }',
    );
    const failed = { errorCode: 'OIDC_CODE_INVALID', user: null };
    expect(attempts.oidcLoginAttempts.nodes).toEqual([failed, failed]);
  });

  test('are linked only by who has just entered the password, to a subject that is nobody else’s', async () => {
    const { name } = await newProvider();
    const [other, me] = [await linkedAccount(name), await newAccount()];
    const theirs = await presenceOf(await newAccount());
    for (const presenceToken of ['f'.repeat(40), theirs]) {
      const input = { ...(await callback(name, 'new-here')), presenceToken };
      expect(extensionsOf(await me.client.ask(operations.link, { input }))).toEqual({
        code: 'INVALID_PRESENCE_TOKEN',
        details: { code: 132 },
      });
    }
    const input = { ...(await callback(name, other.subject)), presenceToken: await presenceOf(me) };
    expect(extensionsOf(await me.client.ask(operations.link, { input }))).toEqual({
      code: 'ALREADY_EXISTS',
      details: { code: 17 },
    });
    // None of it took the password away.
    expect((await signIn(shape.url, me.email, password)).userId).toBe(me.userId);
  });

  test('leave a linked user without a password: there is none to reset', async () => {
    const { email } = await linkedAccount((await newProvider()).name);
    const before = smtp.mails().length;
    const answer = await anyone.ask(operations.requestReset, { input: { email } });
    expect(extensionsOf(answer)).toEqual({ code: 'DISABLED_FOR_OIDC_USERS', details: { code: 215 } });
    expect(smtp.mails().slice(before)).toEqual([]);
  });

  const refresh = (clientId: string, clientSecret: string | undefined, refreshToken: string) =>
    fetch(`${shape.url}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        client_id: clientId,
        ...(clientSecret === undefined ? {} : { client_secret: clientSecret }),
      }),
    });

  test.each([false, true])(
    'sign in for an application, which refreshes its tokens (confidential: %s)',
    async (confidential) => {
      const { name } = await newProvider();
      const redirectUris = ['http://localhost:9/callback'];
      const { clientId, clientSecret } = await registerApplication(admin, { confidential, redirectUris });
      const secrets = clientSecret === undefined ? {} : { clientSecret };
      const subject = `subject-${++made}`;
      for (const forged of [
        { clientId: 'f'.repeat(40) },
        ...(confidential ? [{ clientId, clientSecret: 'no' }] : []),
      ]) {
        const input = { ...(await callback(name, subject)), ...forged };
        expect(extensionsOf(await anyone.ask(operations.login, { input }))).toMatchObject({ code: 'CLIENT_UNKNOWN' });
      }
      const input = { ...(await callback(name, subject)), clientId, ...secrets };
      const { loginWithOidc } = await anyone.run(operations.login, { input });
      const query = '{ me { id } sessions { nodes { kind current application { name } } } }';
      const nodes = [{ kind: 'OIDC', current: true, application: { name: 'Recovery at home' } }];
      const seen = { me: { id: loginWithOidc.user.id }, sessions: { nodes } };
      expect(await createGraphqlClient(shape.url, loginWithOidc.accessToken).run(query)).toEqual(seen);
      // Tokens of an application are the application's: not to be refreshed over the API, as tokens of a sign-in are.
      const { refreshToken } = loginWithOidc;
      const stranger = await registerApplication(admin, { confidential, redirectUris });
      expect((await refresh(stranger.clientId, stranger.clientSecret, refreshToken)).status).toBe(400);
      const asApi = await anyone.ask(operations.refresh, { input: { refreshToken } });
      expect(extensionsOf(asApi)).toMatchObject({ code: 'REFRESH_TOKEN_INVALID', details: { code: 119 } });
      const answer = await refresh(clientId, clientSecret, refreshToken);
      expect(answer.status).toBe(200);
      const tokens = (await answer.json()) as { access_token: string; user_id: string };
      expect(tokens.user_id).toBe(loginWithOidc.user.id);
      expect(await createGraphqlClient(shape.url, tokens.access_token).run(query)).toEqual(seen);
    },
  );

  test('are not unlinked without the permission', async () => {
    const { name } = await newProvider();
    const { userId, subject } = await linkedAccount(name);
    const { client } = await newAccount();
    const own = await anyone.run(operations.login, { input: await callback(name, subject) });
    const themselves = createGraphqlClient(shape.url, own.loginWithOidc.accessToken);
    for (const caller of [client, themselves]) {
      expect(extensionsOf(await caller.ask(operations.unlink, { input: { userId } }))).toMatchObject({
        code: 'FORBIDDEN',
        details: { permission: 'UNLINK_USER_FROM_OIDC' },
      });
    }
    expect(await themselves.run('{ me { id } }')).toEqual({ me: { id: userId } });
  });

  test('are unlinked: the tokens are dead at once, and a mail lets the user set a password', async () => {
    const { name } = await newProvider();
    const account = await linkedAccount(name);
    const { email, userId, subject } = account;
    const { loginWithOidc } = await anyone.run(operations.login, { input: await callback(name, subject, email) });
    const client = createGraphqlClient(shape.url, loginWithOidc.accessToken);
    expect(await client.run('{ me { id } }')).toEqual({ me: { id: userId } });
    expect(await unlink(account)).toEqual({ unlinked: true });

    const dead = await client.ask('{ me { id } }');
    expect([dead.status, extensionsOf(dead)]).toEqual([401, { code: 'UNAUTHENTICATED', details: { code: 117 } }]);
    const { refreshToken } = loginWithOidc;
    const refreshed = await anyone.ask(operations.refresh, { input: { refreshToken } });
    expect(extensionsOf(refreshed)).toMatchObject({ code: 'REFRESH_TOKEN_INVALID', details: { code: 119 } });
    const stranger = await anyone.ask(operations.login, { input: await callback(name, subject, email) });
    expect(extensionsOf(stranger)).toEqual({ code: 'ALREADY_EXISTS', details: { code: 203 } });
    await expect(signIn(shape.url, email, password)).rejects.toThrow();

    const hash = hashIn(await smtp.waitForMail(email));
    const newPassword = 'Correct-Horse-3';
    expect(await anyone.run(operations.reset, { input: { hash, newPassword } })).toEqual({
      resetPassword: { reset: true },
    });
    // A sign-in that has just failed holds up the next for a second.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const again = await signIn(shape.url, email, newPassword);
    expect(await again.run('{ me { id oidcLinks { subjectId } } }')).toEqual({ me: { id: userId, oidcLinks: [] } });
    expect(await unlink(account)).toEqual({ unlinked: false });
  });
});
