// The page at /dev/mail in a browser: what a mail holds is shown and shut in.
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { createHttpServer } from '../../platform/http/create-http-server.ts';
import { newId } from '../../platform/ids.ts';
import { users } from '../../subgraphs/users/index.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../support/subgraphs.ts';
import { type Browser, describeInBrowser, openBrowser } from './open-browser.ts';

const link = 'http://127.0.0.1:1/activate?hash=0123';
const html = `<!doctype html><html lang="en"><body><p style="color:rgb(1, 2, 3)">Dear Ann, <a href="${link}">open this</a></p>
<img src="http://127.0.0.1:1/seen.png"><script>parent.document.title = 'it ran'</script>
<form action="http://127.0.0.1:1/"><button>Send</button></form></body></html>`;
const noAccess = () => Promise.reject(new Error());

describeInBrowser('the page of mail that was not sent', () => {
  let graph: TestSubgraphs;
  let app: FastifyInstance;
  let browser: Browser;
  let url: string;

  beforeAll(async () => {
    graph = await startTestSubgraphs([users]);
    app = createHttpServer({ log: pino({ level: 'silent' }), bodyLimit: 1_000 });
    await graph.subgraph('users').parts.routes?.(app, { identify: noAccess, identityOf: noAccess });
    await app.listen({ port: 0, host: '127.0.0.1' });
    url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/dev/mail`;
    browser = await openBrowser();
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    await app?.close();
    await graph?.close();
  });

  test('lists a mail that comes, shows it with its style, runs nothing, loads nothing, and opens its links', async () => {
    const { context } = browser;
    const page = await context.newPage();
    const asked: string[] = [];
    context.on('request', (request) => asked.push(request.url()));
    // At times the browser tells of a request before its policy has held it back: then nothing has left.
    const heldBack = new Set<string>();
    context.on('requestfailed', (request) => {
      if (request.failure()?.errorText === 'csp') heldBack.add(request.url());
    });
    await page.goto(url);
    expect(await page.textContent('body')).toContain('No mail yet');

    const { db } = graph.database.forService<'outboxMail'>('users');
    const columns = { id: newId(), to: 'ann@example.org', subject: 'Confirm your address', text: 'Dear Ann', html };
    await db.outboxMail.create({ data: columns });
    await page.click('text=Confirm your address', { timeout: 15_000 });

    const frame = page.frameLocator('iframe');
    const paragraph = frame.locator('p');
    expect(await paragraph.textContent()).toBe('Dear Ann, open this');
    expect(await paragraph.evaluate((element) => element.computedStyleMap().get('color')?.toString())).toBe(
      'rgb(1, 2, 3)',
    );
    expect(await page.textContent('pre')).toBe('Dear Ann');
    await frame.locator('button').click();
    const [opened] = await Promise.all([context.waitForEvent('page'), frame.locator('a').click()]);
    await opened.waitForLoadState().catch(() => {});
    expect(await page.title()).toBe('Confirm your address · Caregraph');
    expect(page.url()).toBe(`${url}/${columns.id}`);
    const elsewhere = asked.filter((address) => !address.startsWith(url) && !heldBack.has(address));
    expect(elsewhere).toEqual([link]);
  }, 300_000);
});
