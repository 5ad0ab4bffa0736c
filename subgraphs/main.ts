// Composition root of a process that runs services for gateways in other processes: SUBGRAPHS=… npm run start:subgraphs
import { systemClock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { readConfig } from '../platform/config.ts';
import { whenReachable } from '../platform/database/when-reachable.ts';
import { openBus } from '../platform/events/open-bus.ts';
import { tellAnsweredFor } from '../platform/http/answered-for.ts';
import { createHttpServer } from '../platform/http/create-http-server.ts';
import { drainable } from '../platform/http/drainable.ts';
import { createRouteAuthentication } from '../platform/http/route-caller.ts';
import { serveHealth } from '../platform/http/serve-health.ts';
import { serveWaiting } from '../platform/http/serve-waiting.ts';
import { createIdentityResolver } from '../platform/identity/identity-resolver.ts';
import { createServiceIdentitySource } from '../platform/identity/service-identity-source.ts';
import { createCallerSigner, createCallerVerifier } from '../platform/identity/signed-caller.ts';
import { createLog } from '../platform/logging/create-log.ts';
import { createRegistry, serveMetrics } from '../platform/metrics/registry.ts';
import { onTermination } from '../platform/on-termination.ts';
import type { Check } from '../platform/readiness.ts';
import { PartFault } from '../platform/readiness.ts';
import { runProgram, StartError } from '../platform/start-error.ts';
import { createServiceClient } from '../platform/subgraph/create-service-client.ts';
import type { HttpTransport } from '../platform/subgraph/http-transport.ts';
import { callTimes, createHttpTransport } from '../platform/subgraph/http-transport.ts';
import { serveSubgraph } from '../platform/subgraph/serve-subgraph.ts';
import { registerServiceMetrics } from '../platform/subgraph/service-metrics.ts';
import { startTracing } from '../platform/tracing/start-tracing.ts';
import { startSubgraphs } from './runtime.ts';

/** Bytes. */
const roomForExtensions = 8 * 1_024 * 1_024;

await runProgram(async () => {
  const config: Config = { ...readConfig(process.env), allInOne: false };
  const log = createLog(config.logLevel);
  const termination = onTermination(log);
  const secret = requireShared(config);
  const tracing = await startTracing(config, `caregraph-${config.subgraphs.join('-')}`);
  termination.onEnd(() => tracing.close());
  const signer = createCallerSigner(secret, systemClock);
  const remote: ReadonlyMap<string, HttpTransport> = new Map(
    [...config.subgraphUrls]
      .filter(([name]) => !config.subgraphs.includes(name))
      .map(
        ([name, url]) =>
          [name, createHttpTransport({ name, url, signer, times: callTimes(config), tracing, log })] as const,
      ),
  );
  for (const transport of remote.values()) termination.onEnd(() => transport.close());
  const bus = await openBus(config, log);
  termination.onEnd(() => bus.close());
  const runtime = await whenReachable({
    start: () => startSubgraphs({ config, bus, remote, tracing, log }),
    whileWaiting: () => serveWaiting({ log, port: config.port, host: config.host, part: 'database' }),
    log,
  });
  termination.onEnd(() => runtime.close());
  const find = (name: string) => runtime.running.get(name) ?? remote.get(name);

  // A query comes with its caller's identity and the events asked about, so it may be larger than a client's.
  const app = createHttpServer({ log, bodyLimit: config.maxBodyBytes + roomForExtensions });
  let ending = false;
  const itself: Check = async () => {
    if (ending) throw new PartFault('ending');
  };
  serveHealth(app, { process: itself, ...runtime.checks });
  const registry = createRegistry();
  runtime.registerMetrics(registry);
  registerServiceMetrics(registry, remote);
  serveMetrics(app, registry);
  tracing.traceRequests(app);
  tellAnsweredFor(app);
  const leaving = drainable(app);
  for (const subgraph of runtime.running.values()) {
    const verifier = createCallerVerifier(secret, subgraph.name, systemClock);
    serveSubgraph(app, subgraph, verifier);
    const services = createServiceClient({ as: subgraph.name, find, log });
    const identities = createIdentityResolver(createServiceIdentitySource(services), systemClock);
    await subgraph.parts.routes?.(app, createRouteAuthentication(verifier, identities));
  }
  await app.listen({ port: config.port, host: config.host });
  termination.onEnd(() => app.close());
  termination.drain(config.drainSeconds, () => {
    ending = true;
    leaving.begin();
  });
  log.info({ services: [...runtime.running.keys()], port: config.port }, 'services are ready');
});

/** What processes must share to work together; the secret among it. */
function requireShared({ serviceSecret, databaseUrl, redisUrl, publicUrl }: Config): string {
  const shared = {
    SERVICE_SECRET: serviceSecret,
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    PUBLIC_URL: publicUrl,
  };
  const missing = Object.entries(shared).flatMap(([name, value]) => (value === undefined ? [name] : []));
  if (serviceSecret === undefined || missing.length > 0) {
    throw new StartError(`Where services run in processes of their own, they need ${missing.join(', ')}.`);
  }
  return serviceSecret;
}
