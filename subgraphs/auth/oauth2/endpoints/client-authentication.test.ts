// What the token endpoint asks of every request: a body that can be read, and a client that proves to be itself.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  type Answer,
  type OAuth2Service,
  startOAuth2Service,
  type TestClient,
} from '../../../../tests/support/oauth2-service.ts';

let service: OAuth2Service;
let open: TestClient;
let secret: TestClient;
let grant: Record<string, string>;
let now = Date.parse('2026-11-22T12:00:00Z');
// A sign-in that failed in one test must not hold up the next.
beforeEach(() => {
  now += 2_000;
});
beforeAll(async () => {
  service = await startOAuth2Service({ now: () => now });
  open = await service.createClient();
  secret = await service.createClient({ confidential: true });
  const { email, password } = service.account;
  grant = { grant_type: 'password', username: email, password };
});
afterAll(() => service.close());

const formType = { 'content-type': 'application/x-www-form-urlencoded' };
const send = (body: string, headers: Record<string, string> = formType) =>
  service.request('/oauth2/token', { method: 'POST', headers, ...(body === '' ? {} : { body }) });
const form = (parameters: Record<string, string>, headers: Record<string, string> = {}) =>
  send(new URLSearchParams(parameters).toString(), { ...formType, ...headers });
const basic = (id: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(password)}`).toString('base64')}`,
});
const told = ({ status, body }: Answer) => [status, body.error, body.exh_error?.code];

describe('a body', () => {
  const json = { 'content-type': 'application/json' };

  test.each([
    ['nothing at all', '', {}, 13],
    ['an empty body of JSON', '', json, 13],
    ['broken JSON', '{', json, 22],
    ['a list', '[]', json, 22],
    ['text', '"x"', json, 22],
    ['another type', '<a/>', { 'content-type': 'text/xml' }, 22],
    ['a number', '{"grant_type":1}', json, 15],
    ['the same parameter twice', 'grant_type=password&grant_type=mfa', formType, 15],
    ['the same unknown parameter twice', 'x=1&x=2', formType, 15],
    ['a character that cannot be stored', 'client_id=%00', formType, 15],
    ['a parameter that is too long', `client_id=${'a'.repeat(1_001)}`, formType, 15],
  ])('is refused: %s', async (_what, payload, headers, code) => {
    const answer = await send(payload, headers);
    expect(told(answer)).toEqual([400, 'invalid_request', code]);
  });

  test('is refused when it is larger than any request', async () => {
    expect((await form({ client_id: 'a'.repeat(65_536) })).status).toBe(413);
  });

  test('may be a form or JSON, and parameters without a value count as left out', async () => {
    const parameters = { ...grant, client_id: open.clientId, client_secret: '', unknown: 'x' };
    expect((await form(parameters)).status).toBe(200);
    expect((await send(JSON.stringify({ ...parameters, code: null }), json)).status).toBe(200);
  });

  test('what is refused is told as RFC 6749 has it, and never kept by a cache', async () => {
    const { headers, body } = await form({ ...grant, client_id: open.clientId, password: 'wrong' });
    expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
    const description = 'The e-mail address or the password is wrong.';
    expect(body).toEqual({
      error: 'invalid_grant',
      error_description: description,
      description,
      exh_error: { code: 106, name: 'AUTHENTICATION_EXCEPTION', description },
    });
  });
});

describe('a client', () => {
  test('needs an id', async () => {
    expect(told(await form(grant))).toEqual([400, 'invalid_client', 126]);
    expect(told(await form({ ...grant, client_id: '' }))).toEqual([400, 'invalid_client', 126]);
  });

  test('must exist', async () => {
    const answer = await form({ ...grant, client_id: 'f'.repeat(40) });
    expect(told(answer)).toEqual([401, 'invalid_client', 123]);
    expect(answer.headers.get('www-authenticate')).toBeNull();
  });

  test('that can keep a secret must send it', async () => {
    expect(told(await form({ ...grant, client_id: secret.clientId }))).toEqual([400, 'invalid_client', 126]);
    const wrong = { ...grant, client_id: secret.clientId, client_secret: 'f'.repeat(40) };
    expect(told(await form(wrong))).toEqual([401, 'invalid_client', 124]);
  });

  test('that has no secret must not send one', async () => {
    const answer = await form({ ...grant, client_id: open.clientId, client_secret: 'x' });
    expect(told(answer)).toEqual([401, 'invalid_client', 124]);
  });

  test('may use HTTP Basic, and is asked for it when it did and is refused', async () => {
    const wrong = await form(grant, basic(secret.clientId, 'wrong'));
    expect(told(wrong)).toEqual([401, 'invalid_client', 124]);
    expect(wrong.headers.get('www-authenticate')).toMatch(/^Basic realm="/);
    expect(told(await form(grant, basic(secret.clientId, '')))).toEqual([401, 'invalid_client', 126]);
    expect((await form(grant, basic(secret.clientId, secret.clientSecret ?? ''))).status).toBe(200);
    expect((await form(grant, basic(open.clientId, ''))).status).toBe(200);
  });

  test.each([
    ['Basic'],
    ['Basic !'],
    [`Basic ${Buffer.from('nocolon').toString('base64')}`],
    [`Basic ${Buffer.from(':secret').toString('base64')}`],
    [`Basic ${Buffer.from('%zz:x').toString('base64')}`],
    ['Bearer x'],
  ])('is refused with the header %s', async (authorization) => {
    const [status, error, code] = told(await form({ ...grant, client_id: open.clientId }, { authorization }));
    expect([error, code]).toEqual(['invalid_client', 126]);
    expect(status).toBe(authorization.startsWith('Basic') ? 401 : 400);
  });

  test('uses one way only, and is one client only', async () => {
    const header = basic(secret.clientId, secret.clientSecret ?? '');
    const both = await form({ ...grant, client_secret: secret.clientSecret ?? '' }, header);
    expect(told(both)).toEqual([400, 'invalid_request', 15]);
    expect(told(await form({ ...grant, client_id: open.clientId }, header))).toEqual([400, 'invalid_request', 15]);
    expect((await form({ ...grant, client_id: secret.clientId }, header)).status).toBe(200);
  });

  test('of a version that was deleted is unknown', async () => {
    const other = await service.createVersion(open, 'v2.0.0');
    await service.deleteVersion(other);
    const answer = await form({ ...grant, client_id: other.clientId });
    expect(told(answer)).toEqual([401, 'invalid_client', 123]);
  });

  test('of OAuth 1 has no business here', async () => {
    const query =
      'mutation ($input: CreateApplicationInput!) { createApplication(input: $input) { application { id } } }';
    const identity = { userId: service.account.userId, permissions: ['CREATE_APPLICATIONS'] };
    const variables = { input: { type: 'OAUTH1', name: 'Old', description: 'Speaks OAuth 1.' } };
    const { data } = await service.graph.execute('auth', { query, variables, identity });
    const version = await service.graph.execute('auth', {
      query: `mutation ($input: CreateApplicationVersionInput!) {
        createApplicationVersion(input: $input) { version { consumerKey } }
      }`,
      variables: { input: { applicationId: data.createApplication.application.id, name: 'v1' } },
      identity,
    });
    const { consumerKey } = version.data.createApplicationVersion.version;
    expect(told(await form({ ...grant, client_id: consumerKey }))).toEqual([400, 'unauthorized_client', 27]);
  });
});

test.each([[''], ['client_credentials'], ['implicit'], ['toString'], ['__proto__']])(
  'the grant type %j is refused',
  async (grantType) => {
    const expected = grantType === '' ? [400, 'invalid_request', 14] : [400, 'unsupported_grant_type', 121];
    expect(told(await form({ ...grant, client_id: open.clientId, grant_type: grantType }))).toEqual(expected);
  },
);

test('the metadata say what there is, and where', async () => {
  const url = '/.well-known/oauth-authorization-server';
  const { status, body } = await service.request(url);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    issuer: service.url,
    token_endpoint: `${service.url}/oauth2/token`,
    grant_types_supported: ['password', 'mfa', 'authorization_code', 'refresh_token'],
    code_challenge_methods_supported: ['S256', 'plain'],
    authorization_response_iss_parameter_supported: true,
  });
});
