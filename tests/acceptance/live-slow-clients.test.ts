// Clients that stop reading: the gateway makes nothing ready for them that they do not take, everybody else goes on, and
// they get all of it in order once they read again, or where they come back.
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, jest, test } from '@jest/globals';
import { mutations } from '../support/clinic.ts';
import { describeClinic } from '../support/describe-clinic.ts';
import { openRawSocket } from '../support/raw-socket.ts';

jest.setTimeout(180_000);

const count = 40;
/** Together far more than the buffers of two systems hold. */
const text = 'x'.repeat(600_000);
const query = `subscription ($schemaName: String) {
  documentChanged(schemaName: $schemaName, after: "0") { position document { data } }
}`;

describeClinic('a client that stops reading', (world) => {
  const schemaName = 'long-text';
  const variables = { schemaName };
  const gauge = async (name: string): Promise<number> => {
    const metrics = await (await fetch(`${world.shape.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(metrics)?.[1]);
  };
  const delivered = () => gauge('caregraph_events_delivered_total');
  const openSocket = async () => {
    const raw = await openRawSocket({ url: world.shape.url, token: world.clinic.admin.token });
    return Object.assign(raw, {
      subscribe: () => raw.send({ type: 'subscribe', id: '1', payload: { query, variables } }),
      numbers: () => raw.received.filter(({ type }) => type === 'next').flatMap(({ payload }) => numberOf(payload)),
    });
  };
  const openStream = () =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${world.clinic.admin.token}` };
      httpRequest(`${world.shape.url}/graphql/stream`, { method: 'POST', headers }, (response) => {
        response.pause();
        resolve(response);
      })
        .on('error', reject)
        .end(JSON.stringify({ query, variables }));
    });
  const until = async (condition: () => boolean) => {
    for (const deadline = Date.now() + 60_000; !condition(); await pause(50)) {
      if (Date.now() > deadline) throw new Error('it did not come to this in time');
    }
  };
  /** Until nothing more is made ready. */
  const whenStill = async (): Promise<number> => {
    for (let before = await delivered(); ; ) {
      await pause(1_000);
      const now = await delivered();
      if (now === before) return now;
      before = now;
    }
  };
  const all = Array.from({ length: count }, (_, index) => index);
  type Result = { data: { documentChanged: { document: { data: { number: number } } | null } } };
  /** None where it is about no document: from the beginning on, it also comes that sight of documents was gained. */
  const numberOf = ({ data }: Result): number[] => {
    const { document } = data.documentChanged;
    return document === null ? [] : [document.data.number];
  };

  test('on a WebSocket or a stream is waited for, by nobody else, and gets everything in order', async () => {
    const { admin } = world.clinic;
    const definition = { properties: { number: { type: 'number' }, text: { type: 'string' } } };
    await admin.run(mutations.createSchema, { input: { name: schemaName, definition } });
    for (const number of all) {
      await admin.run(mutations.createDocument, { input: { schemaName, data: { number, text } } });
    }
    const fast = await openSocket();
    fast.subscribe();
    await until(() => fast.numbers().length === count);
    expect(fast.numbers()).toEqual(all);

    const slow = await openSocket();
    slow.socket.pause();
    const before = await delivered();
    slow.subscribe();
    const bySocket = (await whenStill()) - before;
    expect(bySocket).toBeLessThan(count - 5);
    slow.socket.resume();
    await until(() => slow.numbers().length === count);
    expect(slow.numbers()).toEqual(all);

    const atStream = await delivered();
    const stream = await openStream();
    expect((await whenStill()) - atStream).toBeLessThan(count - 5);
    let read = '';
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      read += chunk;
    });
    stream.resume();
    await until(() => read.split('event: next\n').length > count + 1 && read.endsWith('\n\n'));
    const results = [...read.matchAll(/^event: next\ndata: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? ''));
    expect(results.flatMap(numberOf)).toEqual(all);
    stream.destroy();
    slow.socket.terminate();
    fast.socket.terminate();
  });

  test('for half a minute is cut off, and what is kept for it freed', async () => {
    const { socket, subscribe } = await openSocket();
    socket.pause();
    subscribe();
    const stream = await openStream();
    await until(() => stream.headers['x-stream-id'] !== undefined);
    const open = async () => [await gauge('caregraph_open_sockets'), await gauge('caregraph_open_streams')];
    expect(await open()).toEqual([1, 1]);
    for (const deadline = Date.now() + 120_000; String(await open()) !== '0,0'; await pause(500)) {
      if (Date.now() > deadline) throw new Error(`still open: ${await open()}`);
    }
    expect(await gauge('caregraph_open_subscriptions')).toBe(0);
    socket.terminate();
    stream.destroy();
  });
});
