// GraphiQL as a person uses it, in a real browser against the real program: completion, headers, a live subscription.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { mutations } from '../support/clinic.ts';
import { type GraphqlClient, signIn } from '../support/graphql-client.ts';
import { type Shape, startAllInOne } from '../support/shapes.ts';
import { type Browser, describeInBrowser, openBrowser } from './open-browser.ts';

// A browser beside other suites on a small machine takes its time.
jest.setTimeout(300_000);

const queryEditor = '.graphiql-query-editor';
const headerEditor = '.graphiql-editor-tool';
const response = '.graphiql-response';

describeInBrowser('GraphiQL', () => {
  let program: Shape;
  let admin: GraphqlClient;
  let browser: Browser;
  let page: Page;
  /** What must stay empty: errors of the page, and requests to any other host. */
  const faults: string[] = [];

  beforeAll(async () => {
    program = await startAllInOne();
    admin = await signIn(program.url, program.admin.email, program.admin.password);
    browser = await openBrowser();
    page = await browser.context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('request', (request) => {
      const isOwn = [program.url, 'data:', 'blob:'].some((start) => request.url().startsWith(start));
      if (!isOwn) faults.push(request.url());
    });
    await page.goto(program.url);
    await page.waitForSelector(`${queryEditor} .view-line`);
  });

  afterAll(async () => {
    await browser?.close();
    await program?.close();
  });

  test('opens at the root of the gateway, with a first query to run', async () => {
    expect(new URL(page.url()).pathname).toBe('/graphiql');
    await expectText(queryEditor, 'Welcome to Caregraph');
  });

  test('completes fields from the schema, and says what they mean', async () => {
    // The schema arrives a moment after the page.
    await until(async () => {
      await replaceText(queryEditor, '');
      await page.keyboard.type('{ m');
      await page.waitForSelector('.suggest-widget.visible [aria-label^="me"]', { timeout: 1_000 });
      return true;
    });
    await until(async () => {
      await page.keyboard.press('Control+Space'); // opens and closes the details of a suggestion
      await page.waitForSelector('.suggest-details-container:has-text("The signed-in user")', { timeout: 1_000 });
      return true;
    });
    await page.keyboard.press('Enter');
    await expectText(queryEditor, '{ me');
  });

  test('runs a query without headers, and with those typed in', async () => {
    await replaceText(queryEditor, '{ me { email } }');
    await run();
    await expectText(response, '"me": null');
    await replaceText(headerEditor, JSON.stringify({ Authorization: `Bearer ${admin.token}` }));
    await run();
    await expectText(response, `"email": "${program.admin.email}"`);
  });

  test('shows events of a subscription as they happen, to the user of the headers', async () => {
    const schemaName = 'browser-note';
    const definition = { properties: { text: { type: 'string' } } };
    await admin.run(mutations.createSchema, { input: { name: schemaName, definition } });
    await replaceText(queryEditor, 'subscription { documentChanged { kind document { data creator { email } } } }');
    await run();
    // It is live from the moment when the program has taken it up, which nothing on the page tells.
    await until(async () => {
      await admin.run(mutations.createDocument, { input: { schemaName, data: { text: 'seen live' } } });
      return (await textOf(response)).includes('seen live');
    });
    await expectText(response, '"kind": "CREATED"');
    await expectText(response, `"email": "${program.admin.email}"`);
    await takePicture();
  });

  test('tells at once why a subscription is refused', async () => {
    await run(); // ends the one that is running
    await replaceText(headerEditor, JSON.stringify({ Authorization: 'Bearer forged' }));
    await run();
    await expectText(response, 'UNAUTHENTICATED');
  });

  test('asks no other host for anything, and the page reports no fault', () => {
    expect(faults).toEqual([]);
  });

  /** The picture in docs/, made anew with SCREENSHOT_FOLDER=docs. The token in the headers is nobody's business. */
  async function takePicture(): Promise<void> {
    const folder = process.env.SCREENSHOT_FOLDER;
    if (folder === undefined) return;
    await page.setViewportSize({ width: 1_900, height: 800 });
    await page
      .locator(`${queryEditor} .monaco-editor:visible`)
      .first()
      .click({ position: { x: 300, y: 200 } });
    await page.keyboard.press('Home');
    await page.getByRole('button', { name: 'Variables' }).click();
    await page.screenshot({ path: join(folder, 'graphiql.png') });
    await page.getByRole('button', { name: 'Headers' }).click();
  }

  async function run(): Promise<void> {
    await page.locator('.graphiql-execute-button').click();
  }

  /** Clicks into the editor by place: Playwright's own click would scroll the layer of text, which is far wider. */
  async function replaceText(editor: string, text: string): Promise<void> {
    const box = await page.locator(`${editor} .monaco-editor:visible`).first().boundingBox();
    if (box === null) throw new Error(`${editor} is not visible`);
    await page.keyboard.press('Escape');
    await page.mouse.click(box.x + box.width / 2, box.y + 20);
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Delete');
    if (text !== '') await page.keyboard.insertText(text);
  }

  async function textOf(element: string): Promise<string> {
    const text = await page.locator(element).first().textContent();
    return (text ?? '').replaceAll('\u00a0', ' ');
  }

  async function expectText(element: string, part: string): Promise<void> {
    await until(async () => (await textOf(element)).includes(part)).catch(() => undefined);
    expect(await textOf(element)).toContain(part);
  }
});

async function until(condition: () => Promise<boolean | undefined>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await condition().catch(() => false))) {
    if (Date.now() > deadline) throw new Error('It did not happen within a minute.');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
