// Serves a running subgraph to other processes: POST /subgraphs/<name> with a signed caller, and its contract.
// Whoever reaches the port without a signature gets nothing but the contract and the health answers.
import type { FastifyInstance } from 'fastify';
import { AppError } from '../errors.ts';
import type { LogEventData } from '../events/event.ts';
import { logEventFrom } from '../events/event.ts';
import type { CallerVerifier } from '../identity/signed-caller.ts';
import type { RunningSubgraph } from './build-subgraph.ts';
import { contractTag } from './contract.ts';
import type { SubgraphRequest } from './transport.ts';

interface Body {
  query?: unknown;
  operationName?: unknown;
  variables?: unknown;
  extensions?: { caller?: unknown; events?: unknown };
}

export function serveSubgraph(app: FastifyInstance, subgraph: RunningSubgraph, verifier: CallerVerifier): void {
  const tag = contractTag(subgraph.sdl);
  // Asked for every few seconds by every gateway, so that a changed contract is noticed.
  app.get(`/subgraphs/${subgraph.name}/contract`, (request, reply) => {
    reply.header('etag', tag);
    if (request.headers['if-none-match'] === tag) return reply.code(304).send();
    return reply.type('text/plain').send(subgraph.sdl);
  });

  app.post(`/subgraphs/${subgraph.name}`, async (request) => {
    const body = (request.body ?? {}) as Body;
    const caller = await verifier.verify(body.extensions?.caller);
    if (typeof body.query !== 'string')
      throw new AppError('BAD_REQUEST', 'query: the text of an operation is missing.');
    const asked: SubgraphRequest = {
      query: body.query,
      operationName: typeof body.operationName === 'string' ? body.operationName : undefined,
      variables: (body.variables ?? {}) as Record<string, unknown>,
      caller,
      requestId: request.id,
    };
    const events = body.extensions?.events;
    const answer = Array.isArray(events)
      ? { results: await subgraph.executeEvents({ ...asked, events: (events as LogEventData[]).map(logEventFrom) }) }
      : await subgraph.execute(asked);
    const { tracked } = caller.identity;
    return tracked === undefined ? answer : { ...answer, tracking: tracked.tracking };
  });
}
