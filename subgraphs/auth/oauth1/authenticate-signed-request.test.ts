// Whose a signed request is, and each way in which it can be wrong.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newId } from '../../../platform/ids.ts';
import { createSealing } from '../../../platform/sealing.ts';
import { type Credentials, type RequestToSign, signRequest } from '../../../tests/support/oauth1-signer.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import type { AuthTable } from '../auth-parts.ts';
import { auth } from '../index.ts';
import { newToken } from '../tokens.ts';

let graph: TestSubgraphs;
let now = Date.parse('2026-11-21T12:00:30Z');
beforeAll(async () => {
  graph = await startTestSubgraphs([auth], { now: () => now });
  consumer = await application();
  holder = await tokenOf(consumer);
});
afterAll(() => graph.close());

interface Consumer extends Credentials {
  readonly applicationId: string;
  readonly versionId: string;
}
interface Holder extends Credentials {
  readonly sessionId: string;
  readonly userId: string;
}
let consumer: Consumer;
let holder: Holder;

const tables = () => graph.database.forService<AuthTable>('auth').db;
const seal = (secret: string) => createSealing(graph.config.serviceSecret ?? '', 'auth').seal(secret);
async function application(type = 'OAUTH1'): Promise<Consumer> {
  const columns = { type, name: 'Signer', description: 'Signs its requests', confidential: false };
  const { id: applicationId } = await tables().application.create({ data: { id: newId(), ...columns } });
  const [versionId, key, secret] = [newId(), newToken(), newToken()];
  await tables().applicationVersion.create({
    data: { id: versionId, applicationId, name: 'v1', key, sealedSecret: seal(secret) },
  });
  return { applicationId, versionId, key, secret };
}
async function tokenOf({ applicationId }: Consumer): Promise<Holder> {
  const [sessionId, userId, key, secret] = [newId(), newId(), newToken(), newToken()];
  const data = { id: sessionId, userId, applicationId, kind: 'OAUTH1', credentialVersion: 3 };
  await tables().session.create({ data });
  await tables().oAuth1Token.create({ data: { id: newId(), sessionId, token: key, sealedSecret: seal(secret) } });
  return { sessionId, userId, key, secret };
}

const url = 'https://api.example.org/graphql';
const signed = (changes: Partial<RequestToSign> = {}) =>
  signRequest({ method: 'POST', url, consumer, token: holder, timestamp: Math.floor(now / 1_000), ...changes });
const query = `mutation ($method: String!, $url: String!, $authorization: String!) {
  authenticateOAuth1(method: $method, url: $url, authorization: $authorization) {
    id userId applicationId credentialVersion expiresAt
  }
}`;
const ask = (authorization: string, request: object = {}, service = 'gateway') =>
  graph.execute('auth', {
    query,
    variables: { method: 'POST', url, authorization, ...request },
    ...(service === '' ? {} : { service }),
  });
async function refusal(authorization: string, request: object = {}) {
  const { data, errors } = await ask(authorization, request);
  expect(data ?? null).toBeNull();
  return errors?.[0]?.extensions;
}
async function accepted(authorization: string, request: object = {}) {
  const { data, errors } = await ask(authorization, request);
  expect(errors).toBeUndefined();
  return data.authenticateOAuth1;
}
const nonces = () => tables().oAuth1Nonce.count();
const malformed = { code: 'UNAUTHENTICATED', details: { code: 101 } };
const signatureInvalid = { code: 'OAUTH_SIGNATURE_INVALID', details: { code: 109 } };
const replayed = { code: 'REPLAYED_REQUEST', details: { code: 110 } };

describe('authenticateOAuth1', () => {
  test('is for services only', async () => {
    const { errors } = await ask(signed(), {}, '');
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
  });

  const parts = 'oauth_consumer_key="k", oauth_nonce="n", oauth_signature_method="HMAC-SHA1", oauth_timestamp="1"';
  test.each([
    ['another scheme', 'Bearer x'],
    ['nothing', 'OAuth'],
    ['no list', 'OAuth x'],
    ['no quotes', 'OAuth oauth_nonce=n'],
    ['a comma at the end', `OAuth ${parts}, oauth_signature="s",`],
    ['no commas', 'OAuth oauth_nonce="n" oauth_timestamp="1"'],
    ['no signature', `OAuth ${parts}`],
    ['an empty signature', `OAuth ${parts}, oauth_signature=""`],
    ['no consumer key', `OAuth ${parts.slice(24)}, oauth_signature="s"`],
    ['no nonce', `OAuth ${parts.replace('oauth_nonce', 'nonce')}, oauth_signature="s"`],
    ['no timestamp', `OAuth ${parts.replace('oauth_timestamp', 'time')}, oauth_signature="s"`],
    ['a timestamp that is no number', `OAuth ${parts.replace('"1"', '"1.5"')}, oauth_signature="s"`],
    ['a parameter twice', `OAuth ${parts}, oauth_nonce="n", oauth_signature="s"`],
    ['a parameter twice, written differently', `OAuth ${parts}, oauth%5Fnonce="m", oauth_signature="s"`],
    ['a realm twice', `OAuth realm="a", Realm="b", ${parts}, oauth_signature="s"`],
    ['another version', `OAuth ${parts}, oauth_signature="s", oauth_version="2.0"`],
    ['a value that is not percent-encoded', `OAuth ${parts}, oauth_signature="a+b="`],
    ['a value that is no UTF-8', `OAuth ${parts}, oauth_signature="%ff"`],
    ['a name that is not percent-encoded', `OAuth ${parts}, oauth_signature="s", a$="x"`],
  ])('refuses a header with %s', async (_what, authorization) => {
    expect(await refusal(authorization)).toEqual(malformed);
  });

  test('refuses parameters of OAuth in the query, also when they are signed', async () => {
    for (const name of ['oauth_token', 'oauth_nonce', 'oauth_signature', 'oauth%5Ftoken']) {
      const address = `${url}?${name}=x`;
      expect(await refusal(signed({ url: address }), { url: address })).toEqual(malformed);
    }
  });

  test('refuses an unknown consumer, and one of OAuth 2, with 107', async () => {
    const unknown = { code: 'OAUTH_KEY_UNKNOWN', details: { code: 107 } };
    expect(await refusal(signed({ consumer: { key: newToken(), secret: 's' } }))).toEqual(unknown);
    expect(await refusal(signed({ consumer: { key: '\0', secret: 's' } }))).toEqual(unknown);
    expect(await refusal(signed({ consumer: await application('OAUTH2') }))).toEqual(unknown);
    const removed = await application();
    const own = await tokenOf(removed);
    await accepted(signed({ consumer: removed, token: own }));
    await tables().applicationVersion.delete({ where: { id: removed.versionId } });
    expect(await refusal(signed({ consumer: removed, token: own }))).toEqual(unknown);
  });

  test('refuses a token that is unknown, ended, or of another application with 108', async () => {
    const unknown = { code: 'OAUTH_TOKEN_UNKNOWN', details: { code: 108 } };
    expect(await refusal(signed({ token: { key: newToken(), secret: 's' } }))).toEqual(unknown);
    expect(await refusal(signed({ token: { key: '\0', secret: 's' } }))).toEqual(unknown);
    expect(await refusal(signed({ token: await tokenOf(await application()) }))).toEqual(unknown);
    const ended = await tokenOf(consumer);
    await accepted(signed({ token: ended }));
    await tables().session.update({ where: { id: ended.sessionId }, data: { endedAt: new Date(now) } });
    expect(await refusal(signed({ token: ended }))).toEqual(unknown);
  });

  test('refuses what does not fit the signature with 109, and uses up no nonce', async () => {
    const before = await nonces();
    const good = signed({ url: `${url}?a=1` });
    const wrong: [string, object][] = [
      [good, {}],
      [good, { url: `${url}?a=2` }],
      [good, { url: `${url}?a=1&b=` }],
      [good, { url: `${url}/?a=1` }],
      [good, { url: `${url}?a=1`.replace('https', 'http') }],
      [good, { url: `${url}?a=1`.replace('api.', '') }],
      [good, { url: `${url}?a=1`.replace('.org', '.org:8443') }],
      [good, { url: `${url}?a=%` }],
      [good, { url: '/graphql?a=1' }],
      [good, { url: `${url}?a=1`, method: 'GET' }],
      [signed({ consumer: { ...consumer, secret: newToken() } }), {}],
      [signed({ token: { ...holder, secret: newToken() } }), {}],
      [signed({ token: { ...holder, secret: '' } }), {}],
      [signed({ consumer: { ...consumer, secret: '' }, token: { ...holder, secret: '' } }), {}],
      [signed().replace('oauth_version="1.0", ', ''), {}],
      [signed().replace('HMAC-SHA1', 'HMAC-SHA256'), {}],
      [signed({ signatureMethod: 'HMAC-SHA256' }).replace('HMAC-SHA256', 'PLAINTEXT'), {}],
      [signed().replace(/oauth_nonce="./, 'oauth_nonce="x'), {}],
      [signed().replace(/oauth_signature="[^"]*"/, 'oauth_signature="x"'), {}],
      [signed().replace(/oauth_token="[^"]*", /, ''), {}],
      [signed({ more: { oauth_callback: 'oob' } }).replace('oob', 'https%3A%2F%2Fexample.org'), {}],
    ];
    for (const [authorization, request] of wrong) {
      expect(await refusal(authorization, request)).toEqual(signatureInvalid);
    }
    expect(await nonces()).toBe(before);
    await accepted(good, { url: `${url}?a=1` });
  });

  test('refuses PLAINTEXT, where the signature is the secrets themselves', async () => {
    const secrets = `${consumer.secret}%26${holder.secret}`;
    const authorization = signed()
      .replace('HMAC-SHA1', 'PLAINTEXT')
      .replace(/oauth_signature="[^"]*"/, `oauth_signature="${secrets}"`);
    expect(await refusal(authorization)).toEqual(signatureInvalid);
  });

  test('refuses a timestamp that is more than five minutes away with 110', async () => {
    const seconds = Math.floor(now / 1_000);
    for (const away of [-301, -86_400, 301, 86_400, 10 ** 11]) {
      expect(await refusal(signed({ timestamp: Math.max(seconds + away, 0) }))).toEqual(replayed);
    }
    for (const away of [-299, 300]) await accepted(signed({ timestamp: seconds + away }));
  });

  test('takes a request once, for as long as its timestamp would be taken', async () => {
    const authorization = signed({ timestamp: Math.floor(now / 1_000) + 299 });
    await accepted(authorization);
    expect(await refusal(authorization)).toEqual(replayed);
    const { expiresAt } = await tables().oAuth1Nonce.findFirstOrThrow({ orderBy: { createdAt: 'desc' } });
    expect(expiresAt.getTime()).toBeGreaterThan(now + 599_000);
    now += 598_000;
    expect(await refusal(authorization)).toEqual(replayed);
    now += 10_000;
    await tables().oAuth1Nonce.deleteMany({ where: { expiresAt: { lte: new Date(now) } } });
    expect(await refusal(authorization)).toEqual(replayed);
  });

  test('takes one of two that come at once', async () => {
    const authorization = signed();
    const answers = await Promise.all([1, 2, 3].map(() => ask(authorization)));
    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(1);
  });

  test('takes the same nonce of another consumer, of another token, and at another time', async () => {
    const nonce = newToken();
    const other = await application();
    const timestamp = Math.floor(now / 1_000);
    await accepted(signed({ nonce, timestamp }));
    await accepted(signed({ nonce, timestamp: timestamp + 1 }));
    await accepted(signed({ nonce, timestamp, token: await tokenOf(consumer) }));
    await accepted(signRequest({ method: 'POST', url, nonce, timestamp, consumer }));
    await accepted(signRequest({ method: 'POST', url, nonce, timestamp, consumer: other }));
    expect(await refusal(signed({ nonce, timestamp, signatureMethod: 'HMAC-SHA256' }))).toEqual(replayed);
  });

  test('says which application has signed alone', async () => {
    const authorization = signRequest({ method: 'POST', url, consumer, timestamp: Math.floor(now / 1_000) });
    const { applicationId } = consumer;
    const nobody = { id: null, userId: null, applicationId, credentialVersion: 0, expiresAt: null };
    expect(await accepted(authorization)).toEqual(nobody);
    const empty = { method: 'POST', url, consumer, timestamp: Math.floor(now / 1_000), more: { oauth_token: '' } };
    expect(await accepted(signRequest(empty))).toEqual(nobody);
  });

  test.each(['HMAC-SHA1', 'HMAC-SHA256'] as const)(
    'says whose a request is that is signed with %s',
    async (signatureMethod) => {
      const { sessionId: id, userId } = holder;
      const { applicationId } = consumer;
      const identity = { id, userId, applicationId, credentialVersion: 3, expiresAt: null };
      expect(await accepted(signed({ signatureMethod }))).toEqual(identity);
      const spaced = signed({ signatureMethod })
        .replace('OAuth ', 'oauth realm="a, \\"b\\"",\t')
        .replaceAll(', oauth', '  ,  oauth');
      expect(await accepted(spaced)).toEqual(identity);
      expect(await accepted(signed({ method: 'post', url: url.replace('.org', '.org:443') }))).toEqual(identity);
    },
  );

  test('takes whatever parameters a client signs', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 10 });
    const address = fc
      .array(fc.tuple(text, text), { maxLength: 6 })
      .filter((pairs) => pairs.every(([name]) => !name.startsWith('oauth_')))
      .map((pairs) => `${url}?${new URLSearchParams(pairs)}`);
    await fc.assert(
      fc.asyncProperty(
        address,
        fc.dictionary(
          text.map((name) => `x_${name}`),
          text,
          { maxKeys: 3 },
        ),
        async (signedUrl, more) => {
          await accepted(signed({ url: signedUrl, more }), { url: signedUrl });
        },
      ),
      { numRuns: 50 },
    );
  });

  test('notes when a token was last used, once a minute', async () => {
    const token = await tokenOf(consumer);
    const session = () => tables().session.findUniqueOrThrow({ where: { id: token.sessionId } });
    await accepted(signed({ token }));
    const first = await session();
    expect(first.lastUsedAt?.getTime()).toBe(now - (now % 60_000));
    await accepted(signed({ token }));
    expect((await session()).updatedAt).toEqual(first.updatedAt);
    now += 60_000;
    await accepted(signed({ token }));
    expect((await session()).lastUsedAt?.getTime()).toBe(now - (now % 60_000));
  });
});
