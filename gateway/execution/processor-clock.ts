// How much of the processor threads other than this one have used since a moment, at least: what the whole process has
// used, without what this thread can have used of it.
import { performance } from 'node:perf_hooks';

export function createProcessorClock(): () => number {
  const cpu = process.cpuUsage();
  const loop = performance.eventLoopUtilization();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return (user + system) / 1_000 - performance.eventLoopUtilization(loop).active;
  };
}
