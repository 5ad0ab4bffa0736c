// The access token below a live connection: what is told of its end, how another takes its place without a gap, and what
// happens where none does. The programs' clock is moved, so that nobody waits for a token to grow old.
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, jest, test } from '@jest/globals';
import { mutations } from '../support/clinic.ts';
import { describeClinic } from '../support/describe-clinic.ts';
import { createGraphqlClient } from '../support/graphql-client.ts';
import { openRawSocket } from '../support/raw-socket.ts';
import { openRawStream } from '../support/stream-client.ts';

jest.setTimeout(300_000);

const lifetime = 300_000;
const minute = 60_000;
const login = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken refreshToken } }';
const refresh = 'mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { accessToken } }';
const documentChanged = `subscription ($schemaName: String) {
  documentChanged(schemaName: $schemaName) { document { data } }
}`;
const expired = { code: 'UNAUTHENTICATED', details: { code: 118 } };
const unknown = { code: 'UNAUTHENTICATED', details: { code: 117 } };

describeClinic('the access token of a live connection', (world) => {
  const open: (() => void)[] = [];
  afterEach(() => {
    for (const close of open.splice(0)) close();
  });

  /** Anew in each test: time has moved on for those who signed in before. */
  const signIn = async (firstName: string) => {
    const { url } = world.shape;
    const { email } = (await (await world.clinic.signInAs(firstName)).run('{ me { email } }')).me;
    const tokens = (await createGraphqlClient(url).run(login, { input: { email, password: 'Correct-Horse-1' } })).login;
    return { token: tokens.accessToken as string, refreshToken: tokens.refreshToken as string };
  };
  const refreshed = async (refreshToken: string): Promise<string> =>
    (await createGraphqlClient(world.shape.url).run(refresh, { input: { refreshToken } })).refreshSession.accessToken;
  const record = async (systolic: number): Promise<void> => {
    const pat = await world.clinic.signInAs('Pat');
    await pat.run(mutations.createDocument, { input: { schemaName: world.clinic.schemaName, data: { systolic } } });
  };
  const subscribed = async (): Promise<number> => {
    const text = await (await fetch(`${world.shape.url}/metrics`)).text();
    return Number(/^caregraph_subscriptions_total (\d+)$/m.exec(text)?.[1]);
  };
  /** Once it is followed, and gives what happens from now on. */
  const whenFollowed = async <T>(begin: () => Promise<T>): Promise<T> => {
    const before = await subscribed();
    const begun = await begin();
    while ((await subscribed()) === before) await pause(20);
    await pause(500);
    return begun;
  };
  const variables = () => ({ schemaName: world.clinic.schemaName });
  const openSocket = async (token: string) => {
    const raw = await openRawSocket({ url: world.shape.url, token });
    open.push(() => raw.socket.terminate());
    await whenFollowed(async () =>
      raw.send({ type: 'subscribe', id: 'followed', payload: { query: documentChanged, variables: variables() } }),
    );
    return raw;
  };
  const openStream = (token: string) =>
    whenFollowed(async () => {
      const stream = await openRawStream({
        url: world.shape.url,
        token,
        query: documentChanged,
        variables: variables(),
      });
      open.push(() => stream.close());
      return stream;
    });
  const handIn = (streamId: unknown, authorization?: string) =>
    fetch(`${world.shape.url}/graphql/stream/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
      body: JSON.stringify({ streamId }),
    });
  const systolics = (results: readonly { data: { documentChanged: { document: { data: { systolic: number } } } } }[]) =>
    results.map(({ data }) => data.documentChanged.document.data.systolic);

  test('ends a socket, after a warning, with an error on each subscription and then 4403', async () => {
    const socket = await openSocket((await signIn('Jane')).token);
    const { expiresAt } = (await socket.message({ type: 'connection_ack' })).payload;
    expect(Date.parse(expiresAt) - world.clock.now()).toBeLessThanOrEqual(lifetime);
    await world.clock.move(lifetime - minute);
    expect((await socket.message({ type: 'ping' })).payload).toEqual({ code: 'TOKEN_EXPIRING', expiresAt });
    await world.clock.move(minute);
    expect((await socket.message({ type: 'error', id: 'followed' })).payload[0].extensions).toEqual(expired);
    expect(await socket.closed).toEqual({ code: 4403, reason: 'UNAUTHENTICATED: The access token has expired.' });
    expect(socket.received.filter(({ type }) => type === 'ping')).toHaveLength(1);
  });

  test('ends a stream, after a warning, with an error and `complete`', async () => {
    const stream = await openStream((await signIn('Jane')).token);
    const expiresAt = stream.headers.get('x-token-expires-at');
    await world.clock.move(lifetime - minute);
    await stream.until(new RegExp(`^: {"code":"TOKEN_EXPIRING","expiresAt":"${expiresAt}"}$`, 'm'));
    await world.clock.move(minute);
    await stream.until(/event: complete\ndata:\n\n$/);
    expect(stream.results().map(({ errors }) => errors[0].extensions)).toEqual([expired]);
  });

  test('is refused when it is no good or somebody else’s', async () => {
    const { token } = await signIn('Jane');
    const other = (await signIn('Karim')).token;
    const socket = await openSocket(token);
    socket.send({ type: 'ping', payload: { authorization: `Bearer ${'0'.repeat(40)}` } });
    expect((await socket.message({ type: 'pong' })).payload).toEqual({ code: 'UNAUTHENTICATED' });
    await record(1);
    await socket.message({ type: 'next' });
    socket.send({ type: 'ping', payload: { authorization: `Bearer ${other}` } });
    const { code, reason } = await socket.closed;
    expect([code, reason]).toEqual([4403, expect.stringMatching(/^FORBIDDEN: /)]);

    const stream = await openStream(token);
    const id = stream.headers.get('x-stream-id');
    expect((await handIn(id)).status).toBe(401);
    expect((await handIn(id, `Bearer ${'0'.repeat(40)}`)).status).toBe(401);
    expect((await handIn(undefined, `Bearer ${token}`)).status).toBe(400);
    const [others, nobodys] = [await handIn(id, `Bearer ${other}`), await handIn('no-such-stream', `Bearer ${token}`)];
    expect([others.status, nobodys.status]).toEqual([404, 404]);
    expect(await others.json()).toEqual(await nobodys.json());
  });

  test('gives way to the next one without a gap: what happens between the refresh and the Ping waits', async () => {
    const { token, refreshToken } = await signIn('Jane');
    const socket = await openSocket(token);
    await record(1);
    await socket.message({ type: 'next' });
    const next = await refreshed(refreshToken);
    await record(2);
    await pause(1_000);
    expect(socket.received.filter(({ type }) => type === 'next')).toHaveLength(1);
    await world.clock.move(lifetime - minute);
    socket.send({ type: 'ping', payload: { authorization: `Bearer ${next}` } });
    const { expiresAt } = (await socket.message({ type: 'pong' })).payload;
    expect(Date.parse(expiresAt)).toBeGreaterThan(world.clock.now());
    await record(3);
    const results = () => socket.received.filter(({ type }) => type === 'next');
    for (const deadline = Date.now() + 30_000; results().length < 3 && Date.now() < deadline; ) await pause(50);
    expect(systolics(results().map(({ payload }) => payload))).toEqual([1, 2, 3]);
    expect(JSON.stringify(socket.received)).not.toContain(next);
  });

  test('gives way on a stream, too, by a request beside it', async () => {
    const { token, refreshToken } = await signIn('Jane');
    const stream = await openStream(token);
    const next = await refreshed(refreshToken);
    await record(1);
    const answer = await handIn(stream.headers.get('x-stream-id'), `Bearer ${next}`);
    expect(answer.status).toBe(200);
    expect(Date.parse(((await answer.json()) as { expiresAt: string }).expiresAt)).toBeGreaterThan(world.clock.now());
    await stream.until(/"systolic":1}/);
    await record(2);
    await stream.until(/"systolic":2}/);
    expect(systolics(stream.results())).toEqual([1, 2]);
  });

  test('delivers nothing after a refresh while the next one does not come, and ends after some seconds', async () => {
    const { token, refreshToken } = await signIn('Jane');
    const socket = await openSocket(token);
    await refreshed(refreshToken);
    await record(1);
    expect((await socket.message({ type: 'error' })).payload[0].extensions).toEqual(unknown);
    expect(socket.received.filter(({ type }) => type === 'next')).toEqual([]);
  });

  test('can be replaced a moment after its end, on the same socket', async () => {
    const { token, refreshToken } = await signIn('Jane');
    const socket = await openSocket(token);
    await world.clock.move(lifetime);
    await socket.message({ type: 'error' });
    socket.send({ type: 'ping', payload: { authorization: `Bearer ${await refreshed(refreshToken)}` } });
    await socket.message({ type: 'pong' });
    socket.send({ type: 'subscribe', id: 'again', payload: { query: '{ me { id } }' } });
    expect(await socket.message({ type: 'next', id: 'again' })).toMatchObject({ payload: { data: { me: {} } } });
    await pause(12_000);
    expect(socket.socket.readyState).toBe(socket.socket.OPEN);
  });
});
