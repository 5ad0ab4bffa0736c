// Composition root of the gateway's process: all in one, or (with SUBGRAPH_URLS) in front of services elsewhere.
import { createServer } from 'node:net';
import { pino } from 'pino';
import { systemClock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { readConfig } from '../platform/config.ts';
import { AppError } from '../platform/errors.ts';
import { openBus } from '../platform/events/open-bus.ts';
import { createCallerSigner } from '../platform/identity/signed-caller.ts';
import { onTermination } from '../platform/on-termination.ts';
import { keepServiceSecret } from '../platform/service-secret.ts';
import type { HttpTransport } from '../platform/subgraph/http-transport.ts';
import { createHttpTransport } from '../platform/subgraph/http-transport.ts';
import type { SubgraphRuntime } from '../subgraphs/runtime.ts';
import { announce } from './announce.ts';
import { seedDemoClinic } from './demo-clinic.ts';
import { startGateway } from './start-gateway.ts';

const given = readConfig(process.env);
const config = await complete(given);
const log = pino({ level: config.logLevel });
const { serviceSecret } = config;
if (serviceSecret === undefined)
  throw new AppError('BAD_USER_INPUT', 'SERVICE_SECRET is needed in front of services elsewhere.');

const signer = createCallerSigner(serviceSecret, systemClock);
const remote: ReadonlyMap<string, HttpTransport> = new Map(
  [...config.subgraphUrls].map(([name, url]) => [name, createHttpTransport(name, url, signer)] as const),
);
const bus = await openBus(config, log);
const runtime = await startLocalSubgraphs();
const gateway = await startGateway({
  config,
  log,
  bus,
  local: runtime?.running ?? new Map(),
  remote,
  signer,
  checks: runtime?.checks ?? { bus: () => bus.ping() },
});
const signIns = config.demo && runtime !== undefined ? await seedDemoClinic(gateway.graphql) : [];
gateway.markReady();
announce({ publicUrl: config.publicUrl ?? '', graphiql: config.graphiql, signIns });

onTermination(log, [
  () => gateway.close(),
  () => runtime?.close(),
  () => bus.close(),
  ...[...remote.values()].map((transport) => () => transport.close()),
]);

/** The services of this process: none in front of services elsewhere, where the code of services is not even loaded. */
async function startLocalSubgraphs(): Promise<SubgraphRuntime | undefined> {
  if (remote.size > 0) return undefined;
  const { startSubgraphs } = await import('../subgraphs/runtime.ts');
  return startSubgraphs({ config, bus, remote, log });
}

/** Fills in what an all-in-one process makes for itself: a secret, a port, its own address. */
async function complete(read: Config): Promise<Config> {
  const alone = read.subgraphUrls.size === 0;
  if (!alone && read.redisUrl === undefined) {
    throw new AppError('BAD_USER_INPUT', 'REDIS_URL is needed in front of services elsewhere: it carries live events.');
  }
  const port = read.port === 0 ? await freePort(read.host) : read.port;
  const host = read.host === '0.0.0.0' || read.host === '::' ? '127.0.0.1' : read.host;
  return {
    ...read,
    port,
    publicUrl: read.publicUrl ?? `http://${host}:${port}`,
    serviceSecret: read.serviceSecret ?? (alone ? await keepServiceSecret(read.dataDir) : undefined),
  };
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
