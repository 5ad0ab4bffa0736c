// Composition root of the gateway's process: all in one, or (with SUBGRAPH_URLS) in front of services elsewhere.
import { createServer } from 'node:net';
import { systemClock } from '../platform/clock.ts';
import type { Config, ServiceName } from '../platform/config.ts';
import { readConfig } from '../platform/config.ts';
import { whenReachable } from '../platform/database/when-reachable.ts';
import { openBus } from '../platform/events/open-bus.ts';
import { serveWaiting } from '../platform/http/serve-waiting.ts';
import { createCallerSigner } from '../platform/identity/signed-caller.ts';
import { createLog } from '../platform/logging/create-log.ts';
import { createRegistry } from '../platform/metrics/registry.ts';
import { onTermination } from '../platform/on-termination.ts';
import { dispensable } from '../platform/readiness.ts';
import { keepServiceSecret } from '../platform/service-secret.ts';
import { runProgram, StartError } from '../platform/start-error.ts';
import type { HttpTransport } from '../platform/subgraph/http-transport.ts';
import { callTimes, createHttpTransport } from '../platform/subgraph/http-transport.ts';
import { registerServiceMetrics } from '../platform/subgraph/service-metrics.ts';
import { startTracing } from '../platform/tracing/start-tracing.ts';
import type { RuntimeOptions, SubgraphRuntime } from '../subgraphs/runtime.ts';
import { announce } from './announce.ts';
import { seedDemoClinic } from './demo-clinic.ts';
import { keepSupergraph } from './kept-supergraph.ts';
import { startGateway } from './start-gateway.ts';

await runProgram(async () => {
  const { config, secret } = await completeConfig(readConfig(process.env));
  const log = createLog(config.logLevel);
  const termination = onTermination(log);
  const tracing = await startTracing(config, 'caregraph-gateway');
  termination.onEnd(() => tracing.close());
  const signer = createCallerSigner(secret, systemClock);
  const remote: ReadonlyMap<ServiceName, HttpTransport> = new Map(
    [...config.subgraphUrls].map(
      ([name, url]) =>
        [name, createHttpTransport({ name, url, signer, times: callTimes(config), tracing, log })] as const,
    ),
  );
  for (const transport of remote.values()) termination.onEnd(() => transport.close());
  const bus = await openBus(config, log);
  termination.onEnd(() => bus.close());
  const runtime = remote.size > 0 ? undefined : await startLocalSubgraphs({ config, bus, remote, tracing, log });
  termination.onEnd(() => runtime?.close());
  const registry = createRegistry();
  runtime?.registerMetrics(registry);
  registerServiceMetrics(registry, remote);
  const gateway = await startGateway({
    config,
    log,
    bus,
    registry,
    local: runtime?.running ?? new Map(),
    remote,
    signer,
    secret,
    tracing,
    kept: keepSupergraph({ dataDir: config.dataDir, redisUrl: config.redisUrl, secret, log }),
    // Without Redis live events wait; all else goes on.
    checks: runtime?.checks ?? { bus: dispensable(() => bus.ping()) },
  });
  termination.onEnd(() => gateway.close());
  termination.drain(config.drainSeconds, () => gateway.drain());
  const signIns = config.demo && runtime !== undefined ? await seedDemoClinic(gateway) : [];
  gateway.markReady();
  const readsMail = !config.production && config.smtpUrl === undefined && runtime?.running.has('users') === true;
  announce({
    publicUrl: config.publicUrl ?? '',
    graphiql: config.graphiql,
    // Shown to this machine alone, whatever address clients use.
    mailUrl: readsMail ? `http://127.0.0.1:${config.port}/dev/mail` : undefined,
    signIns,
  });
});

/** Loaded only where it is used: in front of services elsewhere, a gateway has none of their code in memory. */
async function startLocalSubgraphs(options: RuntimeOptions): Promise<SubgraphRuntime> {
  const { startSubgraphs } = await import('../subgraphs/runtime.ts');
  const { config, log } = options;
  return whenReachable({
    start: () => startSubgraphs(options),
    whileWaiting: () => serveWaiting({ log, port: config.port, host: config.host, part: 'database' }),
    log,
  });
}

/** Fills in what an all-in-one process makes for itself: a secret, a port, its own address. */
async function completeConfig(read: Config): Promise<{ config: Config; secret: string }> {
  const alone = read.subgraphUrls.size === 0;
  if (!alone && read.redisUrl === undefined) {
    throw new StartError('REDIS_URL is needed in front of services elsewhere: it carries live events.');
  }
  if (!alone && read.serviceSecret === undefined) {
    throw new StartError('SERVICE_SECRET is needed in front of services elsewhere: the same as theirs.');
  }
  const port = read.port === 0 ? await freePort(read.host) : read.port;
  const host = read.host === '0.0.0.0' || read.host === '::' ? '127.0.0.1' : read.host;
  const publicUrl = read.publicUrl ?? `http://${host}:${port}`;
  const secret = read.serviceSecret ?? (await keepServiceSecret(read.dataDir));
  return { config: { ...read, port, publicUrl, serviceSecret: secret }, secret };
}

function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, host, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
