// When a gateway is ready: while it can serve some part. A service that is away is shown, and keeps no load balancer from
// sending: every gateway would lack it, and what does not need it is answered. A gateway that reaches no service at all
// is the one that is cut off.
import type { Check } from '../platform/readiness.ts';
import { dispensable } from '../platform/readiness.ts';
import type { HttpTransport } from '../platform/subgraph/http-transport.ts';

export function checkServices(
  remote: ReadonlyMap<string, Pick<HttpTransport, 'ping'>>,
): Readonly<Record<string, Check>> {
  if (remote.size === 0) return {};
  const checks = [...remote].map(([name, transport]) => [name, dispensable(() => transport.ping())] as const);
  const someService = () => Promise.any([...remote.values()].map((transport) => transport.ping()));
  return { services: someService, ...Object.fromEntries(checks) };
}
