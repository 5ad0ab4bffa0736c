// The bench of live events: two gateways, three processes of services, PostgreSQL and Redis, on this machine.
import { startCluster } from '../../operations/cluster/start-cluster.ts';
import { progress } from '../progress.ts';
import { openChanges } from './changes.ts';
import { startContractFront } from './contract-front.ts';
import { measureFanOut } from './fan-out.ts';
import { measureIdle } from './idle.ts';
import { measureReload } from './reload.ts';
import { measureResume } from './resume.ts';
import { openLiveSetting } from './setting.ts';

const rates = [50, 100, 200];
const subscribers = Number(process.env.BENCH_SUBSCRIBERS ?? 10_000);
const missed = 10_000;

export async function benchLive(): Promise<object> {
  progress('starting a cluster');
  const front = await startContractFront();
  const cluster = await startCluster({
    settings: { ACCESS_TOKEN_SECONDS: '86400', LOG_LEVEL: 'warn', COST_PER_MINUTE: '0', RATE_LIMITS: 'off' },
    postgresSettings: { shared_preload_libraries: 'pg_stat_statements' },
    serviceUrl(service, url) {
      if (service !== 'events') return url;
      front.standBefore(url);
      return front.url;
    },
  });
  try {
    const setting = await openLiveSetting(cluster);
    const changes = await openChanges(cluster, setting);
    try {
      const fanout = await measureFanOut({ cluster, setting, changes }, rates);
      const resume = await measureResume({ cluster, setting, changes }, missed);
      const crowd = await measureIdle(cluster, setting, subscribers);
      const reload = await measureReload({ cluster, setting, changes, front, crowd });
      for (const socket of crowd.sockets) socket.close();
      return { fanout, idle: crowd.idle, resume, reload };
    } finally {
      await changes.close();
    }
  } finally {
    await cluster.stop();
    await front.close();
  }
}
