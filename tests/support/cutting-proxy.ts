// A way to a server that breaks: each connection is cut when so many bytes of the client have passed.
import { connect, createServer, type Socket } from 'node:net';
import { freePort } from '../../operations/servers/throwaway-process.ts';

export interface CuttingProxy {
  readonly url: string;
  /** How many connections were cut. */
  readonly cuts: () => number;
  /** Ends all connections. The next ones are cut one after another; later ones are not. */
  cutAfter(bytes: readonly number[]): void;
  close(): Promise<void>;
}

/** `target` is asked for with each connection: the server may be told of the proxy first. */
export async function startCuttingProxy(target: () => string): Promise<CuttingProxy> {
  const port = await freePort();
  const open = new Set<Socket>();
  let budgets: number[] = [];
  let cuts = 0;

  const server = createServer((client) => {
    const { hostname, port: targetPort } = new URL(target());
    const upstream = connect(Number(targetPort), hostname);
    let left = budgets.shift() ?? Number.POSITIVE_INFINITY;
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (data) => {
      const part = data.subarray(0, left);
      left -= part.length;
      upstream.write(part, () => {
        if (left > 0 || upstream.destroyed) return;
        cuts += 1;
        upstream.end(() => upstream.destroy());
      });
    });
    upstream.on('data', (data) => client.write(data));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${port}`,
    cuts: () => cuts,
    cutAfter(bytes) {
      for (const socket of open) socket.destroy();
      budgets = [...bytes];
    },
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
