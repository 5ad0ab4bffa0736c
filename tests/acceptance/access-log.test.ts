// The access log: whatever is asked of the gateway, over whichever connection, stands in it with who asked.
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { mutations } from '../support/clinic.ts';
import { describeClinic } from '../support/describe-clinic.ts';
import { createGraphqlClient, type GraphqlClient } from '../support/graphql-client.ts';
import { openRawSocket } from '../support/raw-socket.ts';
import { openRawStream } from '../support/stream-client.ts';

const list = `query ($filter: AccessLogFilter, $last: Int) {
  accessLogs(filter: $filter, last: $last) {
    totalCount
    nodes {
      id sequence timestamp httpStatus duration userId user { id firstName } applicationId userAddress host request
      responseBodySize userAgent operationName rootFields errorCodes requestId
    }
  }
}`;
// biome-ignore lint/suspicious/noExplicitAny: tests read results loosely.
type Entry = any;

describeClinic('the access log', (world) => {
  const find = async (filter: object): Promise<Entry[]> =>
    (await world.clinic.admin.run(list, { filter, last: 100 })).accessLogs.nodes;
  /** Entries are stored a moment after the answer. */
  const findOne = async (filter: object): Promise<Entry> => {
    for (const deadline = Date.now() + 30_000; Date.now() < deadline; await pause(100)) {
      const [entry, ...more] = await find(filter);
      if (more.length > 0) throw new Error(`more than one: ${JSON.stringify([entry, ...more])}`);
      if (entry !== undefined) return entry;
    }
    throw new Error(`nothing was logged of ${JSON.stringify(filter)}`);
  };
  const post = (body: object, headers: Record<string, string> = {}) =>
    fetch(`${world.shape.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const bearer = ({ token }: GraphqlClient) => ({ authorization: `Bearer ${token}` });

  test('is refused without VIEW_ACCESS_LOGS', async () => {
    const { jane, karim } = world.clinic;
    for (const viewer of [jane, karim, createGraphqlClient(world.shape.url)]) {
      const { data, errors } = await viewer.ask(list);
      expect([data ?? null, errors?.[0]?.extensions.code]).toEqual([
        null,
        viewer.token === undefined ? 'UNAUTHENTICATED' : 'FORBIDDEN',
      ]);
    }
    await findOne({ userId: { eq: karim.userId }, rootFields: { contains: 'accessLogs' } });
  });

  test('tells who asked what, from where, and what came of it', async () => {
    const { pat, schemaName } = world.clinic;
    const query = `query Mine($id: ID!, $name: String!) {
      ...Own other: document(id: $id) { id } documents(schemaName: $name) { totalCount }
    } fragment Own on Query { me { id } again: me { id } }`;
    const variables = { id: pat.userId, name: schemaName };
    const before = Date.now();
    const answer = await post(
      { query, variables },
      { ...bearer(pat), 'x-request-id': 'what-pat-asked', 'user-agent': 'tests' },
    );
    const body = await answer.text();
    const entry = await findOne({ requestId: { eq: 'what-pat-asked' } });
    expect(entry).toMatchObject({
      httpStatus: 200,
      userId: pat.userId,
      user: { id: pat.userId, firstName: 'Pat' },
      applicationId: null,
      userAddress: expect.stringMatching(/127\.0\.0\.1$/),
      host: new URL(world.shape.url).host,
      request: 'POST /graphql HTTP/1.1',
      responseBodySize: Buffer.byteLength(body),
      userAgent: 'tests',
      operationName: 'Mine',
      rootFields: ['document', 'documents', 'me'],
      errorCodes: [],
    });
    expect(entry.duration).toBeGreaterThan(0);
    expect(Math.abs(Date.parse(entry.timestamp) - before)).toBeLessThan(60_000);
  });

  test('has what was refused: sign-ins, bad tokens, what cannot be read', async () => {
    const { email } = (await world.clinic.rosa.run('{ me { email } }')).me;
    const login = 'mutation In($input: LoginInput!) { login(input: $input) { user { id } } }';
    const ask = (id: string, body: object, headers = {}) => post(body, { 'x-request-id': id, ...headers });
    await ask('right-password', { query: login, variables: { input: { email, password: 'Correct-Horse-1' } } });
    await ask('wrong-password', { query: login, variables: { input: { email, password: 'Wrong-Horse-1' } } });
    await ask('bad-token', { query: '{ me { id } }' }, { authorization: `Bearer ${'0'.repeat(40)}` });
    await ask('no-field', { query: '{ nothing }' });
    await fetch(`${world.shape.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': 'not-json' },
      body: '{',
    });
    const of = (id: string) => findOne({ requestId: { eq: id } });
    expect(await of('wrong-password')).toMatchObject({
      userId: null,
      operationName: 'In',
      rootFields: ['login'],
      errorCodes: [expect.stringMatching(/^[A-Z_]+$/)],
    });
    expect(await of('right-password')).toMatchObject({ userId: world.clinic.rosa.userId, errorCodes: [] });
    expect(await of('bad-token')).toMatchObject({ userId: null, httpStatus: 401, errorCodes: ['UNAUTHENTICATED'] });
    expect(await of('no-field')).toMatchObject({ httpStatus: 400, errorCodes: ['GRAPHQL_VALIDATION_FAILED'] });
    expect(await of('not-json')).toMatchObject({ httpStatus: 400, errorCodes: ['BAD_REQUEST'], rootFields: [] });
  });

  test('has what runs on a WebSocket and on a stream, and connections that are refused', async () => {
    const { jane, karim, schemaName } = world.clinic;
    const { url } = world.shape;
    const subscription = `subscription Watch { documentChanged(schemaName: "${schemaName}") { position } }`;
    const raw = await openRawSocket({ url, token: jane.token });
    raw.send({ type: 'subscribe', id: '1', payload: { query: 'query ByWs { groups { totalCount } }' } });
    await raw.message({ type: 'complete', id: '1' });
    raw.send({ type: 'subscribe', id: '2', payload: { query: subscription } });
    const of = (userId: string | undefined, field: string) =>
      findOne({ userId: { eq: userId }, rootFields: { contains: field }, operationName: { ne: 'ByHttp' } });
    const ws = { request: 'GET /graphql websocket', httpStatus: 101, responseBodySize: null };
    expect(await of(jane.userId, 'groups')).toMatchObject({ ...ws, operationName: 'ByWs', errorCodes: [] });
    expect(await of(jane.userId, 'documentChanged')).toMatchObject({ ...ws, operationName: 'Watch', duration: 0 });
    raw.socket.terminate();

    const stream = await openRawStream({ url, token: karim.token, query: subscription });
    expect(await of(karim.userId, 'documentChanged')).toMatchObject({
      request: 'POST /graphql/stream HTTP/1.1',
      httpStatus: 200,
    });
    stream.close();

    const forged = createGraphqlClient(url, '0'.repeat(40)).subscribe(subscription);
    await forged.waitUntilEnded();
    const refused = { errorCodes: { contains: 'UNAUTHENTICATED' }, request: { eq: 'GET /graphql websocket' } };
    expect(await findOne(refused)).toMatchObject({ userId: null, httpStatus: 401 });
    await openRawStream({ url, token: '0'.repeat(40), query: subscription });
    expect(await findOne({ ...refused, request: { eq: 'POST /graphql/stream HTTP/1.1' } })).toMatchObject({
      userId: null,
      httpStatus: 401,
    });
  });

  test('has files and exports, with whom a signed address was for, and no secret of an address', async () => {
    const { admin, quinn, schemaName } = world.clinic;
    const { file, uploadUrl } = (await quinn.run(mutations.createFile, { input: { name: 'a.txt' } })).createFile;
    await fetch(uploadUrl, { method: 'PUT', body: 'hello' });
    const { downloadUrl } = (await quinn.run('query ($id: ID!) { file(id: $id) { downloadUrl } }', { id: file.id }))
      .file;
    await (await fetch(downloadUrl)).text();
    const create = 'mutation ($input: CreateFileTokenInput!) { createFileToken(input: $input) { token { token } } }';
    const input = { fileId: file.id, accessLevel: 'READ' };
    const { token } = (await quinn.run(create, { input })).createFileToken.token;
    await (await fetch(`${world.shape.url}/files/tokens/${token}`)).text();
    await (await fetch(`${world.shape.url}/export/documents/${schemaName}`, { headers: bearer(admin) })).text();

    const of = (request: string) => findOne({ request: { like: request } });
    for (const method of ['PUT', 'GET']) {
      const entry = await of(`${method} /files/${file.id}`);
      expect(entry.request).toBe(`${method} /files/${file.id}?grant=… HTTP/1.1`);
      expect(entry.user).toMatchObject({ id: quinn.userId });
    }
    expect(await of('GET /files/tokens/')).toMatchObject({ request: 'GET /files/tokens/… HTTP/1.1', userId: null });
    expect(await of('/export/documents/')).toMatchObject({ userId: admin.userId, httpStatus: 200 });
    const everything = JSON.stringify(await find({}));
    for (const secret of [token, new URL(downloadUrl).searchParams.get('grant'), quinn.token]) {
      expect(everything).not.toContain(secret);
    }
  });

  test('says nothing to clients of whom an address was for, has no health checks, and keeps what comes before the end', async () => {
    const { quinn } = world.clinic;
    const { uploadUrl } = (await quinn.run(mutations.createFile, { input: { name: 'b.txt' } })).createFile;
    const answer = await fetch(uploadUrl, { method: 'PUT', body: 'hello' });
    expect([...answer.headers.keys()].filter((name) => name.startsWith('x-caregraph'))).toEqual([]);
    for (const path of ['healthz', 'readyz', 'metrics']) await fetch(`${world.shape.url}/${path}`);
    await post({ query: '{ me { id } }' }, { ...bearer(quinn), 'x-request-id': 'the-last-one' });
    await world.shape.restart();
    expect(await findOne({ requestId: { eq: 'the-last-one' } })).toMatchObject({ userId: quinn.userId });
    for (const path of ['healthz', 'readyz', 'metrics']) expect(await find({ request: { like: path } })).toEqual([]);
    const sequences = (await find({})).map(({ sequence }) => Number(sequence)).toSorted((a, b) => a - b);
    expect(sequences.length).toBeGreaterThan(20);
  });
});
