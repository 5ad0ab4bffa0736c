// What a provider can do wrong: each fault is refused with its own code, and nobody is signed in.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type CryptoKey, generateKeyPair, SignJWT } from 'jose';
import { newId } from '../../../platform/ids.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../../users/index.ts';
import { auth } from '../index.ts';

const now = () => Math.floor(Date.now() / 1_000);
type Answer = { readonly status?: number; readonly body: string } | 'hang up';

let graph: TestSubgraphs;
let key: CryptoKey;
let server: Server;
let issuer: string;
/** What the two endpoints answer next. */
let token: (nonce: string) => Promise<Answer>;
let userinfo: () => Answer;

beforeAll(async () => {
  key = (await generateKeyPair('ES256')).privateKey;
  server = createServer(async (request, response) => {
    const answer = request.url === '/token' ? await token(nonce) : userinfo();
    if (answer === 'hang up') return void request.socket.destroy();
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' }).end(answer.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  graph = await startTestSubgraphs([users, auth]);
  const input = {
    name: 'faulty',
    description: '',
    clientId: 'caregraph',
    clientSecret: 'a secret',
    issuerId: issuer,
    authorizationEndpoint: `${issuer}/auth`,
    tokenEndpoint: `${issuer}/token`,
    userinfoEndpoint: `${issuer}/me`,
    redirectUri: 'https://app.example.org/signed-in',
  };
  const query = 'mutation ($input: CreateOidcProviderInput!) { createOidcProvider(input: $input) { provider { id } } }';
  const identity = { userId: newId(), permissions: ['CREATE_OIDC_PROVIDER'] };
  await graph.execute('auth', { query, variables: { input }, identity });
}, 300_000);
afterAll(async () => {
  await graph.close();
  server.closeAllConnections();
  server.close();
});

let nonce = '';
async function login() {
  const url = await graph.execute('auth', {
    query: 'mutation { createOidcAuthenticationUrl(input: { providerName: "faulty" }) { authenticationUrl state } }',
  });
  const { authenticationUrl, state } = url.data.createOidcAuthenticationUrl;
  nonce = new URL(authenticationUrl).searchParams.get('nonce') ?? '';
  return graph.execute('auth', {
    query: 'mutation ($input: LoginWithOidcInput!) { loginWithOidc(input: $input) { user { id } } }',
    variables: { input: { providerName: 'faulty', authorizationCode: 'code', state } },
  });
}

const right = (given: string) => ({
  iss: issuer,
  aud: 'caregraph',
  sub: 'subject',
  nonce: given,
  iat: now(),
  exp: now() + 60,
});
async function tokens(claims: Record<string, unknown>): Promise<Answer> {
  const jwt = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256' }).sign(key);
  return { body: JSON.stringify({ access_token: 'access', token_type: 'bearer', id_token: jwt }) };
}
const person = (claims: object = {}): Answer => ({
  body: JSON.stringify({
    sub: 'subject',
    email: `${newId()}@example.org`,
    given_name: 'Ann',
    family_name: 'Other',
    ...claims,
  }),
});

const faults: readonly [string, string, number, (given: string) => Promise<Answer>, (() => Answer)?][] = [
  [
    'refuses for a reason of its own',
    'OIDC_PROVIDER_RESPONSE',
    138,
    async () => ({ status: 400, body: '{"error":"invalid_client"}' }),
  ],
  ['answers no JSON', 'OIDC_PROVIDER_RESPONSE', 138, async () => ({ body: '<html>' })],
  ['is broken', 'OIDC_PROVIDER_RESPONSE', 138, async () => ({ status: 500, body: '' })],
  ['hangs up', 'OIDC_PROVIDER_RESPONSE', 138, async () => 'hang up'],
  [
    'gives no identity token',
    'OIDC_ID_TOKEN_INVALID',
    136,
    async () => ({ body: '{"access_token":"a","token_type":"bearer"}' }),
  ],
  [
    'gives what is no identity token',
    'OIDC_ID_TOKEN_INVALID',
    136,
    async () => ({ body: '{"access_token":"a","token_type":"bearer","id_token":"x"}' }),
  ],
  [
    'gives one of another issuer',
    'OIDC_ID_TOKEN_INVALID',
    136,
    (given) => tokens({ ...right(given), iss: 'https://other.example.org' }),
  ],
  [
    'gives one for another client',
    'OIDC_ID_TOKEN_INVALID',
    136,
    (given) => tokens({ ...right(given), aud: 'somebody else' }),
  ],
  ['gives one that has expired', 'OIDC_ID_TOKEN_INVALID', 136, (given) => tokens({ ...right(given), exp: now() - 60 })],
  ['gives one of another sign-in', 'OIDC_NONCE_INVALID', 137, () => tokens(right('another nonce'))],
  [
    'does not know its own user',
    'OIDC_PROVIDER_RESPONSE',
    138,
    (given) => tokens(right(given)),
    () => ({ status: 401, body: '{}' }),
  ],
  [
    'tells no address',
    'OIDC_PROVIDER_RESPONSE',
    138,
    (given) => tokens(right(given)),
    () => person({ email: undefined }),
  ],
  [
    'tells of somebody else',
    'OIDC_PROVIDER_RESPONSE',
    138,
    (given) => tokens(right(given)),
    () => person({ sub: 'other' }),
  ],
];

test.each(faults)(
  'a provider that %s: %s',
  async (_what, code, number, tokenAnswer, userinfoAnswer = () => person()) => {
    token = tokenAnswer;
    userinfo = userinfoAnswer;
    const { errors } = await login();
    expect(errors?.[0]?.extensions).toMatchObject({ code, details: { code: number } });
    const { db } = graph.database.forService<'oidcLoginAttempt'>('auth');
    expect(await db.oidcLoginAttempt.findFirst({ orderBy: { id: 'desc' } })).toMatchObject({
      status: 'FAILED',
      errorCode: code,
    });
    expect(await graph.database.forService<'session'>('auth').db.session.count()).toBe(0);
  },
);

test('a provider that does all right', async () => {
  token = (given) => tokens(right(given));
  userinfo = () => person();
  expect((await login()).errors).toBeUndefined();
});
