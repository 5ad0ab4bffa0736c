// Plain HTTP routes of services change things, too: bytes that were put, consent that was given.
import type { FastifyInstance } from 'fastify';
import type { ChangesHere } from './changes-here.ts';

const readingMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** For the routes that are added after this. */
export function noteRouteChanges(app: FastifyInstance, changes: ChangesHere): void {
  app.addHook('onSend', async (request) => {
    if (!readingMethods.has(request.method) && !request.url.startsWith('/graphql')) changes.note();
  });
}
