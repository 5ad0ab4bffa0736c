// What operators and load balancers ask of every process: does it live, and can it work.
import type { FastifyInstance } from 'fastify';
import type { Check } from '../readiness.ts';
import { readiness } from '../readiness.ts';

/** GET /healthz answers 200 while the process lives; GET /readyz 200 while every check passes, else 503. */
export function serveHealth(app: FastifyInstance, checks: Readonly<Record<string, Check>>): void {
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const state = await readiness(checks);
    return reply.code(state.ready ? 200 : 503).send(state);
  });
}
