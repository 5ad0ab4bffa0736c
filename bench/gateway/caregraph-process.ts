// Caregraph's gateway as a process of the bench: everything that it does to an operation over HTTP, in front of the
// benchmark's services instead of its own.
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { noAccessLog } from '../../gateway/access-log/access-log.ts';
import { executeOn } from '../../gateway/answers/answer-query.ts';
import { createAuthenticate } from '../../gateway/authenticate.ts';
import { createIsAllowedOrigin } from '../../gateway/http/browser-safety.ts';
import { createHttpApp } from '../../gateway/http-app.ts';
import { createMetrics } from '../../gateway/metrics.ts';
import { createOperations } from '../../gateway/operations.ts';
import { openProtection } from '../../gateway/protection/open-protection.ts';
import { serveSupergraph } from '../../gateway/served-supergraph.ts';
import { SubgraphDataSource } from '../../gateway/subgraph-data-source.ts';
import { systemClock } from '../../platform/clock.ts';
import { readConfig } from '../../platform/config.ts';
import { createIdentityResolver } from '../../platform/identity/identity-resolver.ts';
import { createServiceIdentitySource } from '../../platform/identity/service-identity-source.ts';
import { createCallerSigner } from '../../platform/identity/signed-caller.ts';
import { createRegistry } from '../../platform/metrics/registry.ts';
import { createServiceClient } from '../../platform/subgraph/create-service-client.ts';
import { createHttpTransport } from '../../platform/subgraph/http-transport.ts';
import { noTracing } from '../../platform/tracing/tracing.ts';
import { services } from './services.ts';

const [, , supergraphFile = '', servicesUrl = ''] = process.argv;
const log = pino({ level: 'warn' }, pino.destination(2));
// Its limits are counted; only the budget of a minute, which nobody but a bench uses up, is off.
const config = readConfig({ NODE_ENV: 'production', COST_PER_MINUTE: '0', MAX_OPERATION_COST: '10000000' });
const signer = createCallerSigner('a secret that nobody needs to keep, in a bench', systemClock);
const nobody = createServiceClient({ as: 'gateway', find: () => undefined, log });
const identities = createIdentityResolver(createServiceIdentitySource(nobody), systemClock);
const metrics = createMetrics(createRegistry());
const dataSources = Object.fromEntries(
  services.map(({ name }) => {
    const transport = createHttpTransport({ name, url: servicesUrl, signer });
    return [name, new SubgraphDataSource(name, transport, { metrics, log, identityOf: identities.ofSignedIn })];
  }),
);
const composed = { contracts: [], supergraphSdl: readFileSync(supergraphFile, 'utf8') };
const served = serveSupergraph(composed, { dataSources, metrics });
const protection = await openProtection({
  config,
  schema: () => served.holder.current().schema,
  supergraph: served.current,
  log,
});
const app = createHttpApp({
  log,
  tracing: noTracing,
  maxBodyBytes: config.maxBodyBytes,
  maxBatch: 0,
  operations: createOperations({ answer: executeOn(served), metrics, tracing: noTracing, log }),
  authenticate: createAuthenticate(identities, ''),
  protection,
  isAllowedOrigin: createIsAllowedOrigin({ publicUrl: '', corsOrigins: [], production: true }),
  isSecure: false,
  checks: {},
  metrics,
  accessLog: noAccessLog,
});
await app.listen({ port: 0, host: '127.0.0.1' });
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMs: (user + system) / 1_000, rssMB: process.memoryUsage.rss() / 1_000_000 });
});
process.send?.({ port: (app.server.address() as AddressInfo).port });
