// Stands at the port of a process that cannot start yet: it lives, says what it waits for, and refuses all else.
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { AppError } from '../errors.ts';
import type { Check } from '../readiness.ts';
import { createHttpServer } from './create-http-server.ts';
import { serveHealth } from './serve-health.ts';

export interface WaitingServer {
  readonly log: Logger;
  readonly port: number;
  readonly host: string;
  /** What is waited for. */
  readonly part: string;
}

export async function serveWaiting({ log, port, host, part }: WaitingServer): Promise<FastifyInstance> {
  const app = createHttpServer({ log, bodyLimit: 1_000 });
  const away: Check = async () => {
    throw new Error('still away');
  };
  serveHealth(app, { [part]: away });
  app.all('/*', async (_request, reply) => {
    // Whoever keeps the connection would find it closed when the process starts.
    reply.header('connection', 'close');
    throw new AppError('SERVICE_UNAVAILABLE', `The process waits for the ${part}.`, { service: part });
  });
  await app.listen({ port, host });
  return app;
}
