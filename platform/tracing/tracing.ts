// What traces see of a process: requests, and calls of other services. Without a collector nothing is traced, nothing is
// loaded for it, and it costs nothing.
import type { FastifyInstance } from 'fastify';

/** Never personal data: names of operations and services, status codes, ids of requests. */
export type TraceAttributes = Readonly<Record<string, string | number | boolean>>;

export interface Tracing {
  /** A span for each HTTP request, within the trace that its client names (W3C Trace Context). Before any route is added. */
  traceRequests(app: FastifyInstance): void;
  /** Says more of the request that is being answered, and gives its span a name. */
  describe(name: string, attributes: TraceAttributes): void;
  /** A span for what is done inside the process. What `work` throws marks it as failed. */
  within<T>(name: string, attributes: TraceAttributes, work: () => Promise<T>): Promise<T>;
  /** A span for asking another process. `headers` go with the request, so that what happens there belongs to it. */
  call<T>(
    name: string,
    attributes: TraceAttributes,
    work: (headers: Readonly<Record<string, string>>) => Promise<T>,
  ): Promise<T>;
  /** Sends what is left. */
  close(): Promise<void>;
}

const noHeaders = {};

export const noTracing: Tracing = {
  traceRequests: () => undefined,
  describe: () => undefined,
  within: (_name, _attributes, work) => work(),
  call: (_name, _attributes, work) => work(noHeaders),
  close: async () => undefined,
};
