// What time does to accounts: what mails hold until the last millisecond, when the next mail may be asked for, and how
// long a failed sign-in keeps everybody waiting. The programs' clock is moved, so that nothing depends on the machine.
import { beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import {
  type Account,
  accountMutations,
  accountPassword,
  describeWithMail,
  refusalOf,
} from '../support/describe-with-mail.ts';
import { signIn } from '../support/graphql-client.ts';

jest.setTimeout(300_000);

const minute = 60_000;
const newPassword = 'New-Horse-3';

describeWithMail('time and accounts', (accounts) => {
  const ask = (operation: keyof typeof accountMutations, input: object) =>
    accounts.anyone.ask(accountMutations[operation], { input });
  const refusal = async (operation: keyof typeof accountMutations, input: object) =>
    refusalOf(await ask(operation, input));
  /** Signed in anew: time passes here, and sessions with it. */
  const newAdmin = () => signIn(accounts.shape.url, accounts.shape.admin.email, accounts.shape.admin.password);
  const unconfirmed = () => accounts.register({ activationMode: 'MANUAL' });
  beforeAll(async () => {
    const verification = { enablePinCodeActivationRequests: true, enablePinCodeForgotPasswordRequests: true };
    await accounts.admin.run(accountMutations.updateSettings, { input: { verification } });
  });
  // Mails need time that goes on.
  beforeEach(() => accounts.clock.start());

  const flows = {
    activation: {
      list: 'activationRequests',
      request: 'requestActivation',
      use: 'activate',
      more: {},
      done: { activateUser: { activated: true } },
      newAccount: unconfirmed,
    },
    reset: {
      list: 'passwordResetRequests',
      request: 'requestReset',
      use: 'reset',
      more: { newPassword },
      done: { resetPassword: { reset: true } },
      newAccount: () => accounts.activated(),
    },
  } as const;
  type Flow = (typeof flows)[keyof typeof flows];
  type Mode = 'HASH' | 'PIN_CODE';

  /** Somebody who has the mail: what proves it, and when that is over. */
  async function mailed({ list, request, newAccount }: Flow, mode: Mode) {
    const { email, userId }: Account = await newAccount();
    const askedAt = accounts.clock.now();
    await accounts.anyone.run(accountMutations[request], { input: { email, mode } });
    const proof =
      mode === 'HASH'
        ? { hash: await accounts.mailedHash(email) }
        : { email, pinCode: await accounts.mailedPinCode(email) };
    const query = `{ ${list}(first: 100) { nodes { expiresAt user { id } } } }`;
    const { nodes } = (await (await newAdmin()).run(query))[list];
    const open = nodes.find(({ user }: { user: { id: string } }) => user.id === userId);
    const expiresAt = new Date(open.expiresAt).getTime();
    return { email, proof, expiresAt, life: expiresAt - askedAt };
  }

  test.each([
    ['the hash that confirms an address', 60, 'activation', 'HASH', ['ACTIVATION_UNKNOWN', 205]],
    ['the pin code that confirms an address', 15, 'activation', 'PIN_CODE', ['ACTIVATION_UNKNOWN', 205]],
    ['the hash that sets a password', 60, 'reset', 'HASH', ['NEW_PASSWORD_HASH_UNKNOWN', 207]],
    ['the pin code that sets a password', 15, 'reset', 'PIN_CODE', ['NEW_PASSWORD_PIN_CODE_UNKNOWN', 219]],
  ] as const)('%s is good for %i minutes', async (_what, minutes, name, mode, refused) => {
    const flow = flows[name];
    const punctual = await mailed(flow, mode);
    const late = await mailed(flow, mode);
    // From when the mail is written, which is a moment after it was asked for.
    expect(punctual.life).toBeGreaterThanOrEqual(minutes * minute);
    expect(punctual.life).toBeLessThan((minutes + 1) * minute);

    await accounts.clock.stop(punctual.expiresAt - 1);
    const { data, errors } = await ask(flow.use, { ...punctual.proof, ...flow.more });
    expect(errors).toBeUndefined();
    expect(data).toEqual(flow.done);
    await accounts.clock.stop(late.expiresAt);
    expect(await refusal(flow.use, { ...late.proof, ...flow.more })).toEqual(refused);
    // Who comes too late asks anew.
    await accounts.clock.start();
    await accounts.anyone.run(accountMutations[flow.request], { input: { email: late.email } });
    const input = { hash: await accounts.mailedHash(late.email), ...flow.more };
    expect(await accounts.anyone.run(accountMutations[flow.use], { input })).toEqual(flow.done);
  });

  test.each([
    ['activation', 'PIN_CODE', 3, 223, 222],
    ['activation', 'HASH', 5, 223, 222],
    ['reset', 'PIN_CODE', 3, 221, 220],
    ['reset', 'HASH', 5, 221, 220],
  ] as const)(
    '%s by %s: mails are asked for five minutes apart, %i at most',
    async (name, mode, most, tooSoon, tooMany) => {
      const { request, newAccount } = flows[name];
      const { email } = await newAccount();
      const input = { email, mode };
      await accounts.clock.stop();
      for (let sent = 1; sent <= most; sent += 1) {
        await accounts.anyone.run(accountMutations[request], { input });
        await accounts.clock.move(5 * minute - 1);
        expect(await refusal(request, input)).toEqual(['REQUEST_TOO_SOON', tooSoon]);
        await accounts.clock.move(1);
      }
      expect(await refusal(request, input)).toEqual(['REQUEST_LIMIT_REACHED', tooMany]);
      await accounts.clock.move(24 * 60 * minute);
      expect(await refusal(request, input)).toEqual(['REQUEST_LIMIT_REACHED', tooMany]);
      await accounts.clock.start();
    },
  );

  test('failed sign-ins: one a second, a minute’s rest after each tenth, none after the fiftieth', async () => {
    const { email, userId } = await unconfirmed();
    // An address that nobody has is refused in the same way, or it would say that nobody has it.
    const both = [email, accounts.newAddress()] as const;
    const refusals = (password: string) =>
      Promise.all(
        both.map(async (address) => (await ask('login', { email: address, password })).errors?.[0]?.extensions),
      );
    const twice = <Refusal>(refusal: Refusal) => [refusal, refusal];
    await accounts.clock.stop();
    for (let failed = 1; failed <= 50; failed += 1) {
      expect([failed, await refusals('Wrong-Horse-1')]).toEqual([
        failed,
        twice({ code: 'INVALID_CREDENTIALS', details: { code: 106 } }),
      ]);
      if (failed === 50) break;
      const [code, number, wait] =
        failed % 10 === 0 ? (['LOGIN_FREEZE', 212, minute] as const) : (['LOGIN_TIMEOUT', 211, 1_000] as const);
      // The right password does not help, and an attempt in between does not make the wait longer.
      for (const [passes, remainingDelay] of [
        [0, wait],
        [wait - 1, 1],
      ] as const) {
        await accounts.clock.move(passes);
        expect([failed, await refusals(accountPassword)]).toEqual([
          failed,
          twice({ code, details: { code: number, remainingDelay } }),
        ]);
      }
      await accounts.clock.move(1);
    }
    const locked = twice({ code: 'TOO_MANY_FAILED_ATTEMPTS', details: { code: 213 } });
    expect(await refusals(accountPassword)).toEqual(locked);
    await accounts.clock.move(24 * 60 * minute);
    expect(await refusals(accountPassword)).toEqual(locked);
    await (await newAdmin()).run(
      'mutation ($input: ResetFailedLoginAttemptsInput!) { resetFailedLoginAttempts(input: $input) { user { id } } }',
      { input: { userId } },
    );
    expect((await signIn(accounts.shape.url, email, accountPassword)).userId).toBe(userId);
  });
});
