// Starts the distributed shape on this machine, as processes that come back when they die, on servers made for it; ends
// all of it and removes what it made. For developers, fault tests and benches.
import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceName } from '../../platform/config.ts';
import { StartError } from '../../platform/start-error.ts';
import type { S3Server } from '../servers/s3.ts';
import { freePort, isPortFree } from '../servers/throwaway-process.ts';
import { prepareServers } from './prepare-servers.ts';
import { type SupervisedProcess, supervise } from './supervised-process.ts';
import {
  type ClusterRole,
  describeProcesses,
  gatewayRoles,
  roles,
  serverRoles,
  serviceRoles,
  urlOn,
} from './topology.ts';

export interface ClusterOptions {
  /** Where clients reach it; a free port unless told. */
  readonly port?: number;
  /** Environment variables for all processes of Caregraph, for example `ACCESS_TOKEN_SECONDS`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Settings of PostgreSQL on top of the throwaway ones, such as `{ fsync: 'on' }`. */
  readonly postgresSettings?: Readonly<Record<string, string>>;
  /** Where others find a service whose process is at `url`: there, unless something is put in front of it. */
  readonly serviceUrl?: (service: ServiceName, url: string) => string;
  /** Told each line that a process writes. */
  readonly onLine?: (role: ClusterRole, line: string) => void;
  /** Ends the start, and what was started so far. */
  readonly signal?: AbortSignal;
}

export interface ClusterProcess {
  readonly role: ClusterRole;
  /** Undefined while it is away. */
  readonly pid: number | undefined;
  /** How often it was started; 1 when it never died. */
  readonly starts: number;
}

export interface Cluster {
  /** Where clients reach it: the load balancer. */
  readonly url: string;
  /** Where each gateway is, past the load balancer. */
  readonly gatewayUrls: readonly string[];
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly store: Pick<S3Server, 'config' | 'environment'>;
  /** Where the mails are that it sent, a file each. */
  readonly mailFolder: string;
  readonly admin: { readonly email: string; readonly password: string };
  /** In the order of `roles`. */
  processes(): readonly ClusterProcess[];
  /** The last of what a process wrote, through all its starts. */
  output(role: ClusterRole): string;
  /** Sends the signal; resolves once that process is gone. Another takes its place by itself. */
  kill(role: ClusterRole, signal?: NodeJS.Signals): Promise<void>;
  /** The same, but it stays away until `resume`. */
  halt(role: ClusterRole, signal?: NodeJS.Signals): Promise<void>;
  resume(role: ClusterRole): void;
  /** Resolves once every process answers that it is ready, or those that are named; at most five minutes unless told. */
  waitUntilReady(options?: { readonly only?: readonly ClusterRole[]; readonly milliseconds?: number }): Promise<void>;
  /** Ends all processes in order and removes everything. */
  stop(): Promise<void>;
  /** The same at once. */
  abandon(): void;
}

const defaultAdmin = { email: 'admin@caregraph.example', password: 'Development-Only-1' };
const patienceMilliseconds = 300_000;
const checkMilliseconds = 100;
/** Who was started so often and is still not there does not come by waiting. */
const mostStarts = 6;

/** Resolves once all of it is ready. When a part does not get there, ends the others and says which, and what it wrote. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { port = 0, settings = {}, postgresSettings, onLine, signal } = options;
  if (port !== 0 && !(await isPortFree(port))) throw new StartError(`Port ${port} is taken: give another as PORT.`);
  const servers = await prepareServers(postgresSettings);
  const running = new Map<ClusterRole, SupervisedProcess>();
  const abandon = () => {
    for (const one of running.values()) one.abandon();
    servers.remove();
  };
  process.once('exit', abandon);
  const stop = async () => {
    for (const stage of [['balancer'], gatewayRoles, serviceRoles, serverRoles] as const) {
      await Promise.all(stage.map((role) => running.get(role)?.stop()));
    }
    process.off('exit', abandon);
    servers.remove();
  };
  try {
    const ports = {
      accounts: await freePort(),
      records: await freePort(),
      events: await freePort(),
      'gateway-1': await freePort(),
      'gateway-2': await freePort(),
      balancer: port === 0 ? await freePort() : port,
    };
    const admin = {
      email: settings.ADMIN_EMAIL ?? defaultAdmin.email,
      password: settings.ADMIN_PASSWORD ?? defaultAdmin.password,
    };
    const programs = describeProcesses({
      servers,
      ports,
      settings: { ...settings, ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password },
      serviceUrl: options.serviceUrl,
    });
    for (const role of roles) {
      running.set(
        role,
        supervise(programs[role], (line) => onLine?.(role, line)),
      );
    }
    const find = (role: ClusterRole): SupervisedProcess => {
      const found = running.get(role);
      if (found === undefined) throw new Error(`The cluster has no ${role}`);
      return found;
    };
    await waitFor([...running.values()], { milliseconds: patienceMilliseconds, signal, mostStarts });
    return {
      url: urlOn(ports.balancer),
      gatewayUrls: gatewayRoles.map((role) => urlOn(ports[role])),
      databaseUrl: servers.postgres.url,
      redisUrl: servers.redis.url,
      store: servers.store,
      mailFolder: servers.mail.mailFolder,
      admin,
      processes: () => roles.map((role) => ({ role, pid: find(role).pid(), starts: find(role).starts() })),
      output: (role) => find(role).output(),
      kill: (role, killSignal = 'SIGKILL') => find(role).kill(killSignal),
      halt: (role, haltSignal = 'SIGTERM') => find(role).halt(haltSignal),
      resume: (role) => find(role).resume(),
      waitUntilReady: ({ only = roles, milliseconds = patienceMilliseconds } = {}) =>
        waitFor(only.map(find), { milliseconds }),
      stop,
      abandon,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Waiting {
  readonly milliseconds: number;
  readonly signal?: AbortSignal | undefined;
  readonly mostStarts?: number;
}

async function waitFor(
  processes: readonly SupervisedProcess[],
  { milliseconds, signal, mostStarts }: Waiting,
): Promise<void> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    signal?.throwIfAborted();
    // All in one round: what one of them stands on may have gone meanwhile.
    const ready = await Promise.all(processes.map((one) => one.isReady()));
    const missing = processes.filter((_one, index) => !ready[index]);
    if (missing.length === 0) return;
    const hopeless = missing.find((one) => mostStarts !== undefined && one.starts() >= mostStarts);
    if (hopeless !== undefined) throw notReady([hopeless], 'does not start');
    if (Date.now() > deadline) throw notReady(missing, 'is not ready in time');
    await pause(checkMilliseconds, undefined, { signal }).catch(() => undefined);
  }
}

function notReady(processes: readonly SupervisedProcess[], what: string): StartError {
  return new StartError(processes.map((one) => `${one.role} ${what}:\n${one.output()}`).join('\n'));
}
