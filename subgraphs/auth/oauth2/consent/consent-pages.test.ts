// The way from an application's request to a code: sign in, second factor, consent, and every way to fail.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type ConsentBrowser, openConsentBrowser } from '../../../../tests/support/consent-browser.ts';
import { type OAuth2Service, startOAuth2Service, type TestClient } from '../../../../tests/support/oauth2-service.ts';

let service: OAuth2Service;
let client: TestClient;
let asked: Record<string, string>;
let now = Date.parse('2026-11-22T12:00:00Z');
const redirectUri = 'https://app.example.org/callback';
const verifier = 'v'.repeat(50);
beforeAll(async () => {
  service = await startOAuth2Service({ now: () => now });
  client = await service.createClient();
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  asked = {
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: redirectUri,
    state: 'from <the> application',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  };
});
afterAll(() => service.close());
// A sign-in that failed in one test must not hold up the next.
beforeEach(() => {
  now += 2_000;
});

const credentials = () => ({ email: service.account.email, password: service.account.password });
async function opened(changes: Record<string, string> = {}): Promise<ConsentBrowser> {
  const browser = openConsentBrowser(service);
  await browser.open({ ...asked, ...changes });
  return browser;
}
async function signedIn(): Promise<ConsentBrowser> {
  const browser = await opened();
  expect((await browser.send({ ...credentials(), action: 'go-on' })).status).toBe(200);
  return browser;
}
const locationOf = (browser: ConsentBrowser) => new URL(browser.page.headers.get('location') ?? 'none:');
const answerIn = (browser: ConsentBrowser) => Object.fromEntries(locationOf(browser).searchParams);

describe('a request', () => {
  test.each([
    ['of no application', { client_id: 'f'.repeat(40) }, 'is not known'],
    ['without an application', { client_id: '' }, 'is not known'],
    ['with an address of somebody else', { redirect_uri: 'https://evil.example.org/' }, 'not registered'],
    ['with an address that is longer', { redirect_uri: `${redirectUri}/more` }, 'not registered'],
  ])('%s is told on a page, and leads nowhere', async (_what, changes, says) => {
    const { page } = await opened(changes);
    expect(page.status).toBe(400);
    expect(page.headers.get('location')).toBeNull();
    expect(page.body).toContain(says);
    expect(page.body).not.toContain('<form');
  });

  test.each(['client_id', 'redirect_uri'])('that names %s twice leads nowhere', async (name) => {
    const browser = openConsentBrowser(service);
    await browser.open(`${new URLSearchParams(asked)}&${name}=${encodeURIComponent(asked[name] ?? '')}`);
    expect([browser.page.status, browser.page.headers.get('location')]).toEqual([400, null]);
  });

  test.each([
    [{ response_type: 'token' }, 'unsupported_response_type'],
    [{ response_type: '' }, 'invalid_request'],
    [{ code_challenge: 'short' }, 'invalid_request'],
    [{ code_challenge_method: 'none' }, 'invalid_request'],
  ])('with the fault %j is sent back with it', async (changes, error) => {
    const browser = await opened(changes);
    expect(browser.page.status).toBe(303);
    const { error_description: description, ...answer } = answerIn(browser);
    expect(answer).toEqual({ error, state: asked.state, iss: service.url });
    expect(description).toMatch(/^[\x20-\x7e]+$/);
    expect(browser.page.headers.get('cache-control')).toBe('no-store');
    expect(browser.page.headers.get('referrer-policy')).toBe('no-referrer');
  });

  test('with a state that nobody could keep is sent back without it', async () => {
    for (const state of ['x'.repeat(2_049), '\0']) {
      expect(answerIn(await opened({ state }))).toMatchObject({ error: 'invalid_request', iss: service.url });
      expect(answerIn(await opened({ state })).state).toBeUndefined();
    }
    const browser = openConsentBrowser(service);
    await browser.open(`${new URLSearchParams(asked)}&state=other`);
    expect(answerIn(browser)).toMatchObject({ error: 'invalid_request' });
    expect(answerIn(browser).state).toBeUndefined();
  });
});

describe('every page', () => {
  test('cannot be framed, cached or scripted, and is in the language of the browser', async () => {
    const browser = openConsentBrowser(service, 'de-CH, nl;q=0.9, fr;q=0.1');
    const { headers, body } = await browser.open(asked);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("form-action 'self' https:;");
    const style = /<style>([\s\S]*)<\/style>/.exec(body)?.[1] ?? '';
    expect(policy).toContain(`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(body).not.toMatch(/<script|\son\w+=/i);
    expect(body).toContain('<html lang="de">');
    expect(body).toContain('Anmelden');
  });

  test('keeps its cookie from scripts, other sites, and after ten minutes from everybody', async () => {
    const { page } = await opened();
    const cookie = page.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^caregraph-consent=[0-9a-f]{40}; /);
    for (const part of ['HttpOnly', 'SameSite=Lax', 'Path=/', 'Max-Age=600']) expect(cookie).toContain(part);
  });

  test('shows nothing of others as markup', async () => {
    const browser = await opened();
    const email = '"><script>alert(1)</script>@example.org';
    await browser.send({ email, password: 'wrong', action: 'go-on' });
    expect(browser.page.body).not.toContain('<script');
    expect(browser.page.body).toContain('&quot;&gt;&lt;script&gt;');
  });
});

describe('a form', () => {
  const refused = async (browser: ConsentBrowser) => {
    expect(browser.page.status).toBe(400);
    expect(browser.page.headers.get('location')).toBeNull();
    expect(browser.page.body).toContain('start again');
  };

  test('is refused without the cookie, and with that of another browser', async () => {
    const browser = await signedIn();
    const { cookie } = browser;
    const { flow } = browser;
    browser.cookie = undefined;
    await browser.send({ action: 'allow' });
    await refused(browser);
    browser.cookie = (await opened()).cookie;
    await browser.send({ flow, action: 'allow' });
    await refused(browser);
    browser.cookie = cookie;
    await browser.send({ flow, action: 'allow' });
    expect(browser.page.status).toBe(303);
  });

  test('is refused when it was changed, is not ours, or is missing', async () => {
    const browser = await signedIn();
    const changed = `${browser.flow.slice(0, -4)}AAAA`;
    const foreign = service.graph.config.serviceSecret ?? '';
    for (const flow of [changed, foreign, 'v1.', '']) {
      await browser.send({ flow, action: 'allow' });
      await refused(browser);
    }
  });

  test('is refused after ten minutes', async () => {
    const browser = await signedIn();
    now += 600_000;
    await browser.send({ action: 'allow' });
    await refused(browser);
  });

  test.each(['cross-site', 'same-site'])('is refused when the browser says that it is %s', async (site) => {
    const browser = await signedIn();
    const { flow } = browser;
    await browser.send({ action: 'allow' }, { 'sec-fetch-site': site });
    await refused(browser);
    await browser.send({ flow, action: 'allow' }, { 'sec-fetch-site': 'same-origin' });
    expect(browser.page.status).toBe(303);
  });

  test('is refused in any other type', async () => {
    const headers = { 'content-type': 'text/plain' };
    const { status, body } = await service.request('/oauth2/authorize', { method: 'POST', headers, body: 'flow=x' });
    expect(status).toBe(400);
    expect(body).toContain('start again');
  });

  test('leads nowhere when the application or its version is gone meanwhile', async () => {
    const version = await service.createVersion(client, 'short-lived');
    const browser = await opened({ client_id: version.clientId });
    await service.deleteVersion(version);
    await browser.send({ ...credentials(), action: 'go-on' });
    expect(browser.page.status).toBe(400);
    expect(browser.page.body).toContain('is not known');
  });

  test('is void once the user has gone back to the application', async () => {
    const browser = await signedIn();
    const { flow, cookie } = browser;
    await browser.send({ action: 'deny' });
    expect(cookie).toBeDefined();
    expect(browser.cookie).toBeUndefined();
    await browser.send({ flow, action: 'allow' });
    await refused(browser);
  });
});

describe('signing in', () => {
  test.each([
    [{ email: '', password: 'x' }, 400, 'Fill in all fields.'],
    [{ email: 'jane@example.org', password: '' }, 400, 'Fill in all fields.'],
    [{ email: 'jane@example.org', password: 'x'.repeat(1_001) }, 400, 'Fill in all fields.'],
    [{ email: 'jane@example.org', password: 'wrong' }, 401, 'The e-mail address or the password is wrong.'],
    [{ email: 'nobody@example.org', password: 'x' }, 401, 'The e-mail address or the password is wrong.'],
  ])('with %j shows the page again', async (given, status, says) => {
    const browser = await opened();
    await browser.send({ ...given, action: 'go-on' });
    expect(browser.page.status).toBe(status);
    expect(browser.page.body).toContain(`<p role="alert">${says}</p>`);
    expect(browser.page.body).toContain(`value="${given.email}"`);
    expect(browser.page.body).not.toContain('Allow');
    now += 2_000;
    await browser.send({ ...credentials(), action: 'go-on' });
    expect(browser.page.body).toContain('Allow');
  });

  test('tells a lockout in words', async () => {
    const { db } = service.graph.database.forService<'user'>('users');
    const { userId: id } = service.account;
    for (const [failedCount, says] of [
      [1, 'Try again in 1 s.'],
      [10, 'Try again in a minute.'],
      [50, 'Reset your password'],
    ] as const) {
      await db.user.update({ where: { id }, data: { failedCount, lastFailedAt: new Date(now - 500) } });
      const browser = await opened();
      await browser.send({ ...credentials(), action: 'go-on' });
      expect([browser.page.status, browser.page.body.includes(says)]).toEqual([401, true]);
    }
    await db.user.update({ where: { id }, data: { failedCount: 0, lastFailedAt: null } });
  });

  test('can be cancelled', async () => {
    const browser = await opened();
    await browser.send({ action: 'deny' });
    expect(browser.page.status).toBe(303);
    expect(answerIn(browser)).toMatchObject({ error: 'access_denied', state: asked.state, iss: service.url });
  });
});

describe('consent', () => {
  test('says who asks for what, in whose name, and where that leads', async () => {
    const { body } = (await signedIn()).page;
    expect(body).toContain('Recovery at home would like to act in your name');
    expect(body).toContain('Follows your recovery.');
    expect(body).toContain('You are signed in as jane@example.org.');
    expect(body).toContain('Afterwards you are sent to app.example.org.');
  });

  test('is given by its own button only', async () => {
    const browser = await signedIn();
    for (const action of ['', 'go-on', 'yes']) {
      await browser.send({ action });
      expect([browser.page.status, browser.page.body.includes('Allow')]).toEqual([200, true]);
    }
  });

  test('that is denied gives nothing', async () => {
    const browser = await signedIn();
    const events = (await service.graph.readLog()).length;
    await browser.send({ action: 'deny' });
    expect(answerIn(browser)).toMatchObject({ error: 'access_denied', state: asked.state });
    expect(await service.graph.readLog()).toHaveLength(events);
  });

  test('gives a code that this application alone can redeem', async () => {
    const browser = await signedIn();
    await browser.send({ action: 'allow' });
    expect(browser.page.status).toBe(303);
    expect(locationOf(browser).href.startsWith(`${redirectUri}?`)).toBe(true);
    const { code, ...answer } = answerIn(browser);
    expect(answer).toEqual({ state: asked.state, iss: service.url });
    const grant = { grant_type: 'authorization_code', code: code ?? '', redirect_uri: redirectUri };
    const { status, body } = await service.post('/oauth2/token', client, { ...grant, code_verifier: verifier });
    expect(status).toBe(200);
    expect(body.user_id).toBe(service.account.userId);
    expect(await service.sessionOf(body.access_token)).toMatchObject({ applicationId: client.applicationId });
  });

  test('of an app on a device goes back by its own scheme', async () => {
    const { clientId } = await service.createClient({ redirectUris: ['org.example.app:/done'] });
    const browser = openConsentBrowser(service);
    await browser.open({ response_type: 'code', client_id: clientId });
    expect(browser.page.headers.get('content-security-policy')).toContain("form-action 'self' org.example.app:;");
    await browser.send({ ...credentials(), action: 'go-on' });
    expect(browser.page.body).toContain('sent to org.example.app:.');
    await browser.send({ action: 'allow' });
    expect(browser.page.headers.get('location')).toMatch(/^org\.example\.app:\/done\?code=[0-9a-f]{40}&iss=/);
  });
});
