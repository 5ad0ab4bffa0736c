// Accounts in the hands of those who run the platform: open requests, lockouts, profile images and settings, by permission.
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { accountMutations, accountPassword, describeWithMail, refusalOf } from '../support/describe-with-mail.ts';
import type { GraphqlClient } from '../support/graphql-client.ts';
import { signIn } from '../support/graphql-client.ts';

const operations = {
  ...accountMutations,
  activationRequests: `query ($userId: ID) {
    activationRequests(filter: { userId: { eq: $userId } }) {
      totalCount nodes { id mode requestCount failedAttempts user { id } }
    }
  }`,
  passwordResetRequests: `query ($userId: ID) {
    passwordResetRequests(filter: { userId: { eq: $userId } }) {
      totalCount nodes { id mode requestCount failedAttempts user { id } }
    }
  }`,
  deleteActivationRequest:
    'mutation ($input: DeleteVerificationRequestInput!) { deleteActivationRequest(input: $input) { id } }',
  deletePasswordResetRequest:
    'mutation ($input: DeleteVerificationRequestInput!) { deletePasswordResetRequest(input: $input) { id } }',
  resetFailures: `mutation ($input: ResetFailedLoginAttemptsInput!) {
    resetFailedLoginAttempts(input: $input) { user { id failedCount } }
  }`,
  setImage: 'mutation ($input: SetProfileImageInput!) { setProfileImage(input: $input) { user { profileImage } } }',
  deleteImage:
    'mutation ($input: DeleteProfileImageInput!) { deleteProfileImage(input: $input) { user { profileImage } } }',
  settings: `{ userSettings {
    passwordPolicy {
      minimumLength maximumLength upperCaseRequired lowerCaseRequired numberRequired symbolRequired
    }
    verification {
      enablePinCodeActivationRequests enablePinCodeForgotPasswordRequests
      limitHashActivationRequests limitHashForgotPasswordRequests
    }
    mail { activationUrl passwordResetUrl disabled templates { kind language subject text } }
  } }`,
} as const;

describeWithMail('administration of accounts', (accounts) => {
  const refusal = async (client: GraphqlClient, operation: keyof typeof operations, input: object) =>
    refusalOf(await client.ask(operations[operation], { input }));

  describe('open requests', () => {
    test('to activate are listed and forgotten by who may; then the user asks anew at once', async () => {
      const { admin, anyone } = accounts;
      const { email, userId } = await accounts.register();
      const own = await signIn(accounts.shape.url, email, accountPassword);
      const viewer = await accounts.operator([
        'VIEW_ACTIVATION_REQUESTS',
        'DELETE_FORGOT_PASSWORD_REQUEST',
        'VIEW_USER',
      ]);
      const hash = await accounts.mailedHash(email);
      expect(refusalOf(await anyone.ask(operations.activationRequests))[0]).toBe('UNAUTHENTICATED');
      expect(refusalOf(await own.ask(operations.activationRequests, { userId }))[0]).toBe('FORBIDDEN');
      const { activationRequests } = await viewer.run(operations.activationRequests, { userId });
      expect(activationRequests).toMatchObject({
        totalCount: 1,
        nodes: [{ mode: 'HASH', requestCount: 1, failedAttempts: 0 }],
      });
      const { id } = activationRequests.nodes[0];

      expect(await refusal(own, 'deleteActivationRequest', { id })).toEqual(['FORBIDDEN', 10]);
      expect(await refusal(viewer, 'deleteActivationRequest', { id })).toEqual(['FORBIDDEN', 10]);
      expect(await refusal(viewer, 'deletePasswordResetRequest', { id })).toEqual(['NOT_FOUND', 16]);
      expect(await refusal(anyone, 'requestActivation', { email })).toEqual(['REQUEST_TOO_SOON', 223]);

      await admin.run(operations.deleteActivationRequest, { input: { id } });
      expect((await viewer.run(operations.activationRequests, { userId })).activationRequests.totalCount).toBe(0);
      expect(await refusal(admin, 'deleteActivationRequest', { id })).toEqual(['NOT_FOUND', 16]);
      expect(await refusal(anyone, 'activate', { hash })).toEqual(['ACTIVATION_UNKNOWN', 205]);
      await anyone.run(operations.requestActivation, { input: { email } });
      await anyone.run(operations.activate, { input: { hash: await accounts.mailedHash(email) } });
      expect((await own.run('{ me { activation } }')).me.activation).toBe(true);
      expect((await viewer.run(operations.activationRequests, { userId })).activationRequests.totalCount).toBe(0);
    });

    test('for a new password are listed and forgotten by who may; then the user asks anew at once', async () => {
      const { admin, anyone } = accounts;
      const { email, userId, client } = await accounts.activated();
      const viewer = await accounts.operator([
        'VIEW_FORGOT_PASSWORD_REQUESTS',
        'DELETE_ACTIVATION_REQUEST',
        'VIEW_USER',
      ]);
      await anyone.run(operations.requestReset, { input: { email } });
      const hash = await accounts.mailedHash(email);
      expect(refusalOf(await anyone.ask(operations.passwordResetRequests))[0]).toBe('UNAUTHENTICATED');
      expect(refusalOf(await client.ask(operations.passwordResetRequests, { userId }))[0]).toBe('FORBIDDEN');
      const { passwordResetRequests } = await viewer.run(operations.passwordResetRequests, { userId });
      expect(passwordResetRequests).toMatchObject({ totalCount: 1, nodes: [{ mode: 'HASH', requestCount: 1 }] });
      const { id } = passwordResetRequests.nodes[0];

      expect(await refusal(client, 'deletePasswordResetRequest', { id })).toEqual(['FORBIDDEN', 10]);
      expect(await refusal(viewer, 'deletePasswordResetRequest', { id })).toEqual(['FORBIDDEN', 10]);
      expect(await refusal(viewer, 'deleteActivationRequest', { id })).toEqual(['NOT_FOUND', 16]);
      expect(await refusal(anyone, 'requestReset', { email })).toEqual(['REQUEST_TOO_SOON', 221]);

      await admin.run(operations.deletePasswordResetRequest, { input: { id } });
      const newPassword = 'New-Horse-3';
      expect(await refusal(anyone, 'reset', { hash, newPassword })).toEqual(['NEW_PASSWORD_HASH_UNKNOWN', 207]);
      await anyone.run(operations.requestReset, { input: { email } });
      await anyone.run(operations.reset, { input: { hash: await accounts.mailedHash(email), newPassword } });
      expect((await signIn(accounts.shape.url, email, newPassword)).userId).toBe(userId);
    });
  });

  test('who is locked by a failed sign-in gets in at once when who may says so', async () => {
    const { admin, anyone } = accounts;
    const { email, userId, client } = await accounts.activated();
    const missing = { userId: '01900000-0000-7000-8000-000000000000' };
    expect(await refusal(anyone, 'resetFailures', { userId })).toEqual(['UNAUTHENTICATED', 104]);
    expect(await refusal(client, 'resetFailures', { userId })).toEqual(['FORBIDDEN', 10]);
    expect(await refusal(admin, 'resetFailures', missing)).toEqual(['NOT_FOUND', 16]);

    await accounts.clock.whileStanding(async () => {
      expect((await refusal(anyone, 'login', { email, password: 'Wrong-Horse-1' }))[0]).toBe('INVALID_CREDENTIALS');
      expect((await refusal(anyone, 'login', { email, password: accountPassword }))[0]).toBe('LOGIN_TIMEOUT');
      expect(await admin.run(operations.resetFailures, { input: { userId } })).toEqual({
        resetFailedLoginAttempts: { user: { id: userId, failedCount: 0 } },
      });
      expect((await signIn(accounts.shape.url, email, accountPassword)).userId).toBe(userId);
    });
  });

  test('a profile image is set and cleared by its owner and by who may', async () => {
    const { anyone } = accounts;
    const { userId, client } = await accounts.activated();
    const { client: stranger } = await accounts.activated();
    const operator = await accounts.operator(['UPDATE_PROFILE_IMAGE']);
    const image = async () => (await client.run('{ me { profileImage } }')).me.profileImage;
    expect((await refusal(anyone, 'setImage', { userId, hash: 'a1' }))[0]).toBe('UNAUTHENTICATED');
    for (const hash of ['', 'x'.repeat(257)]) {
      const { errors } = await client.ask(operations.setImage, { input: { userId, hash } });
      expect(errors?.[0]?.extensions).toMatchObject({ details: { field: 'input.hash', code: 15 } });
    }
    expect(await refusal(stranger, 'setImage', { userId, hash: 'b2' })).toEqual(['NOT_FOUND', 16]);
    await client.run(operations.setImage, { input: { userId, hash: 'a1' } });
    expect(await refusal(stranger, 'deleteImage', { userId })).toEqual(['NOT_FOUND', 16]);
    expect(await image()).toBe('a1');
    await operator.run(operations.setImage, { input: { userId, hash: 'c3' } });
    expect(await image()).toBe('c3');
    expect((await client.run(operations.deleteImage, { input: { userId } })).deleteProfileImage.user).toEqual({
      profileImage: null,
    });
    await client.run(operations.setImage, { input: { userId, hash: 'd4' } });
    await operator.run(operations.deleteImage, { input: { userId } });
    expect(await image()).toBeNull();
  });

  describe('settings', () => {
    let before: object;
    beforeAll(async () => {
      before = (await accounts.admin.run(operations.settings)).userSettings;
    });
    afterEach(async () => {
      await accounts.admin.run(operations.updateSettings, { input: before });
    });
    const update = (input: object) => accounts.admin.run(operations.updateSettings, { input });

    test('are read and changed by part, each with its permission, all or nothing', async () => {
      const { anyone } = accounts;
      const part = await accounts.operator(['UPDATE_PASSWORD_POLICY', 'VIEW_USER_VERIFICATION_SETTINGS']);
      const [verification, mail] = [{ limitHashActivationRequests: false }, { disabled: ['ACTIVATION'] }];
      const passwordPolicy = { minimumLength: 20 };
      const policy = { passwordPolicy: expect.objectContaining({ minimumLength: 8 }) };
      const unknown = await anyone.ask(operations.settings);
      expect(unknown.data.userSettings).toEqual({ ...policy, verification: null, mail: null });
      const partly = await part.ask(operations.settings);
      expect(partly.data.userSettings).toEqual({ ...policy, verification: expect.anything(), mail: null });
      expect(partly.errors).toMatchObject([{ path: ['userSettings', 'mail'], extensions: { code: 'FORBIDDEN' } }]);

      expect((await refusal(anyone, 'updateSettings', { passwordPolicy }))[0]).toBe('UNAUTHENTICATED');
      for (const input of [
        { passwordPolicy, verification },
        { passwordPolicy, mail },
      ]) {
        expect(await refusal(part, 'updateSettings', input)).toEqual(['FORBIDDEN', 10]);
      }
      const fault = await accounts.admin.ask(operations.updateSettings, {
        input: { verification, passwordPolicy: { minimumLength: 50, maximumLength: 40 } },
      });
      expect(fault.errors?.[0]?.extensions).toMatchObject({
        code: 'BAD_USER_INPUT',
        details: { field: 'input.passwordPolicy.minimumLength', code: 15 },
      });
      expect((await accounts.admin.run(operations.settings)).userSettings).toEqual(before);
      await part.run(operations.updateSettings, { input: { passwordPolicy } });
      expect((await anyone.run('{ userSettings { passwordPolicy { minimumLength } } }')).userSettings).toEqual({
        passwordPolicy,
      });
    });

    test('of passwords hold for new ones at once, and not for those that are in use', async () => {
      const { anyone } = accounts;
      const { email, userId } = await accounts.activated();
      await update({ passwordPolicy: { minimumLength: 16, symbolRequired: true, upperCaseRequired: false } });
      for (const password of ['correct-horse-2', 'correct0horse0battery']) {
        const input = accounts.person(accounts.newAddress(), { password });
        const { errors } = await anyone.ask(operations.register, { input });
        expect(errors?.[0]?.extensions).toMatchObject({
          code: 'BAD_USER_INPUT',
          details: { field: 'input.password', code: 15 },
        });
      }
      const password = 'correct-horse-battery-2';
      const later = await accounts.register({ password });
      expect((await signIn(accounts.shape.url, later.email, password)).userId).toBe(later.userId);
      expect((await signIn(accounts.shape.url, email, accountPassword)).userId).toBe(userId);
    });

    test('of mails replace the text of a kind in a language, with a link of the application', async () => {
      const template = { kind: 'ACTIVATION', language: 'EN', subject: 'Hello {{firstName}}' };
      const templates = [
        { ...template, text: 'Dear {{firstName}} {{lastName}}: {{link}} within {{minutes}} minutes.' },
      ];
      const fault = await accounts.admin.ask(operations.updateSettings, {
        input: { mail: { templates: [{ ...template, text: 'Nothing to click' }] } },
      });
      expect(fault.errors?.[0]?.extensions).toMatchObject({
        details: { field: 'input.mail.templates.0.text', code: 15 },
      });
      await update({ mail: { templates, activationUrl: 'https://app.example.org/activate?hash={hash}' } });
      const { email } = await accounts.register();
      const mail = await accounts.smtp.waitForMail(email);
      expect(mail.subject).toBe('Hello Ann');
      const pattern =
        /^Dear Ann Other: https:\/\/app\.example\.org\/activate\?hash=([0-9a-f]{40}) within 60 minutes\.$/;
      const hash = pattern.exec(mail.text.trim())?.[1];
      expect(mail.html).toContain(`https://app.example.org/activate?hash=${hash}`);
      expect(await accounts.anyone.run(operations.activate, { input: { hash } })).toEqual({
        activateUser: { activated: true },
      });
      const french = await accounts.register({ language: 'FR' });
      expect((await accounts.smtp.waitForMail(french.email)).subject).not.toBe('Hello Ann');
    });

    test('switch a kind of mail off: registering still works, asking for the mail does not', async () => {
      const { anyone } = accounts;
      const known = await accounts.activated();
      await update({ mail: { disabled: ['ACTIVATION', 'PASSWORD_RESET'] } });
      const { email } = await accounts.register();
      expect(await refusal(anyone, 'requestActivation', { email })).toEqual(['ILLEGAL_STATE', 27]);
      expect(await refusal(anyone, 'requestReset', { email: known.email })).toEqual(['ILLEGAL_STATE', 27]);
      await update({ mail: { disabled: [] } });
      await anyone.run(operations.requestActivation, { input: { email } });
      await anyone.run(operations.activate, { input: { hash: await accounts.mailedHash(email) } });
      // One mail came in all: the one that was asked for when that was possible.
      expect(accounts.smtp.mails().filter(({ to }) => to.includes(email))).toHaveLength(1);
    });
  });
});
