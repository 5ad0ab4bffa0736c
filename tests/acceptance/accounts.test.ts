// An account from registration to deletion, as its owner and the operators live it: with real mail, on every shape.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { GraphqlClient } from '../support/graphql-client.ts';
import { createGraphqlClient, signIn } from '../support/graphql-client.ts';
import { createProgramClock, type ProgramClock } from '../support/program-clock.ts';
import type { Shape } from '../support/shapes.ts';
import { describeOnEachShape } from '../support/shapes.ts';
import type { SmtpServer } from '../support/smtp.ts';
import { startSmtp } from '../support/smtp.ts';

const password = 'Correct-Horse-2';
const operations = {
  register:
    'mutation ($input: RegisterUserInput!) { registerUser(input: $input) { user { id email activation roles { id } } } }',
  available: 'query ($email: String!) { emailAvailable(email: $email) }',
  requestActivation: 'mutation ($input: RequestActivationInput!) { requestActivation(input: $input) { expiresAt } }',
  activate: 'mutation ($input: ActivateUserInput!) { activateUser(input: $input) { activated } }',
  requestReset: 'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { expiresAt } }',
  reset: 'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { reset } }',
  updateEmail: 'mutation ($input: UpdateEmailInput!) { updateEmail(input: $input) { user { email activation } } }',
  changePassword: 'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { user { id } } }',
  confirmPassword: 'mutation ($input: ConfirmPasswordInput!) { confirmPassword(input: $input) { confirmed } }',
  updateUser:
    'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { firstName timeZone phoneNumber } } }',
  deleteUser: 'mutation ($input: DeleteUserInput!) { deleteUser(input: $input) { userId } }',
  settings:
    'mutation ($input: UpdateUserSettingsInput!) { updateUserSettings(input: $input) { settings { passwordPolicy { minimumLength } } } }',
  login: 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }',
  revoke: 'mutation ($input: RevokeSessionInput!) { revokeSession(input: $input) { sessionId } }',
} as const;
const me = '{ me { id email activation } }';
const codeOf = (answer: { errors?: readonly { extensions: { code: string } }[] }) =>
  answer.errors?.[0]?.extensions.code;

describeOnEachShape('an account', (start) => {
  let smtp: SmtpServer;
  let clock: ProgramClock;
  let shape: Shape;
  let admin: GraphqlClient;
  let anyone: GraphqlClient;
  let made = 0;

  beforeAll(async () => {
    smtp = await startSmtp();
    clock = createProgramClock();
    const mail = { SMTP_URL: smtp.url, MAIL_FROM: 'Clinic <no-reply@clinic.example>' };
    shape = await start({ ...clock.environment, ...mail });
    admin = await signIn(shape.url, shape.admin.email, shape.admin.password);
    anyone = createGraphqlClient(shape.url);
  }, 300_000);
  afterAll(async () => {
    await shape?.close();
    clock?.remove();
    await smtp?.stop();
  }, 300_000);

  const newAddress = () => `person-${++made}@example.org`;
  const account = (email: string, more: object = {}) => ({
    email,
    firstName: 'Ann',
    lastName: 'Other',
    password,
    phoneNumber: '+32 2 000 00 00',
    ...more,
  });
  async function register(more: object = {}): Promise<{ email: string; userId: string }> {
    const email = newAddress();
    const { registerUser } = await anyone.run(operations.register, { input: account(email, more) });
    return { email, userId: registerUser.user.id };
  }
  const hashIn = (text: string) => /\b[0-9a-f]{40}\b/.exec(text)?.[0] ?? '';
  async function activated(): Promise<{ email: string; userId: string; client: GraphqlClient }> {
    const { email, userId } = await register();
    const hash = hashIn((await smtp.waitForMail(email)).text);
    await anyone.run(operations.activate, { input: { hash } });
    return { email, userId, client: await signIn(shape.url, email, password) };
  }

  test('cannot be registered with what is not valid, or with the address of somebody else', async () => {
    const email = newAddress();
    for (const [field, value] of [
      ['email', 'no address'],
      ['firstName', ''],
      ['password', 'short'],
      ['password', 'has white Space 1'],
      ['phoneNumber', ''],
      ['language', 'Dutch'],
      ['timeZone', 'Mars/Olympus'],
    ]) {
      const answer = await anyone.ask(operations.register, { input: account(email, { [field as string]: value }) });
      expect([field, answer.errors?.[0]?.extensions]).toMatchObject([field, { details: { field: `input.${field}` } }]);
    }
    expect(await anyone.run(operations.available, { email })).toEqual({ emailAvailable: true });
    const known = await register();
    const twice = await anyone.ask(operations.register, { input: account(known.email.toUpperCase()) });
    expect(twice.errors?.[0]?.extensions).toMatchObject({ code: 'ALREADY_EXISTS', details: { code: 203 } });
    expect(await anyone.run(operations.available, { email: known.email })).toEqual({ emailAvailable: false });
  });

  test('starts without rights, gets a mail in its language, and is confirmed by it once', async () => {
    const { email, userId } = await register({ language: 'nl', timeZone: 'Europe/Brussels' });
    const mail = await smtp.waitForMail(email);
    expect(mail.text).toContain('Ann');
    expect(mail.html).toContain('lang="nl"');
    const client = await signIn(shape.url, email, password);
    expect(await client.run(me)).toEqual({ me: { id: userId, email, activation: false } });
    expect((await client.run('{ users { totalCount } }')).users.totalCount).toBe(1);
    const hash = hashIn(mail.text);
    expect(codeOf(await anyone.ask(operations.activate, { input: { hash: 'f'.repeat(40) } }))).toBe(
      'ACTIVATION_UNKNOWN',
    );
    expect(await anyone.run(operations.activate, { input: { hash } })).toEqual({ activateUser: { activated: true } });
    expect((await client.run(me)).me.activation).toBe(true);
    expect(codeOf(await anyone.ask(operations.activate, { input: { hash } }))).toBe('ACTIVATION_UNKNOWN');
    expect(codeOf(await anyone.ask(operations.requestActivation, { input: { email } }))).toBe('ALREADY_ACTIVATED');
  });

  test('gets no second mail within five minutes, and none at an unknown address', async () => {
    const { email } = await register();
    const soon = await anyone.ask(operations.requestActivation, { input: { email } });
    expect(soon.errors?.[0]?.extensions).toMatchObject({ code: 'REQUEST_TOO_SOON', details: { code: 223 } });
    expect(codeOf(await anyone.ask(operations.requestActivation, { input: { email: newAddress() } }))).toBe(
      'EMAIL_UNKNOWN',
    );
  });

  test('a mail that the server refuses for now arrives later', async () => {
    smtp.fail(1, 451);
    const { email } = await register();
    expect(hashIn((await smtp.waitForMail(email, undefined, 40_000)).text)).not.toBe('');
  }, 300_000);

  test('a wrong password is refused like an unknown address, and the next try has to wait', async () => {
    const { email } = await register();
    await clock.whileStanding(async () => {
      const wrong = await anyone.ask(operations.login, { input: { email, password: 'Wrong-Horse-1' } });
      const unknown = newAddress();
      const nobody = await anyone.ask(operations.login, { input: { email: unknown, password } });
      expect(wrong).toEqual(nobody);
      expect(codeOf(wrong)).toBe('INVALID_CREDENTIALS');
      expect(codeOf(await anyone.ask(operations.login, { input: { email, password } }))).toBe('LOGIN_TIMEOUT');
      expect(codeOf(await anyone.ask(operations.login, { input: { email: unknown, password } }))).toBe('LOGIN_TIMEOUT');
      await clock.move(1_000);
      expect((await signIn(shape.url, email, password)).token).toBeDefined();
    });
  });

  test('a new password by mail ends all sessions at once, on open sockets too', async () => {
    const { email, client } = await activated();
    const socket = client.subscribe('subscription { documentChanged { position } }');
    await pause(500);
    await anyone.run(operations.requestReset, { input: { email } });
    const mail = await smtp.waitForMail(email, ({ subject }) => /password/i.test(subject));
    const newPassword = 'New-Horse-3';
    const hash = hashIn(mail.text);
    const weak = await anyone.ask(operations.reset, { input: { hash, newPassword: 'weak' } });
    expect(weak.errors?.[0]?.extensions).toMatchObject({ details: { field: 'input.newPassword', code: 15 } });
    expect(await anyone.run(operations.reset, { input: { hash, newPassword } })).toEqual({
      resetPassword: { reset: true },
    });
    expect(codeOf(await client.ask(me))).toBe('UNAUTHENTICATED');
    expect(codeOf(await anyone.ask(operations.login, { input: { email, password } }))).toBe('INVALID_CREDENTIALS');
    const again = await anyone.ask(operations.reset, { input: { hash, newPassword } });
    expect(codeOf(again)).toBe('NEW_PASSWORD_HASH_UNKNOWN');
    await clock.move(1_000);
    expect((await signIn(shape.url, email, newPassword)).token).toBeDefined();
    await socket.waitUntilEnded();
    expect(socket.failure[0].extensions.code).toBe('UNAUTHENTICATED');
  });

  test('no new password by mail for an address that was not confirmed', async () => {
    const { email } = await register();
    expect(codeOf(await anyone.ask(operations.requestReset, { input: { email } }))).toBe('NOT_ACTIVATED');
  });

  test('pin codes work once the settings allow them', async () => {
    const email = newAddress();
    const refused = await anyone.ask(operations.register, { input: account(email, { activationMode: 'PIN_CODE' }) });
    expect(codeOf(refused)).toBe('PIN_CODES_NOT_ENABLED');
    const { client } = await activated();
    const allow = { input: { verification: { enablePinCodeActivationRequests: true } } };
    expect(codeOf(await client.ask(operations.settings, allow))).toBe('FORBIDDEN');
    await admin.run(operations.settings, allow);
    await anyone.run(operations.register, { input: account(email, { activationMode: 'PIN_CODE' }) });
    const pinCode = /\b\d{8}\b/.exec((await smtp.waitForMail(email)).text)?.[0] ?? '';
    const wrong = pinCode === '00000000' ? '00000001' : '00000000';
    expect(codeOf(await anyone.ask(operations.activate, { input: { email, pinCode: wrong } }))).toBe(
      'INCORRECT_PIN_CODE',
    );
    expect((await anyone.run(operations.activate, { input: { email, pinCode } })).activateUser.activated).toBe(true);
  });

  test('a changed address has to be confirmed again', async () => {
    const { userId, client } = await activated();
    const email = newAddress();
    const taken = (await register()).email;
    expect(codeOf(await client.ask(operations.updateEmail, { input: { userId, email: taken } }))).toBe(
      'ALREADY_EXISTS',
    );
    const other = await register();
    expect(codeOf(await client.ask(operations.updateEmail, { input: { userId: other.userId, email } }))).toBe(
      'NOT_FOUND',
    );
    const { updateEmail } = await client.run(operations.updateEmail, { input: { userId, email } });
    expect(updateEmail.user).toEqual({ email, activation: false });
    await anyone.run(operations.activate, { input: { hash: hashIn((await smtp.waitForMail(email)).text) } });
    expect((await client.run(me)).me).toMatchObject({ email, activation: true });
  });

  test('its owner changes name and password; others do not', async () => {
    const { email, userId, client } = await activated();
    const { client: other } = await activated();
    const change = { input: { userId, firstName: 'Anna', timeZone: 'Europe/Paris', phoneNumber: null } };
    expect(codeOf(await other.ask(operations.updateUser, change))).toBe('NOT_FOUND');
    expect((await client.run(operations.updateUser, change)).updateUser.user).toEqual({
      firstName: 'Anna',
      timeZone: 'Europe/Paris',
      phoneNumber: null,
    });
    const newPassword = 'Another-Horse-4';
    const wrong = await client.ask(operations.changePassword, { input: { oldPassword: 'Wrong-1-pass', newPassword } });
    expect(wrong.errors?.[0]?.extensions).toMatchObject({ code: 'OLD_PASSWORD_WRONG', details: { code: 208 } });
    await clock.move(1_000);
    await client.run(operations.changePassword, { input: { oldPassword: password, newPassword } });
    expect(
      (await client.run(operations.confirmPassword, { input: { password: newPassword } })).confirmPassword,
    ).toEqual({
      confirmed: true,
    });
    expect((await signIn(shape.url, email, newPassword)).userId).toBe(userId);
  });

  test('lists its sessions and ends one, at once', async () => {
    const { email, client } = await activated();
    const second = await signIn(shape.url, email, password);
    const { sessions } = await client.run('{ sessions { totalCount nodes { id current kind } } }');
    expect(sessions.totalCount).toBe(2);
    const other = sessions.nodes.find(({ current }: { current: boolean }) => !current);
    const { client: stranger } = await activated();
    expect(codeOf(await stranger.ask(operations.revoke, { input: { sessionId: other.id } }))).toBe('NOT_FOUND');
    await client.run(operations.revoke, { input: { sessionId: other.id } });
    expect(codeOf(await second.ask(me))).toBe('UNAUTHENTICATED');
    expect((await client.run(me)).me.email).toBe(email);
  });

  test('is deleted by its owner, not by others, and every token of it is refused at once', async () => {
    const { email, userId, client } = await activated();
    const { client: other } = await activated();
    const second = await signIn(shape.url, email, password);
    expect(codeOf(await other.ask(operations.deleteUser, { input: { userId } }))).toBe('NOT_FOUND');
    expect(await client.run(operations.deleteUser, { input: { userId } })).toEqual({ deleteUser: { userId } });
    for (const one of [client, second]) expect(codeOf(await one.ask(me))).toBe('UNAUTHENTICATED');
    expect(codeOf(await anyone.ask(operations.login, { input: { email, password } }))).toBe('INVALID_CREDENTIALS');
    expect((await admin.run('query ($id: ID!) { user(id: $id) { id } }', { id: userId })).user).toBeNull();
    expect(await anyone.run(operations.available, { email })).toEqual({ emailAvailable: true });
  });

  test('leaves nothing of passwords, hashes or addresses in the logs', () => {
    expect(shape.output()).not.toMatch(/Horse|person-\d+@|\b[0-9a-f]{40}\b/);
  });
});
