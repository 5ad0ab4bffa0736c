// graphql-transport-ws, word by word: how connections that break the rules end, and what each message is answered with.
import { afterEach, expect, jest, test } from '@jest/globals';
import { mutations } from '../support/clinic.ts';
import { describeClinic } from '../support/describe-clinic.ts';
import { openRawSocket, type RawSocket, type RawSocketOptions } from '../support/raw-socket.ts';

jest.setTimeout(300_000);

const never = 'subscription { documentChanged(documentId: "01900000-0000-7000-8000-000000000000") { position } }';
const subscribe = (id: string, query = never) => ({ type: 'subscribe', id, payload: { query } });

describeClinic('graphql-transport-ws', (world) => {
  const opened: RawSocket[] = [];
  const open = async (options: Omit<RawSocketOptions, 'url'> = {}) => {
    const raw = await openRawSocket({ url: world.shape.url, ...options });
    opened.push(raw);
    return raw;
  };
  const openAsJane = () => open({ token: world.clinic.jane.token });
  afterEach(() => {
    for (const { socket } of opened.splice(0)) socket.terminate();
  });

  test.each([
    ['what is not JSON', '{'],
    ['a message without a type', { id: '1' }],
    ['a type that there is not', { type: 'greeting' }],
    ['a subscription without an id', { type: 'subscribe', payload: { query: never } }],
    ['a subscription without a query', { type: 'subscribe', id: '1', payload: {} }],
    ['what only servers send', { type: 'next', id: '1', payload: { data: {} } }],
  ])('%s closes with 4400', async (_name, message) => {
    const raw = await openAsJane();
    raw.send(message);
    expect((await raw.closed).code).toBe(4400);
  });

  test('an operation before connection_init was answered closes with 4401', async () => {
    const raw = await open();
    raw.send(subscribe('1'));
    expect(await raw.closed).toEqual({ code: 4401, reason: 'Unauthorized' });
  });

  test('a bad access token closes with 4403, and says why', async () => {
    const raw = await open();
    raw.send({ type: 'connection_init', payload: { Authorization: `Bearer ${'0'.repeat(40)}` } });
    const { code, reason } = await raw.closed;
    expect(code).toBe(4403);
    expect(reason).toMatch(/^UNAUTHENTICATED: /);
  });

  test('a connection without this subprotocol closes with 4406', async () => {
    // It offers none: where it offers others, the client of ws gives up by itself.
    const raw = await open({ protocols: [] });
    expect((await raw.closed).code).toBe(4406);
  });

  test('no connection_init within seconds closes with 4408', async () => {
    const raw = await open();
    expect((await raw.closed).code).toBe(4408);
  });

  test('an id that is in use closes with 4409', async () => {
    const raw = await openAsJane();
    raw.send(subscribe('1'));
    raw.send(subscribe('1'));
    expect(await raw.closed).toEqual({ code: 4409, reason: 'Subscriber for 1 already exists' });
  });

  test('a second connection_init closes with 4429', async () => {
    const raw = await openAsJane();
    raw.send({ type: 'connection_init' });
    expect((await raw.closed).code).toBe(4429);
  });

  test('a message larger than MAX_BODY_BYTES closes with 1009', async () => {
    const raw = await openAsJane();
    raw.send(subscribe('1', ' '.repeat(10 * 1_048_576)));
    expect((await raw.closed).code).toBe(1009);
  });

  test('one connection runs 100 operations, and is refused one more by an error of its own', async () => {
    const raw = await openAsJane();
    for (let id = 1; id <= 101; id += 1) raw.send(subscribe(String(id)));
    const refusal = await raw.message({ type: 'error' });
    expect(refusal).toMatchObject({ id: '101', payload: [{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } }] });
    raw.send({ type: 'complete', id: '1' });
    raw.send({ type: 'subscribe', id: '102', payload: { query: '{ me { id } }' } });
    expect((await raw.message({ type: 'next' })).id).toBe('102');
    expect(raw.received.filter(({ type }) => type === 'error')).toHaveLength(1);
  });

  test('a Ping is answered by a Pong with its payload, or without one', async () => {
    const raw = await open();
    raw.send({ type: 'ping', payload: { at: 1 } });
    expect(await raw.message({ type: 'pong' })).toEqual({ type: 'pong', payload: { at: 1 } });
    const other = await openAsJane();
    other.send({ type: 'ping' });
    expect(await other.message({ type: 'pong' })).toEqual({ type: 'pong' });
  });

  test('a query and a refused one are answered on the same connection', async () => {
    const raw = await openAsJane();
    raw.send(subscribe('good', '{ me { id } }'));
    expect(await raw.message({ id: 'good', type: 'next' })).toEqual({
      id: 'good',
      type: 'next',
      payload: { data: { me: { id: world.clinic.jane.userId } } },
    });
    await raw.message({ id: 'good', type: 'complete' });
    raw.send(subscribe('bad', '{ me { nothing } }'));
    const { payload } = await raw.message({ id: 'bad', type: 'error' });
    expect(payload[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  test('an id that looks like a result of its own reaches the client unchanged', async () => {
    const raw = await openAsJane();
    const id = '"payload":0}","type":"next"';
    raw.send({
      type: 'subscribe',
      id,
      payload: {
        query: `subscription { documentChanged(schemaName: "${world.clinic.schemaName}") { kind document { data } } }`,
      },
    });
    const note = '"payload":0} 0}';
    for (let systolic = 1; !raw.received.some(({ type }) => type === 'next'); systolic += 1) {
      const input = { schemaName: world.clinic.schemaName, data: { systolic, note } };
      await world.clinic.pat.run(mutations.createDocument, { input });
    }
    const { id: echoed, payload } = await raw.message({ type: 'next' });
    expect(echoed).toBe(id);
    expect(payload.data.documentChanged).toMatchObject({ kind: 'CREATED', document: { data: { note } } });
  });
});
