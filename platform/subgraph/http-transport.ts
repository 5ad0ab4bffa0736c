// A subgraph in another process, asked over HTTP through a pool of kept-alive connections.
import type { ExecutionResult } from 'graphql';
import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';
import { logEventData } from '../events/event.ts';
import type { CallerSigner } from '../identity/signed-caller.ts';
import type { Tracking } from '../identity/tracked-id.ts';
import { untracked } from '../identity/tracked-id.ts';
import { noTracing, type Tracing } from '../tracing/tracing.ts';
import { createCircuitBreaker, type Reading } from './circuit-breaker.ts';
import type { Logger } from './context.ts';
import { asAppError } from './create-service-client.ts';
import { createServiceCalls } from './lost-calls.ts';
import { probeService } from './probe-service.ts';
import { openServiceConnections } from './service-connections.ts';
import type { EventResults, EventsRequest, SubgraphRequest, SubgraphTransport } from './transport.ts';

export interface HttpTransport extends SubgraphTransport {
  readonly url: string;
  /**
   * The subgraph's contract, for composition; undefined when it is still the one with this tag (contract.ts). Rejects
   * when the subgraph cannot be reached.
   */
  readContract(): Promise<string>;
  readContract(knownTag: string | undefined): Promise<string | undefined>;
  /** Whether calls fail at once, since the subgraph does not answer. */
  readonly isCutOff: boolean;
  /** Rejects when the subgraph is not ready. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface HttpTransportOptions {
  /** The subgraph's. */
  readonly name: string;
  /** Where its process listens. */
  readonly url: string;
  /** Signs calls for this subgraph only. */
  readonly signer: CallerSigner;
  /** Unless told, 15 seconds for what reads, 60 for what changes something, and 10 for a restart. */
  readonly times?: CallTimes;
  readonly tracing?: Tracing;
  /** Told when the subgraph does not answer any more, and when it does again. */
  readonly log?: Pick<Logger, 'warn' | 'info'>;
}

export interface CallTimes {
  /** How long an answer may take to what only reads. */
  readonly readMilliseconds: number;
  /** The same for what changes something: given up, nobody would know whether it was done. */
  readonly writeMilliseconds: number;
  /** How long a process that is being restarted is waited for. */
  readonly restartMilliseconds: number;
}

type ConfiguredTimes = Pick<Config, 'readSeconds' | 'writeSeconds' | 'restartSeconds'>;

export function callTimes({ readSeconds, writeSeconds, restartSeconds }: ConfiguredTimes): CallTimes {
  return {
    readMilliseconds: readSeconds * 1_000,
    writeMilliseconds: writeSeconds * 1_000,
    restartMilliseconds: restartSeconds * 1_000,
  };
}

/** For the small questions that are not clients'. */
const askMilliseconds = 2_000;
/** Fetches of the planner, and what services ask each other, begin with their one operation. */
const readingOperation = /^\s*(query\b|subscription\b|\{)/;

const usualTimes: CallTimes = { readMilliseconds: 15_000, writeMilliseconds: 60_000, restartMilliseconds: 10_000 };

export function createHttpTransport(options: HttpTransportOptions): HttpTransport {
  const { name, url, signer, times = usualTimes, tracing = noTracing, log } = options;
  const { origin, pathname } = new URL(url);
  const base = pathname.replace(/\/+$/, '');
  // Below the server's keep-alive (72 s), so that no request meets a connection that is just being closed.
  const connections = openServiceConnections(origin, { connections: 64, pipelining: 1, keepAliveTimeout: 30_000 });
  const calls = createServiceCalls({
    restartMilliseconds: times.restartMilliseconds,
    isLeaving: connections.isLeaving,
    ask: () => ask(),
  });
  const breaker = createCircuitBreaker({
    service: name,
    probe: (signal) => probeService({ origin, path: base }, askMilliseconds, signal),
    onChange(isOpen) {
      if (isOpen) log?.warn({ service: name }, 'a service does not answer: what needs it fails at once until it does');
      else log?.info({ service: name }, 'a service answers again');
    },
  });
  let pinging: Promise<void> | undefined;

  const post = (request: SubgraphRequest, extensions: Record<string, unknown>): Promise<unknown> =>
    tracing.call(`ask ${name}`, { 'rpc.service': name }, (headers) => send(request, extensions, headers));

  async function send(
    request: SubgraphRequest,
    extensions: Record<string, unknown>,
    traceHeaders: Readonly<Record<string, string>>,
  ): Promise<unknown> {
    const reads = readingOperation.test(request.query);
    const milliseconds = reads ? times.readMilliseconds : times.writeMilliseconds;
    // A change goes on in the service whoever listens; what comes after it in the operation is not for us to leave out.
    const signal = reads ? request.signal : undefined;
    const call = (waited: Reading | undefined) =>
      calls.call({
        reads,
        signal,
        send: async () => {
          const signature = await signer.sign(request.caller, name);
          const { statusCode, body } = await connections.request({
            method: 'POST',
            path: `${base}/subgraphs/${name}`,
            headers: { ...traceHeaders, 'content-type': 'application/json', 'x-request-id': request.requestId },
            body: JSON.stringify({
              query: request.query,
              operationName: request.operationName,
              variables: request.variables,
              extensions: { caller: signature, ...extensions },
            }),
            headersTimeout: milliseconds,
            bodyTimeout: milliseconds,
            signal: waited ?? null,
          });
          return { statusCode, body: (await body.json()) as Body };
        },
      });
    const response = await breaker.call({ reads, signal }, call);
    const { tracking, ...answer } = response.body;
    // What is refused may be refused to this one member only.
    request.caller.identity.tracked?.note(tracking ?? untracked);
    if (response.statusCode !== 200) {
      const [failure] = answer.errors ?? [];
      throw asAppError(failure?.message ?? `The service ${name} cannot be reached.`, failure?.extensions);
    }
    return answer;
  }

  async function readContract(knownTag?: string): Promise<string | undefined> {
    const { statusCode, body } = await connections.request({
      method: 'GET',
      path: `${base}/subgraphs/${name}/contract`,
      headers: knownTag === undefined ? {} : { 'if-none-match': knownTag },
      headersTimeout: askMilliseconds,
      bodyTimeout: askMilliseconds,
      signal: AbortSignal.timeout(askMilliseconds * 2),
    });
    const text = await body.text();
    calls.noteAnswer();
    breaker.noteAnswer();
    if (statusCode === 304 && knownTag !== undefined) return undefined;
    if (statusCode !== 200) throw new AppError('SERVICE_UNAVAILABLE', `${name} does not answer its contract.`);
    return text;
  }

  /** Whether the process is ready; rejects when there is none. */
  async function ask(): Promise<boolean> {
    const { statusCode, body } = await connections.request({
      method: 'GET',
      path: `${base}/readyz`,
      headersTimeout: askMilliseconds,
      bodyTimeout: askMilliseconds,
    });
    await body.dump();
    breaker.noteAnswer();
    return statusCode === 200;
  }

  async function ping(): Promise<void> {
    if (!(await ask())) throw new AppError('SERVICE_UNAVAILABLE', `${name} is not ready.`);
  }

  return {
    url,
    get isCutOff() {
      return breaker.isOpen;
    },
    execute: async (request) => (await post(request, {})) as ExecutionResult,
    async executeEvents(request: EventsRequest) {
      const { results } = (await post(request, { events: request.events.map(logEventData) })) as {
        results: EventResults;
      };
      return results;
    },
    readContract: readContract as HttpTransport['readContract'],
    ping() {
      pinging ??= ping().finally(() => {
        pinging = undefined;
      });
      return pinging;
    },
    close() {
      breaker.close();
      return connections.close();
    },
  };
}

interface Body {
  /** Where any member of an access class has asked. */
  readonly tracking?: Tracking;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Record<string, unknown> }[];
}
