// What somebody who started a cluster reads in the terminal.
import type { Cluster } from './start-cluster.ts';

export function announceCluster(cluster: Cluster, write: (text: string) => void): void {
  const processes = cluster
    .processes()
    .map(({ role, pid }) => `${role} ${pid ?? '(away)'}`)
    .join(', ');
  write(`
  Caregraph is ready:  ${cluster.url}/graphql
  Explore it:          ${cluster.url}/graphiql
  Administrator:       ${cluster.admin.email}  ${cluster.admin.password}

  Gateways:            ${cluster.gatewayUrls.join('  ')}
  PostgreSQL:          ${cluster.databaseUrl}
  Redis:               ${cluster.redisUrl}
  Store (S3):          ${cluster.store.config.endpoint}  bucket ${cluster.store.config.bucket}
  Mail, a file each:   ${cluster.mailFolder}

  Processes:           ${processes}
  Kill any of them: it comes back. Ctrl-C ends all and removes everything.

`);
}
