// The part of the configuration that says where traces go; its names are OpenTelemetry's.
import { z } from 'zod';

const headers = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .pipe(z.array(z.string().regex(/^[\w-]+=.+$/, 'each part is name=value')))
  .transform((parts) => Object.fromEntries(parts.map((part) => part.split(/=(.*)/s, 2) as [string, string])));

export const tracingShape = {
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  OTEL_EXPORTER_OTLP_HEADERS: headers.optional(),
  OTEL_SERVICE_NAME: z.string().min(1).optional(),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
};

/** Where traces are sent (OTLP over HTTP). */
export interface TracingConfig {
  /** Without a slash at the end. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What the process is called in traces; undefined: by what it does. */
  readonly serviceName: string | undefined;
  /** Which part of the traces that begin here is recorded, 0 to 1. */
  readonly ratio: number;
}

type Values = z.infer<z.ZodObject<typeof tracingShape>>;

/** Undefined: nothing is traced. */
export function tracingFrom(values: Values): TracingConfig | undefined {
  if (values.OTEL_EXPORTER_OTLP_ENDPOINT === undefined) return undefined;
  return {
    endpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT.replace(/\/+$/, ''),
    headers: values.OTEL_EXPORTER_OTLP_HEADERS ?? {},
    serviceName: values.OTEL_SERVICE_NAME,
    ratio: values.OTEL_TRACES_SAMPLER_ARG,
  };
}
