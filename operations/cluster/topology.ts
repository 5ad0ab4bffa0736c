// Which processes make up a cluster and what each is told: the same as in docker-compose.yml.
import { join } from 'node:path';
import type { ServiceName } from '../../platform/config.ts';
import { projectFolder } from '../../platform/project-folder.ts';
import type { PreparedServer } from '../servers/throwaway-process.ts';
import type { ClusterServers } from './prepare-servers.ts';
import type { SupervisedProgram } from './supervised-process.ts';

/** The services of each process that runs some. */
export const serviceGroups = {
  accounts: ['auth', 'users'],
  records: ['data', 'files'],
  events: ['events'],
} as const satisfies Record<string, readonly ServiceName[]>;

export const serverRoles = ['postgres', 'redis', 'store', 'mail'] as const;
export const serviceRoles = [
  'accounts',
  'records',
  'events',
] as const satisfies readonly (keyof typeof serviceGroups)[];
export const gatewayRoles = ['gateway-1', 'gateway-2'] as const;
export const roles = [...serverRoles, ...serviceRoles, ...gatewayRoles, 'balancer'] as const;
export type ClusterRole = (typeof roles)[number];
/** Those that are Caregraph's own and answer /readyz. */
export type ProcessRole = (typeof serviceRoles)[number] | (typeof gatewayRoles)[number] | 'balancer';

export interface TopologyOptions {
  readonly servers: ClusterServers;
  readonly ports: Readonly<Record<ProcessRole, number>>;
  /** Environment variables for all processes of Caregraph; what the topology itself decides wins. */
  readonly settings: Readonly<Record<string, string>>;
  /** Where others find a service whose process is at `url`: there, unless something is put in front of it. */
  readonly serviceUrl?: ((service: ServiceName, url: string) => string) | undefined;
}

export function describeProcesses(options: TopologyOptions): Readonly<Record<ClusterRole, SupervisedProgram>> {
  const { servers } = options;
  return {
    postgres: { ...serverProgram('postgres', servers.postgres), stopSignal: 'SIGINT' },
    redis: serverProgram('redis', servers.redis),
    store: serverProgram('store', servers.store),
    mail: serverProgram('mail', servers.mail),
    accounts: serviceProgram('accounts', options),
    records: serviceProgram('records', options),
    events: serviceProgram('events', options),
    'gateway-1': gatewayProgram('gateway-1', options),
    'gateway-2': gatewayProgram('gateway-2', options),
    balancer: balancerProgram(options),
  };
}

export const urlOn = (port: number): string => `http://127.0.0.1:${port}`;

function serverProgram(role: ClusterRole, server: PreparedServer): SupervisedProgram {
  return { role, environment: {}, ...server };
}

function serviceProgram(role: (typeof serviceRoles)[number], options: TopologyOptions): SupervisedProgram {
  const { servers } = options;
  const environment = {
    ...sharedEnvironment(role, options),
    SUBGRAPHS: serviceGroups[role].join(','),
    DATABASE_URL: servers.postgres.url,
    SMTP_URL: servers.mail.url,
    ...servers.store.environment,
  };
  return ownProgram({ role, script: 'subgraphs/main.js', environment }, options);
}

function gatewayProgram(role: (typeof gatewayRoles)[number], options: TopologyOptions): SupervisedProgram {
  // The load balancer stands in front.
  const environment = { ...sharedEnvironment(role, options), TRUSTED_PROXIES: '1' };
  return ownProgram({ role, script: 'gateway/main.js', environment }, options);
}

function balancerProgram(options: TopologyOptions): SupervisedProgram {
  const { ports } = options;
  const args = [`${ports.balancer}`, ...gatewayRoles.map((role) => urlOn(ports[role]))];
  return ownProgram({ role: 'balancer', script: 'operations/balancer/main.js', args, environment: {} }, options);
}

function sharedEnvironment(
  role: ProcessRole,
  { ports, servers, settings, serviceUrl = (_, url) => url }: TopologyOptions,
): Readonly<Record<string, string>> {
  const subgraphUrls = serviceRoles.flatMap((group) =>
    serviceGroups[group].map((service) => `${service}=${serviceUrl(service, urlOn(ports[group]))}`),
  );
  return {
    NODE_ENV: 'production',
    GRAPHIQL: 'true',
    LOG_LEVEL: 'warn',
    // The load balancer looks every quarter of a second.
    DRAIN_SECONDS: '1',
    SERVICE_SECRET: 'a cluster on one machine, known to everybody',
    ...settings,
    HOST: '127.0.0.1',
    DATA_DIR: join(servers.dataFolder, role),
    PORT: `${ports[role]}`,
    PUBLIC_URL: settings.PUBLIC_URL ?? urlOn(ports.balancer),
    REDIS_URL: servers.redis.url,
    SUBGRAPH_URLS: subgraphUrls.join(','),
  };
}

interface OwnProgram {
  readonly role: ProcessRole;
  /** Below dist/. */
  readonly script: string;
  readonly args?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

function ownProgram(
  { role, script, args = [], environment }: OwnProgram,
  { ports }: TopologyOptions,
): SupervisedProgram {
  return {
    role,
    program: process.execPath,
    args: ['--enable-source-maps', join(projectFolder(), 'dist', script), ...args],
    folder: projectFolder(),
    environment,
    isReady: () => requireReady(urlOn(ports[role])),
  };
}

const readyMilliseconds = 5_000;

async function requireReady(url: string): Promise<void> {
  const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(readyMilliseconds) });
  const { ready, parts } = (await answer.json()) as { ready: boolean; parts: Readonly<Record<string, string>> };
  // A process can do without some; a cluster is ready when it lacks nothing.
  const missing = Object.keys(parts).filter((name) => parts[name] !== 'ok');
  if (!ready || missing.length > 0) throw new Error(`not there: ${missing.join(', ')}`);
}
