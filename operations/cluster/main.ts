// `npm run cluster`: the distributed shape on this machine until Ctrl-C. A second Ctrl-C ends it at once.
import { environmentNames } from '../../platform/config.ts';
import { runProgram } from '../../platform/start-error.ts';
import { announceCluster } from './announce-cluster.ts';
import { startCluster } from './start-cluster.ts';

await runProgram(async () => {
  const settings = Object.fromEntries(
    environmentNames.flatMap((name) => {
      const value = process.env[name];
      return value === undefined || value === '' ? [] : [[name, value] as const];
    }),
  );
  const ending = new AbortController();
  const end = () => {
    // Everything that it started goes with it.
    if (ending.signal.aborted) process.exit(1);
    process.stdout.write('\n  Ending all processes (again to end them at once) …\n');
    ending.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);

  process.stdout.write('\n  Starting PostgreSQL, Redis, a store, a mail catcher, three services and two gateways …\n');
  const cluster = await startCluster({
    port: Number(settings.PORT ?? 4000),
    settings,
    signal: ending.signal,
    onLine: (role, line) => process.stderr.write(`${role.padEnd(9)} | ${line}\n`),
  }).catch((error: unknown) => {
    if (ending.signal.aborted) process.exit(0);
    throw error;
  });
  announceCluster(cluster, (text) => process.stdout.write(text));
  if (!ending.signal.aborted) {
    await new Promise((resolve) => ending.signal.addEventListener('abort', resolve, { once: true }));
  }
  await cluster.stop();
  process.exit(0);
});
