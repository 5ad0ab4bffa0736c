// What plain routes may have changed counts before whoever changed it is answered.
import { expect, test } from '@jest/globals';
import { fastify } from 'fastify';
import { countChanges } from './changes-here.ts';
import { noteRouteChanges } from './note-route-changes.ts';

test('every request but one that reads counts, also where routes are put apart', async () => {
  const app = fastify();
  const changes = countChanges();
  noteRouteChanges(app, changes);
  app.all('/files/:id', async () => 'done');
  app.register(async (routes) => {
    routes.all('/tus/:id', async () => 'done');
  });
  app.post('/graphql/stream', async () => 'a query, or what counts by itself');
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  const counted = async (method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE', url: string) => {
    const before = changes.count;
    await fetch(`${address}${url}`, { method });
    return changes.count - before;
  };
  for (const method of ['PUT', 'POST', 'PATCH', 'DELETE'] as const) {
    expect([method, await counted(method, '/files/1'), await counted(method, '/tus/1')]).toEqual([method, 1, 1]);
  }
  expect([await counted('GET', '/files/1'), await counted('HEAD', '/tus/1')]).toEqual([0, 0]);
  expect(await counted('POST', '/graphql/stream')).toBe(0);
  await app.close();
});
