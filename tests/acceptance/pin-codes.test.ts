// Pin codes by mail, to confirm an address and to set a new password: off until allowed, few attempts, good once.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { accountMutations, accountPassword, describeWithMail, refusalOf } from '../support/describe-with-mail.ts';
import type { GraphqlClient } from '../support/graphql-client.ts';
import { signIn } from '../support/graphql-client.ts';

const mode = 'PIN_CODE';
const newPassword = 'New-Horse-3';
/** Eight digits that are not these. */
const otherThan = (pinCode: string) => (pinCode === '00000000' ? '00000001' : '00000000');

describeWithMail('pin codes', (accounts) => {
  const refusal = async (operation: keyof typeof accountMutations, input: object, by?: GraphqlClient) =>
    refusalOf(await (by ?? accounts.anyone).ask(accountMutations[operation], { input }));
  const run = (operation: keyof typeof accountMutations, input: object) =>
    accounts.anyone.run(accountMutations[operation], { input });
  const allow = (verification: object) =>
    accounts.admin.run(accountMutations.updateSettings, { input: { verification } });

  async function waiting(): Promise<{ email: string; userId: string; pinCode: string }> {
    const account = await accounts.register({ activationMode: mode });
    return { ...account, pinCode: await accounts.mailedPinCode(account.email) };
  }
  async function forgetful() {
    const account = await accounts.activated();
    await run('requestReset', { email: account.email, mode });
    return { ...account, pinCode: await accounts.mailedPinCode(account.email) };
  }

  test('are refused until the settings allow them, each flow for itself', async () => {
    const refused = ['PIN_CODES_NOT_ENABLED', 218];
    const { email } = await accounts.register({ activationMode: 'MANUAL' });
    const known = await accounts.activated();
    const stranger = accounts.person(accounts.newAddress(), { activationMode: mode });
    expect(await refusal('register', stranger)).toEqual(refused);
    expect(await refusal('requestActivation', { email, mode })).toEqual(refused);
    expect(await refusal('requestReset', { email: known.email, mode })).toEqual(refused);
    await allow({ enablePinCodeActivationRequests: true });
    await run('requestActivation', { email, mode });
    expect(await refusal('requestReset', { email: known.email, mode })).toEqual(refused);
    expect(await run('activate', { email, pinCode: await accounts.mailedPinCode(email) })).toEqual({
      activateUser: { activated: true },
    });
  });

  describe('once allowed', () => {
    beforeAll(async () => {
      await allow({ enablePinCodeActivationRequests: true, enablePinCodeForgotPasswordRequests: true });
    });

    test('are given with the address, and are eight digits', async () => {
      for (const [operation, more] of [
        ['activate', {}],
        ['reset', { newPassword }],
      ] as const) {
        for (const [field, proof] of [
          ['input.hash', {}],
          ['input.email', { pinCode: '12345678' }],
          ['input.pinCode', { email: 'ann@example.org' }],
          ['input.pinCode', { email: 'ann@example.org', pinCode: '1234567' }],
          ['input.pinCode', { hash: 'f'.repeat(40), pinCode: '12345678' }],
        ] as const) {
          const { errors } = await accounts.anyone.ask(accountMutations[operation], { input: { ...proof, ...more } });
          expect([operation, errors?.[0]?.extensions]).toMatchObject([operation, { details: { field, code: 15 } }]);
        }
      }
    });

    test('are not sent to an unknown address, and none fits one', async () => {
      const email = accounts.newAddress();
      const pinCode = '12345678';
      expect(await refusal('requestActivation', { email, mode })).toEqual(['EMAIL_UNKNOWN', 202]);
      expect(await refusal('requestReset', { email, mode })).toEqual(['EMAIL_UNKNOWN', 202]);
      expect(await refusal('activate', { email, pinCode })).toEqual(['ACTIVATION_UNKNOWN', 205]);
      expect(await refusal('reset', { email, pinCode, newPassword })).toEqual(['NEW_PASSWORD_PIN_CODE_UNKNOWN', 219]);
    });

    test('are not sent again within five minutes, in either mode', async () => {
      const [{ email }, { email: known }] = [await waiting(), await forgetful()];
      for (const again of ['PIN_CODE', 'HASH']) {
        expect(await refusal('requestActivation', { email, mode: again })).toEqual(['REQUEST_TOO_SOON', 223]);
        expect(await refusal('requestReset', { email: known, mode: again })).toEqual(['REQUEST_TOO_SOON', 221]);
      }
    });

    test('confirm an address once, after a wrong one and one of somebody else', async () => {
      const { email, userId, pinCode } = await waiting();
      const other = await waiting();
      const unconfirmed = await signIn(accounts.shape.url, email, accountPassword);
      const incorrect = ['INCORRECT_PIN_CODE', 224];
      expect(await refusal('activate', { email, pinCode: otherThan(pinCode) })).toEqual(incorrect);
      expect(await refusal('activate', { email, pinCode: other.pinCode })).toEqual(incorrect);
      expect(await refusal('reset', { email, pinCode, newPassword })).toEqual(['NEW_PASSWORD_PIN_CODE_UNKNOWN', 219]);
      expect((await unconfirmed.run('{ me { activation } }')).me.activation).toBe(false);
      await run('activate', { email: email.toUpperCase(), pinCode });
      expect((await unconfirmed.run('{ me { id activation } }')).me).toEqual({ id: userId, activation: true });
      expect(await refusal('activate', { email, pinCode })).toEqual(['ACTIVATION_UNKNOWN', 205]);
      expect(await refusal('requestActivation', { email, mode })).toEqual(['ALREADY_ACTIVATED', 206]);
      expect(await run('activate', { email: other.email, pinCode: other.pinCode })).toEqual({
        activateUser: { activated: true },
      });
    });

    test('are void after three wrong ones, until an administrator lets the user ask anew', async () => {
      const { email, userId, pinCode } = await waiting();
      for (let attempt = 1; attempt <= 3; attempt += 1) {
        expect(await refusal('activate', { email, pinCode: otherThan(pinCode) })).toEqual(['INCORRECT_PIN_CODE', 224]);
      }
      const tooMany = ['TOO_MANY_FAILED_ATTEMPTS', 213];
      expect(await refusal('activate', { email, pinCode: otherThan(pinCode) })).toEqual(tooMany);
      expect(await refusal('activate', { email, pinCode })).toEqual(tooMany);
      const { nodes } = (
        await accounts.admin.run(
          `query ($userId: ID) {
            activationRequests(filter: { userId: { eq: $userId } }) { nodes { id mode failedAttempts } }
          }`,
          { userId },
        )
      ).activationRequests;
      expect(nodes).toMatchObject([{ mode, failedAttempts: 3 }]);
      await accounts.admin.run(
        'mutation ($input: DeleteVerificationRequestInput!) { deleteActivationRequest(input: $input) { id } }',
        { input: { id: nodes[0].id } },
      );
      await run('requestActivation', { email, mode });
      await run('activate', { email, pinCode: await accounts.mailedPinCode(email) });
    });

    test('set a new password once and end the sessions, after a wrong one and one of somebody else', async () => {
      const { email, userId, client, pinCode } = await forgetful();
      const other = await forgetful();
      const wrong = { email, pinCode: otherThan(pinCode), newPassword };
      expect(await refusal('reset', wrong)).toEqual(['INCORRECT_PIN_CODE', 224]);
      expect(await refusal('reset', { ...wrong, pinCode: other.pinCode })).toEqual(['INCORRECT_PIN_CODE', 224]);
      expect(await refusal('activate', { email, pinCode })).toEqual(['ACTIVATION_UNKNOWN', 205]);
      const weak = await accounts.anyone.ask(accountMutations.reset, {
        input: { email, pinCode, newPassword: 'weak' },
      });
      expect(weak.errors?.[0]?.extensions).toMatchObject({ details: { field: 'input.newPassword', code: 15 } });
      expect((await client.run('{ me { id } }')).me.id).toBe(userId);

      expect(await run('reset', { email, pinCode, newPassword })).toEqual({ resetPassword: { reset: true } });
      expect((await refusalOf(await client.ask('{ me { id } }')))[0]).toBe('UNAUTHENTICATED');
      expect(await refusal('reset', { email, pinCode, newPassword })).toEqual(['NEW_PASSWORD_PIN_CODE_UNKNOWN', 219]);
      expect((await signIn(accounts.shape.url, email, newPassword)).userId).toBe(userId);
      expect((await signIn(accounts.shape.url, other.email, accountPassword)).userId).toBe(other.userId);
    });

    test('set no password after three wrong ones', async () => {
      const { email, userId, pinCode } = await forgetful();
      const wrong = { email, pinCode: otherThan(pinCode), newPassword };
      for (let attempt = 1; attempt <= 3; attempt += 1) {
        expect(await refusal('reset', wrong)).toEqual(['INCORRECT_PIN_CODE', 224]);
      }
      for (const input of [wrong, { email, pinCode, newPassword }]) {
        expect(await refusal('reset', input)).toEqual(['TOO_MANY_FAILED_ATTEMPTS', 213]);
      }
      expect((await signIn(accounts.shape.url, email, accountPassword)).userId).toBe(userId);
    });
  });

  test('a password is confirmed only when it is right', async () => {
    const { client } = await accounts.activated();
    const password = accountPassword;
    expect((await refusal('confirmPassword', { password }))[0]).toBe('UNAUTHENTICATED');
    expect((await client.run(accountMutations.confirmPassword, { input: { password } })).confirmPassword).toEqual({
      confirmed: true,
    });
    await accounts.clock.whileStanding(async () => {
      const wrong = await refusal('confirmPassword', { password: 'Wrong-Horse-1' }, client);
      expect(wrong).toEqual(['INVALID_CREDENTIALS', 106]);
      expect(await refusal('confirmPassword', { password }, client)).toEqual(['LOGIN_TIMEOUT', 211]);
    });
  });

  test('leave nothing in the logs', () => {
    const pinCodes = accounts.smtp.mails().flatMap(({ text }) => text.match(/(?<!\d)\d{8}(?!\d)/g) ?? []);
    expect(pinCodes.length).toBeGreaterThan(0);
    expect(pinCodes.filter((pinCode) => accounts.shape.output().includes(pinCode))).toEqual([]);
    expect(accounts.shape.output()).not.toMatch(/Horse|person-\d+@/);
  });
});
