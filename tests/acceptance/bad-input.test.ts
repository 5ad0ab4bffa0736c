// Bad input: each gets a clear error with a stable code, changes nothing, and betrays nothing of the inside.
import { describe, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { mutations } from '../support/clinic.ts';
import { describeClinic } from '../support/describe-clinic.ts';
import type { GraphqlAnswer } from '../support/graphql-client.ts';
import { createGraphqlClient } from '../support/graphql-client.ts';

const inside = /node_modules|\.ts\b|\.js:|\/dist\/|\bat [\w.<]+ \(|SELECT|INSERT|prisma|postgres|ECONNREFUSED/i;

function expectRefusal(answer: GraphqlAnswer, code: string, message?: RegExp): void {
  expect(answer.errors?.[0]?.extensions?.code).toBe(code);
  if (message !== undefined) expect(answer.errors?.[0]?.message).toMatch(message);
  expect(JSON.stringify(answer)).not.toMatch(inside);
}

describeClinic('bad input', (world) => {
  const post = async (body: string | undefined, headers: Record<string, string> = {}): Promise<GraphqlAnswer> => {
    const response = await fetch(`${world.shape.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, ...((await response.json()) as object) };
  };

  test.each([
    ['document', 'query { document(id: "1") { id } }'],
    ['user', 'query { user(id: "\' OR 1=1 --") { id } }'],
    ['group', 'query { group(id: "") { id } }'],
    ['file', 'query { file(id: "../../etc/passwd") { id } }'],
  ])('a malformed id of a %s', async (_what, query) => {
    expectRefusal(await world.clinic.jane.ask(query), 'BAD_USER_INPUT', /id/);
  });

  test('a field that is not there', async () => {
    const answer = await world.clinic.jane.ask('{ me { secret } }');
    expect(answer.status).toBe(400);
    expectRefusal(answer, 'GRAPHQL_VALIDATION_FAILED', /secret/);
  });

  test('an internal operation', async () => {
    expectRefusal(await world.clinic.jane.ask('{ session(tokenHash: "x") { id } }'), 'GRAPHQL_VALIDATION_FAILED');
    expectRefusal(
      await world.clinic.jane.ask('{ _entities(representations: []) { __typename } }'),
      'GRAPHQL_VALIDATION_FAILED',
    );
  });

  test('data that breaks its schema: the message names the path', async () => {
    const { pat, schemaName } = world.clinic;
    const create = (data: unknown) => pat.ask(mutations.createDocument, { input: { schemaName, data } });
    expectRefusal(await create({ systolic: 'high' }), 'BAD_USER_INPUT', /systolic/);
    expectRefusal(await create({ systolic: 1_000 }), 'BAD_USER_INPUT', /systolic/);
    expectRefusal(await create({ unknown: 1 }), 'BAD_USER_INPUT', /unknown/);
    expectRefusal(await create('text'), 'BAD_USER_INPUT', /data/);
    expectRefusal(await create({ note: 'x\u0000y' }), 'BAD_USER_INPUT', /note/);
    const query = 'query ($schemaName: String!) { documents(schemaName: $schemaName) { totalCount } }';
    expect((await pat.run(query, { schemaName })).documents.totalCount).toBe(0);
  });

  test('unknown groups and users', async () => {
    const { admin } = world.clinic;
    const unknown = '01890000-0000-7000-8000-000000000000';
    const staff = await admin.ask(mutations.addStaff, { input: { userIds: [admin.userId], groupIds: [unknown] } });
    expectRefusal(staff, 'NOT_FOUND', /groupIds/);
    const patient = await admin.ask(mutations.addPatient, { input: { userId: unknown, groupId: world.clinic.groupA } });
    expectRefusal(patient, 'NOT_FOUND', /userId/);
  });

  test('a subscription over HTTP', async () => {
    const answer = await world.clinic.jane.ask('subscription { documentChanged { position } }');
    expect(answer.status).toBe(400);
    expectRefusal(answer, 'BAD_REQUEST', /WebSocket/);
  });

  test('wrong variables', async () => {
    expectRefusal(
      await world.clinic.jane.ask(mutations.createDocument, { input: { schemaName: 7 } }),
      'BAD_USER_INPUT',
      /schemaName/,
    );
    expectRefusal(await world.clinic.jane.ask(mutations.createDocument, {}), 'BAD_USER_INPUT', /input/);
  });

  test('page sizes and cursors', async () => {
    expectRefusal(
      await world.clinic.jane.ask('{ users(first: -1) { totalCount nodes { id } } }'),
      'BAD_USER_INPUT',
      /first/,
    );
    expectRefusal(
      await world.clinic.jane.ask('{ users(after: "nonsense") { nodes { id } } }'),
      'BAD_USER_INPUT',
      /after/,
    );
    expectRefusal(
      await world.clinic.jane.ask('{ users(first: 1, last: 1) { nodes { id } } }'),
      'BAD_USER_INPUT',
      /last/,
    );
  });

  test('an empty body, broken JSON, no operation, an oversized body', async () => {
    expectRefusal(await post(''), 'BAD_REQUEST');
    expectRefusal(await post('{"query": '), 'BAD_REQUEST');
    expectRefusal(await post('{}'), 'BAD_REQUEST');
    expectRefusal(await post('{"query":"{ me { id }"}'), 'GRAPHQL_PARSE_FAILED');
    expectRefusal(await post('{"__proto__":{"x":1},"query":"{ me { id } }"}'), 'BAD_REQUEST');
    const oversized = await post(
      JSON.stringify({ query: '{ me { id } }', variables: { text: 'x'.repeat(11 * 1_024 * 1_024) } }),
    );
    expect(oversized.status).toBe(413);
    expectRefusal(oversized, 'PAYLOAD_TOO_LARGE');
  });

  test('a query 10,000 levels deep, and one just too deep', async () => {
    const nested = (levels: number) =>
      `${'{ me { staffEnlistments { group { roles '.repeat(levels)}{ id }${' } } } }'.repeat(levels)}`;
    expectRefusal(await world.clinic.jane.ask(nested(10_000)), 'OPERATION_TOO_LARGE');
    expectRefusal(await world.clinic.jane.ask(`{${'a{'.repeat(10_000)}a${'}'.repeat(10_000)}}`), 'OPERATION_TOO_LARGE');
    const deep = (levels: number): string => (levels === 0 ? 'id' : `group { roles { ${deep(levels - 1)} } }`);
    expectRefusal(await world.clinic.jane.ask(`{ role(id: "x") { ${deep(12)} } }`), 'OPERATION_TOO_LARGE');
    const socket = world.clinic.jane.subscribe(`subscription {${'a{'.repeat(10_000)}a${'}'.repeat(10_000)}}`);
    await socket.waitUntilEnded();
    expect(socket.failure[0].extensions.code).toBe('OPERATION_TOO_LARGE');
  });

  test('variables nested without end', async () => {
    const data = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
    const { pat, schemaName } = world.clinic;
    const body = (inner: string) =>
      `{"query":${JSON.stringify(mutations.createDocument)},"variables":{"input":{"schemaName":"${schemaName}","data":${inner}}}}`;
    const authorization = `Bearer ${pat.token}`;
    expectRefusal(await post(body(data), { authorization }), 'OPERATION_TOO_LARGE', /variables/);
    const shallower = `${'{"a":'.repeat(60)}1${'}'.repeat(60)}`;
    expectRefusal(await post(body(shallower), { authorization }), 'BAD_USER_INPUT');
  });

  test('a forged token, and a header that is no token', async () => {
    for (const authorization of [`Bearer ${'a'.repeat(40)}`, 'Bearer x', 'Basic YTpi', `Bearer ${'a'.repeat(4_000)}`]) {
      const answer = await post('{"query":"{ me { id } }"}', { authorization });
      expect(answer.status).toBe(401);
      expectRefusal(answer, 'UNAUTHENTICATED');
    }
  });

  test('operations that need signing in, without', async () => {
    const nobody = createGraphqlClient(world.shape.url);
    expect((await nobody.run('{ me { id } }')).me).toBeNull();
    expectRefusal(await nobody.ask('{ users { nodes { id } } }'), 'UNAUTHENTICATED');
    expectRefusal(await nobody.ask(mutations.createGroup, { input: { name: 'x' } }), 'UNAUTHENTICATED');
    expectRefusal(
      await world.clinic.jane.ask(mutations.createGroup, { input: { name: 'x' } }),
      'FORBIDDEN',
      /CREATE_GROUP/,
    );
  });

  test('a wrong password and an unknown address are answered alike', async () => {
    const nobody = createGraphqlClient(world.shape.url);
    const login = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }';
    const [wrong, unknown] = await Promise.all(
      [world.shape.admin.email, 'nobody@example.org'].map((email) =>
        nobody.ask(login, { input: { email, password: 'Wrong-1234' } }),
      ),
    );
    expectRefusal(wrong as GraphqlAnswer, 'INVALID_CREDENTIALS');
    expect(wrong).toEqual(unknown);
  });

  test('a forged internal identity gets nothing from a service', async () => {
    if (world.shape.services === undefined) return; // all in one, no service has a port
    const query = '{ users { totalCount nodes { id email } } }';
    const forged = await new SignJWT({ identity: { userId: world.clinic.jane.userId, permissions: ['VIEW_USER'] } })
      .setProtectedHeader({ alg: 'HS256' })
      .setAudience('users')
      .setExpirationTime('30s')
      .sign(new TextEncoder().encode('not the secret that services sign with'));
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${forged.split('.')[1]}.`;
    for (const caller of [undefined, 'x', forged, unsigned, { userId: world.clinic.jane.userId }]) {
      const response = await fetch(`${world.shape.services.urlOf('users')}/subgraphs/users`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, extensions: { caller } }),
      });
      expect(response.status).toBe(401);
      expectRefusal({ status: 401, ...((await response.json()) as object) }, 'UNAUTHENTICATED');
    }
  });
});

describe('an access token', () => {
  test('that has expired is refused, and the session goes on with the refresh token, once', async () => {
    const { startAllInOne } = await import('../support/shapes.ts');
    const shape = await startAllInOne({ ACCESS_TOKEN_SECONDS: '1' });
    try {
      const nobody = createGraphqlClient(shape.url);
      const input = shape.admin;
      const { login } = await nobody.run(
        'mutation ($input: LoginInput!) { login(input: $input) { accessToken refreshToken expiresIn } }',
        { input },
      );
      expect(login.expiresIn).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      const expired = await createGraphqlClient(shape.url, login.accessToken).ask('{ me { id } }');
      expect(expired.status).toBe(401);
      expectRefusal(expired, 'UNAUTHENTICATED');
      const refresh =
        'mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { accessToken refreshToken } }';
      const renewed = await nobody.run(refresh, { input: { refreshToken: login.refreshToken } });
      const client = createGraphqlClient(shape.url, renewed.refreshSession.accessToken);
      expect((await client.run('{ me { email } }')).me.email).toBe(shape.admin.email);
      expectRefusal(
        await nobody.ask(refresh, { input: { refreshToken: login.refreshToken } }),
        'REFRESH_TOKEN_INVALID',
      );
      // The stolen token was used twice: the whole session is over.
      expectRefusal(await client.ask('{ me { email } }'), 'UNAUTHENTICATED');
    } finally {
      await shape.close();
    }
  }, 300_000);
});
