// Whom a plain HTTP route has answered, where the request says it by a proof of its own (a signed URL): told to the
// gateway, which writes it into the access log and never sends it on.
import type { FastifyInstance, FastifyRequest } from 'fastify';

export const answeredForHeader = 'x-caregraph-answered-for';

const users = new WeakMap<FastifyRequest, string>();

export function answeredFor(request: FastifyRequest, userId: string): void {
  users.set(request, userId);
}

/** In a process of services, before any route is added. */
export function tellAnsweredFor(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply) => {
    const userId = users.get(request);
    if (userId !== undefined) reply.header(answeredForHeader, userId);
  });
}
