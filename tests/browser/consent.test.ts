// The consent pages in a real browser: from an application's site, through sign-in and second factor, and back to it.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { generateSync } from 'otplib';
import type { Page } from 'playwright-core';
import { createGraphqlClient, type GraphqlClient, signIn } from '../support/graphql-client.ts';
import {
  type ApplicationSite,
  type RegisteredApplication,
  registerApplication,
  startApplicationSite,
} from '../support/oauth2-applications.ts';
import { type Shape, startAllInOne } from '../support/shapes.ts';
import { type Browser, describeInBrowser, openBrowser } from './open-browser.ts';

// A browser beside other suites on a small machine takes its time.
jest.setTimeout(300_000);

const verifier = 'a-verifier-of-more-than-forty-three-characters';

describeInBrowser('the consent pages', () => {
  let program: Shape;
  let admin: GraphqlClient;
  let site: ApplicationSite;
  let application: RegisteredApplication;
  let browser: Browser;
  let page: Page;
  /** What must stay empty: errors of the pages, as of a content policy that is broken. */
  const faults: string[] = [];

  beforeAll(async () => {
    program = await startAllInOne();
    admin = await signIn(program.url, program.admin.email, program.admin.password);
    site = await startApplicationSite();
    application = await registerApplication(admin, { confidential: false, redirectUris: [site.redirectUri] });
    browser = await openBrowser();
    page = await browser.context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      const expected = /status of 40[01]|favicon/.test(`${message.text()} ${message.location().url}`);
      if (message.type() === 'error' && !expected) faults.push(message.text());
    });
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
    await program?.close();
  });

  /** From a link on the application's own site, as users come. */
  async function come(state: string): Promise<void> {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: application.clientId,
      redirect_uri: site.redirectUri,
      state,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    await page.goto(site.linkTo(`${program.url}/oauth2/authorize?${query}`));
    await page.getByRole('link', { name: 'Sign in with Caregraph' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  }
  async function fillIn(password: string): Promise<void> {
    await page.getByLabel('E-mail address').fill(program.admin.email);
    await page.getByLabel('Password').fill(password);
    await page.keyboard.press('Enter');
  }
  async function backAtSite(): Promise<Record<string, string>> {
    await page.getByRole('heading', { name: 'Welcome' }).waitFor();
    return Object.fromEntries(site.visits.at(-1)?.searchParams ?? []);
  }
  async function redeem(code: string | undefined): Promise<GraphqlClient> {
    const response = await fetch(`${program.url}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: application.clientId,
        code: code ?? '',
        redirect_uri: site.redirectUri,
        code_verifier: verifier,
      }),
    });
    const tokens = (await response.json()) as { access_token?: string };
    return createGraphqlClient(program.url, tokens.access_token);
  }

  test('a wrong password is told, and the address stays', async () => {
    await come('wrong');
    await fillIn('wrong');
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toBe('The e-mail address or the password is wrong.');
    expect(await page.getByLabel('E-mail address').inputValue()).toBe(program.admin.email);
    await page.waitForTimeout(1_100); // A sign-in that has just failed holds up the next for a second.
  });

  test('who does not agree goes back with nothing', async () => {
    await come('denied');
    await fillIn(program.admin.password);
    await page.getByRole('button', { name: 'Deny' }).click();
    expect(await backAtSite()).toMatchObject({ error: 'access_denied', state: 'denied', iss: program.url });
  });

  test('who agrees lets the application act in their name', async () => {
    await come('agreed');
    await fillIn(program.admin.password);
    await page.getByRole('heading', { name: 'Recovery at home would like to act in your name' }).waitFor();
    expect(await page.textContent('main')).toContain(`You are signed in as ${program.admin.email}.`);
    await page.getByRole('button', { name: 'Allow' }).click();
    const { code, state } = await backAtSite();
    expect(state).toBe('agreed');
    expect((await (await redeem(code)).run('{ me { email } }')).me.email).toBe(program.admin.email);
  });

  test('whoever goes back afterwards finds nothing to agree to', async () => {
    // No page of it was kept: the browser can only send the form once more.
    await expect(page.goBack()).rejects.toThrow('ERR_CACHE_MISS');
    // The browser needs a moment to put its own page in place, which is what is sent anew.
    await page.waitForURL('chrome-error://**', { waitUntil: 'load' }).catch(() => undefined);
    await page.reload();
    await page.getByText('start again').waitFor();
    expect(await page.getByRole('button', { name: 'Allow' }).count()).toBe(0);
  });

  test('a second factor is asked for between password and consent', async () => {
    const codes = await turnOnSecondFactor();
    await come('with a second factor');
    await fillIn(program.admin.password);
    await page.getByRole('heading', { name: 'Second factor' }).waitFor();
    await page.getByLabel('Recovery code').check();
    await page.getByLabel('Code', { exact: true }).fill('00000000');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('The code is wrong.').waitFor();
    await page.waitForTimeout(1_100); // A code that was wrong holds up the next for a second.
    await page.getByLabel('Recovery code').check();
    await page.getByLabel('Code', { exact: true }).fill(codes[0] ?? '');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Allow' }).click();
    const { code } = await backAtSite();
    expect((await (await redeem(code)).run('{ me { email } }')).me.email).toBe(program.admin.email);
  });

  test('the pages report no fault', () => {
    expect(faults).toEqual([]);
  });

  /** An authenticator app and recovery codes, for the administrator: the codes. */
  async function turnOnSecondFactor(): Promise<string[]> {
    const run = async (name: string, type: string, input: object, fields: string) =>
      (await admin.run(`mutation ($input: ${type}!) { ${name}(input: $input) { ${fields} } }`, { input }))[name];
    const { password } = program.admin;
    const { presenceToken } = await run('confirmPresence', 'ConfirmPresenceInput', { password }, 'presenceToken');
    const add = (type: string) =>
      run('addMfaMethod', 'AddMfaMethodInput', { presenceToken, type }, 'method { id } secret codes');
    const { codes } = await add('RECOVERY_CODES');
    const { method, secret } = await add('TOTP');
    const confirmation = { presenceToken, methodId: method.id, code: generateSync({ secret }) };
    await run('confirmMfaMethod', 'ConfirmMfaMethodInput', confirmation, 'method { verified }');
    await run('enableMfa', 'EnableMfaInput', { presenceToken }, 'setting { enabled }');
    return codes;
  }
});
