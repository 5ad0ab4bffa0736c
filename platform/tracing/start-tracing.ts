// Tracing as it is configured. What it takes is loaded only where there is a collector.
import type { Config } from '../config.ts';
import { noTracing, type Tracing } from './tracing.ts';

/** `serviceName` says what the process is, unless OTEL_SERVICE_NAME does. */
export async function startTracing({ tracing }: Pick<Config, 'tracing'>, serviceName: string): Promise<Tracing> {
  if (tracing === undefined) return noTracing;
  const { startOpenTelemetry } = await import('./open-telemetry.ts');
  return startOpenTelemetry({ ...tracing, serviceName: tracing.serviceName ?? serviceName });
}
