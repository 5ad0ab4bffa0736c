// A process with the benchmark's services, each at a path of its own. Its parent tells it how long each answer is to wait
// and asks it how often it was called: `{ delay }` and `{ count: true }`.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { createCompiler } from '../../platform/subgraph/compile-operation.ts';
import { schemaOf, services } from './services.ts';

const compilers = new Map(services.map((service) => [`/${service.name}`, createCompiler(schemaOf(service))]));
let delay = 0;
let calls = 0;
let duplicates = 0;

const server = createServer(async (request, response) => {
  const {
    query,
    operationName,
    variables = {},
  } = JSON.parse(await read(request)) as {
    query: string;
    operationName?: string;
    variables?: Record<string, unknown>;
  };
  calls += 1;
  const { representations } = variables;
  if (Array.isArray(representations)) {
    duplicates += representations.length - new Set(representations.map((one) => JSON.stringify(one))).size;
  }
  if (delay > 0) await pause(delay);
  // Caregraph's own transport asks below a path of its own.
  const compiled = compilers.get((request.url ?? '').replace('/subgraphs', ''))?.(query, operationName);
  const result = compiled !== undefined && 'run' in compiled ? await compiled.run(undefined, {}, variables) : compiled;
  const body = JSON.stringify(result ?? { errors: [{ message: 'there is no such service' }] });
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
});
server.keepAliveTimeout = 120_000;

async function read(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

process.on('message', (message: { delay?: number; count?: true }) => {
  if (message.delay !== undefined) delay = message.delay;
  if (message.count) {
    process.send?.({ calls, duplicates });
    [calls, duplicates] = [0, 0];
  }
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
