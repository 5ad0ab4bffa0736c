// A small load balancer for one machine: HTTP and WebSocket to the gateways in turn. What stands in front of others'
// gateways is a proxy that is made for it (docker-compose.yml has one).
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { watchBackends } from './backends.ts';
import { forwardRequest } from './forward-request.ts';
import { forwardUpgrade } from './forward-upgrade.ts';

export interface Balancer {
  readonly port: number;
  close(): Promise<void>;
}

export interface BalancerOptions {
  /** 0: a free one. */
  readonly port: number;
  readonly host: string;
  /** Where the gateways are. */
  readonly backends: readonly string[];
}

export async function startBalancer({ port, host, backends: urls }: BalancerOptions): Promise<Balancer> {
  const backends = watchBackends(urls);
  // Uploads take the time that they take.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 65_000 });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('request', (request, response) => void forwardRequest(request, response, backends));
  server.on('upgrade', (request, socket, head) => void forwardUpgrade(request, socket, head, backends));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      backends.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // The clients of WebSockets connect again elsewhere, or later.
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
