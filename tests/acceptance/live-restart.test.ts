// A gateway that is told to end while people look on: everybody is told to come back, and what they ask for with `after`
// is whole when they do. The clients are those that applications use, with their own way of connecting again.
import { setTimeout as pause } from 'node:timers/promises';
import { expect, jest, test } from '@jest/globals';
import { createClient as createStreamClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { mutations } from '../support/clinic.ts';
import { type ClinicWorld, describeClinic } from '../support/describe-clinic.ts';
import { openRawSocket } from '../support/raw-socket.ts';
import { openRawStream } from '../support/stream-client.ts';

jest.setTimeout(180_000);

const documentChanged = `subscription ($schemaName: String, $after: Position) {
  documentChanged(schemaName: $schemaName, after: $after) { position document { data } }
}`;
type Change = {
  readonly documentChanged: { readonly position: string; readonly document: { data: { systolic: number } } | null };
};

const suite = (world: ClinicWorld) => {
  const record = async (systolic: number): Promise<void> => {
    const input = { schemaName: world.clinic.schemaName, data: { systolic } };
    await world.clinic.pat.run(mutations.createDocument, { input });
  };
  const until = async (condition: () => boolean, what: () => unknown) => {
    for (const deadline = Date.now() + 60_000; !condition(); await pause(50)) {
      if (Date.now() > deadline) throw new Error(`it did not come to this: ${JSON.stringify(what())}`);
    }
  };

  test('tells sockets to connect again (1012), ends streams without `complete`, and their clients miss nothing', async () => {
    const { jane, schemaName } = world.clinic;
    const { url } = world.shape;
    const raw = await openRawSocket({ url, token: jane.token });
    const variables = { schemaName, after: '0' };
    raw.send({ type: 'subscribe', id: '1', payload: { query: documentChanged, variables } });
    const rawStream = await openRawStream({ url, token: jane.token, query: documentChanged, variables });

    const socketClient = createSocketClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${jane.token}` },
      retryAttempts: Number.POSITIVE_INFINITY,
      retryWait: () => pause(300),
      // Unless told, it gives up when nobody listens at the address for a moment.
      shouldRetry: () => true,
    });
    const streamClient = createStreamClient({
      url: `${url}/graphql/stream`,
      headers: { authorization: `Bearer ${jane.token}` },
      retryAttempts: Number.POSITIVE_INFINITY,
      retry: () => pause(300),
    });
    const follow = (client: Pick<typeof streamClient, 'subscribe'> | typeof socketClient) => {
      const received: number[] = [];
      const own = { ...variables };
      client.subscribe<Change>(
        { query: documentChanged, variables: own },
        {
          next: ({ data }) => {
            if (!data) return;
            // What is sent anew after a cut says where it stands.
            own.after = data.documentChanged.position;
            const { document } = data.documentChanged;
            // From the beginning on, it also comes that Jane gained sight of documents: that is about none of them.
            if (document !== null) received.push(document.data.systolic);
          },
          error: () => received.push(Number.NaN),
          complete: () => received.push(Number.POSITIVE_INFINITY),
        },
      );
      return received;
    };
    const bySocket = follow(socketClient);
    const byStream = follow(streamClient);
    const all = [1, 2];
    for (const systolic of all) await record(systolic);
    await until(
      () => bySocket.length === 2 && byStream.length === 2,
      () => [bySocket, byStream],
    );
    await rawStream.until(/"systolic":2}/);

    await world.shape.restart();
    expect(await raw.closed).toEqual({ code: 1012, reason: 'Service restart' });
    expect(raw.received.filter(({ type }) => type === 'complete')).toEqual([]);
    await until(
      () => rawStream.ended,
      () => rawStream.text(),
    );
    expect(rawStream.text()).not.toContain('event: complete');

    for (const systolic of [3, 4]) await record(systolic);
    await until(
      () => bySocket.length >= 4 && byStream.length >= 4,
      () => [bySocket, byStream],
    );
    expect([bySocket, byStream]).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ]);
    streamClient.dispose();
    await socketClient.dispose();
  });

  test('answers the mutations that it has begun before it closes their sockets', async () => {
    const { jane } = world.clinic;
    const { email } = (await jane.run('{ me { email } }')).me;
    const raw = await openRawSocket({ url: world.shape.url, token: jane.token });
    // Hashing passwords takes its time, and leaves the gateway free to notice that it is to end.
    const query = 'mutation ($input: LoginInput!) { login(input: $input) { user { id } } }';
    const payload = { query, variables: { input: { email, password: 'Correct-Horse-1' } } };
    const ids = Array.from({ length: 6 }, (_, index) => `${index}`);
    for (const id of ids) raw.send({ type: 'subscribe', id, payload });
    await raw.message({ type: 'next' });
    await world.shape.restart();
    expect((await raw.closed).code).toBe(1012);
    const of = (type: string) => raw.received.filter((one) => one.type === type).map(({ id }) => id);
    // Each answer is followed by its end, so that no client asks again for what was done.
    expect(of('complete').sort()).toEqual(of('next').sort());
    // Where services end at the same time, some answers do not come.
    if (world.shape.services === undefined) expect(of('next').sort()).toEqual([...ids].sort());
  });
};

/** Nobody's access token ends while a slow machine starts everything anew. */
const longTokens = async () => ({ environment: { ACCESS_TOKEN_SECONDS: '3600' }, close: async () => undefined });
describeClinic('a gateway that ends', suite, longTokens);
