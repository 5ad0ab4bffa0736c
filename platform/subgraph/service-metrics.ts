// The figures of services in other processes: which of them calls are held back from, because they do not answer.
import { Gauge, type Registry } from 'prom-client';
import type { HttpTransport } from './http-transport.ts';

export function registerServiceMetrics(
  registry: Registry,
  remote: ReadonlyMap<string, Pick<HttpTransport, 'isCutOff'>>,
): void {
  if (remote.size === 0) return;
  new Gauge({
    name: 'caregraph_service_cut_off',
    help: 'Whether calls to a service fail at once because it does not answer (1) or are made (0)',
    labelNames: ['service'],
    registers: [registry],
    collect() {
      for (const [service, { isCutOff }] of remote) this.set({ service }, isCutOff ? 1 : 0);
    },
  });
}
