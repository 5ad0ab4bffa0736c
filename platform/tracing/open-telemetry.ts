// Tracing by OpenTelemetry: spans are sent over OTLP (HTTP, JSON) to the collector that is configured.
import type { Context, Span, Tracer } from '@opentelemetry/api';
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { findAppError } from '../mask-errors.ts';
import type { TraceAttributes, Tracing } from './tracing.ts';
import type { TracingConfig } from './tracing-config.ts';

export interface OpenTelemetryOptions extends TracingConfig {
  readonly serviceName: string;
}

export function startOpenTelemetry({ endpoint, headers, ratio, serviceName }: OpenTelemetryOptions): Tracing {
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, headers: { ...headers } });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    // Who is asked within a trace goes by what its beginning decided.
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: 1_000 })],
  });
  // Makes spans belong to each other across `await`, and reads and writes `traceparent` and `tracestate`.
  provider.register();
  return new OpenTelemetryTracing(provider, trace.getTracer('caregraph'));
}

/** Asked by machines every few seconds. */
const quiet = /^\/(healthz|readyz|metrics|subgraphs\/[a-z]+\/contract)$/;

class OpenTelemetryTracing implements Tracing {
  readonly #provider: NodeTracerProvider;
  readonly #tracer: Tracer;

  constructor(provider: NodeTracerProvider, tracer: Tracer) {
    this.#provider = provider;
    this.#tracer = tracer;
  }

  traceRequests(app: FastifyInstance): void {
    const traced = new WeakMap<FastifyRequest, Context>();
    app.addHook('onRequest', (request, _reply, done) => {
      if (quiet.test(request.url)) return done();
      const parent = propagation.extract(context.active(), request.headers);
      const { method, routeOptions } = request;
      const attributes = {
        'http.request.method': method,
        'http.route': routeOptions.url ?? '',
        'request.id': request.id,
      };
      const name = `${method} ${routeOptions.url ?? ''}`.trimEnd();
      const span = this.#tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, parent);
      const own = trace.setSpan(parent, span);
      traced.set(request, own);
      context.with(own, done);
    });
    // Reading the body has led out of it.
    app.addHook('preValidation', (request, _reply, done) => {
      const own = traced.get(request);
      if (own === undefined) done();
      else context.with(own, done);
    });
    app.addHook('onResponse', async (request, reply) => {
      const own = traced.get(request);
      const span = own === undefined ? undefined : trace.getSpan(own);
      span?.setAttribute('http.response.status_code', reply.statusCode);
      if (reply.statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
      span?.end();
    });
  }

  describe(name: string, attributes: TraceAttributes): void {
    trace.getActiveSpan()?.updateName(name).setAttributes(attributes);
  }

  within<T>(name: string, attributes: TraceAttributes, work: () => Promise<T>): Promise<T> {
    return this.#run(name, { kind: SpanKind.INTERNAL, attributes }, work);
  }

  call<T>(
    name: string,
    attributes: TraceAttributes,
    work: (headers: Readonly<Record<string, string>>) => Promise<T>,
  ): Promise<T> {
    return this.#run(name, { kind: SpanKind.CLIENT, attributes }, () => {
      const headers: Record<string, string> = {};
      propagation.inject(context.active(), headers);
      return work(headers);
    });
  }

  async close(): Promise<void> {
    // A collector that is away is no reason to end any other way.
    await this.#provider.shutdown().catch(() => undefined);
  }

  async #run<T>(
    name: string,
    how: { readonly kind: SpanKind; readonly attributes: TraceAttributes },
    work: () => Promise<T>,
  ): Promise<T> {
    const options = { kind: how.kind, attributes: { ...how.attributes } };
    return this.#tracer.startActiveSpan(name, options, async (span) => {
      try {
        return await work();
      } catch (error) {
        fail(span, error);
        throw error;
      } finally {
        span.end();
      }
    });
  }
}

/** Of an error only its code: messages can hold what somebody wrote. */
function fail(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute('error.type', findAppError(error)?.code ?? 'INTERNAL_SERVER_ERROR');
}
