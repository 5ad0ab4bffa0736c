// What the operating system says of the processes of a cluster. Linux only.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Cluster } from '../../operations/cluster/start-cluster.ts';
import { gatewayRoles, serviceRoles } from '../../operations/cluster/topology.ts';
import { rounded } from '../load.ts';

export interface Usage {
  /** Of one core: 1 is one core all the time. */
  readonly gateways: number;
  readonly services: number;
}

export interface ClusterMeters {
  /** Resident memory of both gateways, in bytes. */
  gatewayBytes(): number;
  /** What the processes use of the processor from now until `read` is called. */
  startUsage(): { read(): Usage };
}

export function metersOf(cluster: Cluster): ClusterMeters {
  const pidsOf = (roles: readonly string[]) =>
    cluster.processes().flatMap(({ role, pid }) => (roles.includes(role) && pid !== undefined ? [pid] : []));
  const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  const seconds = (roles: readonly string[]) =>
    pidsOf(roles).reduce((sum, pid) => sum + ticks(pid), 0) / ticksPerSecond;
  return {
    gatewayBytes: () => pidsOf(gatewayRoles).reduce((sum, pid) => sum + residentBytes(pid), 0),
    startUsage() {
      const before = { gateways: seconds(gatewayRoles), services: seconds(serviceRoles), at: performance.now() };
      return {
        read() {
          const elapsed = (performance.now() - before.at) / 1_000;
          return {
            gateways: rounded((seconds(gatewayRoles) - before.gateways) / elapsed, 2),
            services: rounded((seconds(serviceRoles) - before.services) / elapsed, 2),
          };
        },
      };
    },
  };
}

/** proc(5): utime and stime are fields 14 and 15; the second may hold blanks, so count from behind it. */
function ticks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

function residentBytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1_024;
}
