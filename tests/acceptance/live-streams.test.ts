// GraphQL over server-sent events: what a stream is made of, who gets which, and that graphql-sse's own client is at home.
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, jest, test } from '@jest/globals';
import { createClient } from 'graphql-sse';
import { mutations } from '../support/clinic.ts';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { describeClinic } from '../support/describe-clinic.ts';
import { openRawStream, type RawStream, type RawStreamRequest } from '../support/stream-client.ts';

jest.setTimeout(300_000);

type Refusal = { readonly errors: readonly { readonly extensions: unknown }[] };

const documentChanged = `subscription ($schemaName: String, $documentId: ID, $after: Position) {
  documentChanged(schemaName: $schemaName, documentId: $documentId, after: $after) { position documentId document { data } }
}`;
const never = { documentId: '01900000-0000-7000-8000-000000000000' };

describeClinic('server-sent events', (world) => {
  const opened: RawStream[] = [];
  const open = async (request: Omit<RawStreamRequest, 'url'>) => {
    const stream = await openRawStream({ url: world.shape.url, ...request });
    opened.push(stream);
    return stream;
  };
  afterEach(() => {
    for (const stream of opened.splice(0)) stream.close();
  });
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${world.shape.url}/graphql/stream`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const record = async (systolic: number): Promise<string> => {
    const input = { schemaName: world.clinic.schemaName, data: { systolic } };
    return (await world.clinic.pat.run(mutations.createDocument, { input })).createDocument.document.id;
  };
  const systolics = (results: readonly { data?: unknown }[]) =>
    results.map(
      ({ data }) =>
        (data as { documentChanged: { document: { data: { systolic: number } } } }).documentChanged.document.data
          .systolic,
    );
  const gauge = async (name: string): Promise<number> => {
    const text = await (await fetch(`${world.shape.url}/metrics`)).text();
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')[1],
    );
  };
  const until = async (condition: () => Promise<boolean> | boolean) => {
    for (const deadline = Date.now() + 30_000; !(await condition()); await pause(50)) {
      if (Date.now() > deadline) throw new Error('it did not come to this in time');
    }
  };
  const lastPosition = async (): Promise<string> => {
    const before = await record(1);
    const stream = await open({ token: world.clinic.jane.token, query: documentChanged, variables: { after: '0' } });
    await stream.until(new RegExp(before));
    stream.close();
    return stream.results().find(({ data }) => data.documentChanged.documentId === before).data.documentChanged
      .position;
  };

  test('a bad access token, and a signature, are refused before a stream opens', async () => {
    const bad = await post({ query: documentChanged }, { authorization: `Bearer ${'0'.repeat(40)}` });
    expect(bad.status).toBe(401);
    expect(((await bad.json()) as Refusal).errors[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
    const signed = await post({ query: documentChanged }, { authorization: 'OAuth oauth_nonce="n"' });
    expect(signed.status).toBe(401);
  });

  test.each([
    [{}, 'query'],
    [{ query: 1 }, 'query'],
    [{ query: '{ me { id } }', variables: [] }, 'variables'],
    [{ query: '{ me { id } }', operationName: 1 }, 'operationName'],
  ])('the request %j is refused, and what is wrong with it named', async (body, field) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as Refusal).errors[0]?.extensions).toEqual({
      code: 'BAD_REQUEST',
      details: { field },
    });
  });

  test('a mutation is not sent by GET', async () => {
    const stream = await open({ query: 'mutation { logout { user { id } } }', method: 'GET' });
    expect(stream.status).toBe(405);
    expect(stream.headers.get('allow')).toBe('POST');
  });

  test('what validation, limits and access refuse comes as a result, since the stream is what was asked for', async () => {
    const codes = async (query: string, variables = {}) => {
      const stream = await open({ query, variables });
      await stream.until(/event: complete/);
      return stream.results().map(({ errors }) => errors[0].extensions.code);
    };
    expect(await codes('{ me { nothing } }')).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect(await codes('{ me {')).toEqual(['GRAPHQL_PARSE_FAILED']);
    expect(await codes(`{ a${'{ a'.repeat(250)}${'}'.repeat(250)} }`)).toEqual(['OPERATION_TOO_LARGE']);
    expect(await codes(documentChanged, never)).toEqual(['UNAUTHENTICATED']);
  });

  test('RESYNC_REQUIRED ends a stream with a last result and `complete`', async () => {
    const stream = await open({
      token: world.clinic.jane.token,
      query: documentChanged,
      variables: { after: '999999999' },
    });
    await stream.until(/event: complete/);
    expect(stream.results()[0].errors[0].extensions.code).toBe('RESYNC_REQUIRED');
  });

  test('queries and mutations are answered with one result, by GET as well', async () => {
    const { jane } = world.clinic;
    for (const method of ['GET', 'POST'] as const) {
      const stream = await open({ token: jane.token, query: '{ me { id } }', method });
      await stream.until(/event: complete\ndata:\n\n$/);
      expect(stream.results()).toEqual([{ data: { me: { id: jane.userId } } }]);
    }
    const input = { schemaName: world.clinic.schemaName, data: { systolic: 7 } };
    const written = await open({
      token: world.clinic.pat.token,
      query: mutations.createDocument,
      variables: { input },
    });
    await written.until(/event: complete/);
    expect(written.results()[0].data.createDocument.document.data).toEqual({ systolic: 7 });
  });

  test('the headers keep proxies from buffering, and tell when the access token ends', async () => {
    const stream = await open({ token: world.clinic.jane.token, query: documentChanged, variables: never });
    expect(stream.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(stream.headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(stream.headers.get('x-accel-buffering')).toBe('no');
    expect(stream.headers.get('x-stream-id')).toMatch(/^[\w-]{32}$/);
    expect(Date.parse(stream.headers.get('x-token-expires-at') ?? '')).toBeGreaterThan(Date.now());
  });

  test('a quiet stream gets comments', async () => {
    const stream = await open({ token: world.clinic.jane.token, query: documentChanged, variables: never });
    await stream.until(/^:\n\n:\n\n/);
  });

  test('a viewer gets what was missed and then what happens, and nobody else does', async () => {
    const { jane, karim } = world.clinic;
    const after = await lastPosition();
    await record(20);
    const janes = await open({ token: jane.token, query: documentChanged, variables: { after } });
    const karims = await open({ token: karim.token, query: documentChanged, variables: { after }, method: 'GET' });
    await janes.until(/"systolic":20/);
    await record(21);
    await janes.until(/"systolic":21/);
    expect(systolics(janes.results())).toEqual([20, 21]);
    expect(karims.results()).toEqual([]);
  });

  test('streams are counted, and gone at once when the client is', async () => {
    const counts = async () => [await gauge('caregraph_open_streams'), await gauge('caregraph_open_subscriptions')];
    const are = (expected: number[]) => until(async () => String(await counts()) === String(expected));
    await are([0, 0]);
    const stream = await open({ token: world.clinic.jane.token, query: documentChanged, variables: never });
    await are([1, 1]);
    expect(await gauge('caregraph_subscriptions_by_transport{transport="sse"}')).toBe(1);
    expect(await gauge('caregraph_subscriptions_by_transport{transport="websocket"}')).toBe(0);
    stream.close();
    await are([0, 0]);
  });

  test("graphql-sse's own client gets what it missed when its connection was cut, and goes on live", async () => {
    const { jane, schemaName } = world.clinic;
    const proxy = await startCuttingProxy(() => world.shape.url);
    const client = createClient({
      url: `${proxy.url}/graphql/stream`,
      headers: () => ({ authorization: `Bearer ${jane.token}` }),
      retry: () => pause(50),
    });
    try {
      // It sends these anew when it connects again: so they say where it is.
      const variables = { schemaName, after: await lastPosition() };
      const received: { data?: unknown }[] = [];
      client.subscribe(
        { query: documentChanged, variables },
        {
          next: (result) => {
            received.push(result);
            const { data } = result as { data: { documentChanged: { position: string } } };
            variables.after = data.documentChanged.position;
          },
          error: (error) => received.push({ data: error }),
          complete: () => undefined,
        },
      );
      await record(30);
      await until(() => received.length === 1);
      proxy.cutAfter([]);
      await record(31);
      await record(32);
      await until(() => received.length === 3);
      await record(33);
      await until(() => received.length === 4);
      expect(systolics(received)).toEqual([30, 31, 32, 33]);
    } finally {
      client.dispose();
      await proxy.close();
    }
  });
});
