// A subgraph in another process, asked over HTTP through a pool of kept-alive connections.
import type { ExecutionResult } from 'graphql';
import { Pool } from 'undici';
import { AppError } from '../errors.ts';
import { logEventData } from '../events/event.ts';
import type { CallerSigner } from '../identity/signed-caller.ts';
import { asAppError } from './create-service-client.ts';
import type { EventResults, EventsRequest, SubgraphRequest, SubgraphTransport } from './transport.ts';

export interface HttpTransport extends SubgraphTransport {
  readonly url: string;
  /** The subgraph's contract, for composition. Rejects when it cannot be reached. */
  readSdl(): Promise<string>;
  /** Rejects when the subgraph is not ready. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

const answerMilliseconds = 60_000;

/** `name` is the subgraph's, `url` where its process listens. Calls are signed by `signer` for this subgraph only. */
export function createHttpTransport(name: string, url: string, signer: CallerSigner): HttpTransport {
  const { origin, pathname } = new URL(url);
  const base = pathname.replace(/\/+$/, '');
  // Below the server's keep-alive (72 s), so that no request meets a connection that is just being closed.
  const pool = new Pool(origin, {
    connections: 64,
    pipelining: 1,
    keepAliveTimeout: 30_000,
    bodyTimeout: answerMilliseconds,
  });

  async function post(request: SubgraphRequest, extensions: Record<string, unknown>): Promise<unknown> {
    const signature = await signer.sign(request.caller, name);
    const response = await pool.request({
      method: 'POST',
      path: `${base}/subgraphs/${name}`,
      headers: { 'content-type': 'application/json', 'x-request-id': request.requestId },
      body: JSON.stringify({
        query: request.query,
        operationName: request.operationName,
        variables: request.variables,
        extensions: { caller: signature, ...extensions },
      }),
      headersTimeout: answerMilliseconds,
      signal: request.signal ?? null,
    });
    const body = (await response.body.json()) as {
      errors?: { message: string; extensions?: Record<string, unknown> }[];
    };
    if (response.statusCode !== 200) {
      const [failure] = body.errors ?? [];
      throw asAppError(failure?.message ?? `The service ${name} cannot be reached.`, failure?.extensions);
    }
    return body;
  }

  return {
    url,
    execute: async (request) => (await post(request, {})) as ExecutionResult,
    async executeEvents(request: EventsRequest) {
      const { results } = (await post(request, { events: request.events.map(logEventData) })) as {
        results: EventResults;
      };
      return results;
    },
    async readSdl() {
      const response = await pool.request({ method: 'GET', path: `${base}/subgraphs/${name}/contract` });
      if (response.statusCode !== 200)
        throw new AppError('SERVICE_UNAVAILABLE', `${name} does not answer its contract.`);
      return response.body.text();
    },
    async ping() {
      const response = await pool.request({ method: 'GET', path: `${base}/readyz`, headersTimeout: 2_000 });
      await response.body.dump();
      if (response.statusCode !== 200) throw new AppError('SERVICE_UNAVAILABLE', `${name} is not ready.`);
    },
    close: () => pool.close(),
  };
}
