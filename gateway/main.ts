// Composition root of the gateway's process: all in one, or (with SUBGRAPH_URLS) in front of services elsewhere.
import { createServer } from 'node:net';
import { pino } from 'pino';
import { systemClock } from '../platform/clock.ts';
import type { Config, ServiceName } from '../platform/config.ts';
import { readConfig } from '../platform/config.ts';
import { whenReachable } from '../platform/database/when-reachable.ts';
import { openBus } from '../platform/events/open-bus.ts';
import { serveWaiting } from '../platform/http/serve-waiting.ts';
import { createCallerSigner } from '../platform/identity/signed-caller.ts';
import { createRegistry } from '../platform/metrics/registry.ts';
import { onTermination } from '../platform/on-termination.ts';
import { dispensable } from '../platform/readiness.ts';
import { keepServiceSecret } from '../platform/service-secret.ts';
import { runProgram, StartError } from '../platform/start-error.ts';
import type { HttpTransport } from '../platform/subgraph/http-transport.ts';
import { answerTimes, createHttpTransport } from '../platform/subgraph/http-transport.ts';
import type { RuntimeOptions, SubgraphRuntime } from '../subgraphs/runtime.ts';
import { announce } from './announce.ts';
import { seedDemoClinic } from './demo-clinic.ts';
import { keepSupergraph } from './kept-supergraph.ts';
import { startGateway } from './start-gateway.ts';

await runProgram(async () => {
  const { config, secret } = await completeConfig(readConfig(process.env));
  const log = pino({ level: config.logLevel });
  const termination = onTermination(log);
  const signer = createCallerSigner(secret, systemClock);
  const remote: ReadonlyMap<ServiceName, HttpTransport> = new Map(
    [...config.subgraphUrls].map(
      ([name, url]) => [name, createHttpTransport({ name, url, signer, times: answerTimes(config) })] as const,
    ),
  );
  for (const transport of remote.values()) termination.onEnd(() => transport.close());
  const bus = await openBus(config, log);
  termination.onEnd(() => bus.close());
  const runtime = remote.size > 0 ? undefined : await startLocalSubgraphs({ config, bus, remote, log });
  termination.onEnd(() => runtime?.close());
