// The page between password and consent of a user who has a second factor; and the cookie over HTTPS.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '../../../../platform/ids.ts';
import { type ConsentBrowser, openConsentBrowser } from '../../../../tests/support/consent-browser.ts';
import { type OAuth2Service, startOAuth2Service, type TestClient } from '../../../../tests/support/oauth2-service.ts';

let service: OAuth2Service;
let client: TestClient;
let codes: string[];
let now = Date.parse('2026-11-22T12:00:00Z');
beforeAll(async () => {
  service = await startOAuth2Service({ now: () => now });
  client = await service.createClient();
  codes = await service.turnOnSecondFactor();
});
afterAll(() => service.close());

async function signIn(): Promise<ConsentBrowser> {
  const browser = openConsentBrowser(service);
  await browser.open({ response_type: 'code', client_id: client.clientId });
  const { email, password } = service.account;
  await browser.send({ email, password, action: 'go-on' });
  return browser;
}
const methodIn = ({ page }: ConsentBrowser) => /name="method" value="([^"]+)"/.exec(page.body)?.[1] ?? '';
const prove = (browser: ConsentBrowser, fields: Record<string, string>) =>
  browser.send({ method: methodIn(browser), action: 'go-on', ...fields });

test('the password alone leads to the second factor, not to consent', async () => {
  const browser = await signIn();
  expect(browser.page.status).toBe(200);
  expect(browser.page.body).toContain('Second factor');
  expect(browser.page.body).not.toContain('Allow');
  await prove(browser, { action: 'allow' });
  expect(browser.page.body).not.toContain('value="allow"');
});

test('a code and a method are needed', async () => {
  const browser = await signIn();
  for (const fields of [{ code: '' }, { code: 'x'.repeat(101) }, { code: codes[0] ?? '', method: newId() }]) {
    await prove(browser, fields as unknown as Record<string, string>);
    expect([browser.page.status, browser.page.body.includes('Fill in all fields.')]).toEqual([400, true]);
  }
});

test('a wrong code shows the page again, and then asks to wait', async () => {
  const browser = await signIn();
  await prove(browser, { code: '00000000' });
  expect([browser.page.status, browser.page.body.includes('The code is wrong.')]).toEqual([400, true]);
  await prove(browser, { code: codes[0] ?? '' });
  expect([browser.page.status, browser.page.body.includes('Try again in 1 s.')]).toEqual([400, true]);
  now += 1_000;
  await prove(browser, { code: codes[0] ?? '' });
  expect(browser.page.body).toContain('Allow');
});

test('a challenge that is used up or has expired leads back to the password', async () => {
  const browser = await signIn();
  const [{ flow }, method] = [browser, methodIn(browser)];
  await prove(browser, { code: codes[1] ?? '' });
  expect(browser.page.body).toContain('Allow');
  await browser.send({ flow, method, code: codes[2] ?? '', action: 'go-on' });
  expect([browser.page.status, browser.page.body.includes('Sign in again.')]).toEqual([400, true]);
  expect(browser.page.body).toContain('name="password"');
  expect(browser.page.body).toContain('value="jane@example.org"');
});

test('a passkey alone is told to be of no use here', async () => {
  const { db } = service.graph.database.forService<'mfaMethod'>('auth');
  const { userId } = service.account;
  const kept = await db.mfaMethod.findMany({ where: { userId } });
  await db.mfaMethod.updateMany({ where: { userId }, data: { codeHashes: [] } });
  await db.mfaMethod.create({
    data: {
      ...{ id: newId(), userId, type: 'PASSKEY', name: 'Phone', tags: [], verified: true, codeHashes: [] },
      ...{ credentialId: 'AAAA', publicKey: new Uint8Array([1]), counter: 0n, transports: [] },
    },
  });
  const browser = await signIn();
  expect(browser.page.body).toContain('asks for a passkey, which this page cannot use');
  await browser.send({ action: 'deny' });
  expect(browser.page.headers.get('location')).toContain('error=access_denied');
  await db.mfaMethod.deleteMany({ where: { userId, type: 'PASSKEY' } });
  for (const { id, codeHashes } of kept) await db.mfaMethod.update({ where: { id }, data: { codeHashes } });
});

test('of several methods one is chosen', async () => {
  const { db } = service.graph.database.forService<'mfaMethod'>('auth');
  const { userId } = service.account;
  const sealedSecret = 'not looked at';
  await db.mfaMethod.create({
    data: { ...{ id: newId(), userId, type: 'TOTP', name: 'My <phone>', tags: [], verified: true, sealedSecret } },
  });
  const browser = await signIn();
  expect(browser.page.body).toContain('Authenticator app: My &lt;phone&gt;');
  const recovery = /value="([^"]+)"[^>]*> Recovery code/.exec(browser.page.body)?.[1] ?? '';
  await prove(browser, { method: recovery, code: codes[3] ?? '' });
  await browser.send({ action: 'allow' });
  expect(browser.page.headers.get('location')).toContain('?code=');
});

test('over HTTPS the cookie is for HTTPS and for this host alone', async () => {
  const secure = await startOAuth2Service({ environment: { PUBLIC_URL: 'https://care.example.org' } });
  const { clientId } = await secure.createClient();
  const browser = openConsentBrowser(secure);
  await browser.open({ response_type: 'code', client_id: clientId });
  const cookie = browser.page.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/^__Host-caregraph-consent=[0-9a-f]{40}; /);
  for (const part of ['Secure', 'HttpOnly', 'SameSite=Lax', 'Path=/']) expect(cookie).toContain(part);
  await browser.send({ action: 'deny' });
  expect(browser.page.headers.get('location')).toContain('iss=https%3A%2F%2Fcare.example.org');
  await secure.close();
});
