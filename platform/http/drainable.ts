// The first part of ending a server without losing a request: it goes on answering, and sends its clients elsewhere.
import type { FastifyInstance } from 'fastify';

export interface Drainable {
  begin(): void;
}

/**
 * From when `begin` is called every answer is the last of its connection, and says so: a client that keeps connections
 * alive makes its next one elsewhere, and no request meets a connection that is just being closed.
 */
export function drainable(app: FastifyInstance): Drainable {
  let draining = false;
  app.addHook('onRequest', async (_request, reply) => {
    if (draining) reply.header('connection', 'close');
  });
  return {
    begin() {
      draining = true;
    },
  };
}
