// The load balancer as a process: node dist/operations/balancer/main.js PORT GATEWAY_URL…
import { startBalancer } from './start-balancer.ts';

const [port, ...backends] = process.argv.slice(2);
const balancer = await startBalancer({ port: Number(port), host: '127.0.0.1', backends });
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void balancer.close().then(() => process.exit(0)));
}
