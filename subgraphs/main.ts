// Composition root of a process that runs services for gateways in other processes: SUBGRAPHS=… npm run start:subgraphs
import { pino } from 'pino';
import { systemClock } from '../platform/clock.ts';
import { readConfig } from '../platform/config.ts';
import { AppError } from '../platform/errors.ts';
import { openBus } from '../platform/events/open-bus.ts';
import { createHttpServer } from '../platform/http/create-http-server.ts';
import { createRouteAuthentication } from '../platform/http/route-caller.ts';
import { createIdentityResolver } from '../platform/identity/identity-resolver.ts';
import { createServiceIdentitySource } from '../platform/identity/service-identity-source.ts';
import { createCallerSigner, createCallerVerifier } from '../platform/identity/signed-caller.ts';
import { onTermination } from '../platform/on-termination.ts';
import { readiness } from '../platform/readiness.ts';
import { createServiceClient } from '../platform/subgraph/create-service-client.ts';
import type { HttpTransport } from '../platform/subgraph/http-transport.ts';
import { createHttpTransport } from '../platform/subgraph/http-transport.ts';
import { serveSubgraph } from '../platform/subgraph/serve-subgraph.ts';
import { startSubgraphs } from './runtime.ts';

const config = readConfig(process.env);
const log = pino({ level: config.logLevel });
const { serviceSecret } = config;
for (const [name, value] of Object.entries({
  SERVICE_SECRET: serviceSecret,
  DATABASE_URL: config.databaseUrl,
  REDIS_URL: config.redisUrl,
  PUBLIC_URL: config.publicUrl,
})) {
  if (value === undefined) throw new AppError('BAD_USER_INPUT', `${name} is needed where services run on their own.`);
}
if (serviceSecret === undefined) throw new AppError('BAD_USER_INPUT', 'SERVICE_SECRET is needed.');

const signer = createCallerSigner(serviceSecret, systemClock);
const remote: ReadonlyMap<string, HttpTransport> = new Map(
  [...config.subgraphUrls]
    .filter(([name]) => !config.subgraphs.includes(name))
    .map(([name, url]) => [name, createHttpTransport(name, url, signer)] as const),
);
const bus = await openBus(config, log);
const runtime = await startSubgraphs({ config, bus, remote, log });
const find = (name: string) => runtime.running.get(name) ?? remote.get(name);

const app = createHttpServer({ log, bodyLimit: config.maxBodyBytes + 1_024 * 1_024 });
app.get('/healthz', () => ({ status: 'ok' }));
app.get('/readyz', async (_request, reply) => {
  const state = await readiness(runtime.checks);
  return reply.code(state.ready ? 200 : 503).send(state);
});
for (const subgraph of runtime.running.values()) {
  const verifier = createCallerVerifier(serviceSecret, subgraph.name, systemClock);
  serveSubgraph(app, subgraph, verifier);
  const services = createServiceClient({ as: subgraph.name, find, log });
  const identities = createIdentityResolver(createServiceIdentitySource(services), systemClock);
  await subgraph.parts.routes?.(app, createRouteAuthentication(verifier, identities));
}
await app.listen({ port: config.port, host: config.host });
log.info({ services: [...runtime.running.keys()], port: config.port }, 'services are ready');

onTermination(log, [
  () => app.close(),
  () => runtime.close(),
  () => bus.close(),
  ...[...remote.values()].map((transport) => () => transport.close()),
]);
