// Puts a steady load on something and measures it: `concurrency` loops, each waiting for its answer before it asks anew.

export interface LoadOptions {
  readonly concurrency: number;
  /** Runs before measuring starts: caches fill, code gets compiled. */
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Asks once. A rejection ends the whole load. */
  ask(): Promise<void>;
  /** CPU time used so far by what is measured, in milliseconds. */
  cpuMs(): number;
}

export interface LoadResult extends Latencies {
  readonly requests: number;
  /** Requests per second. */
  readonly rps: number;
  readonly cpuMsPerRequest: number;
}

export async function applyLoad(options: LoadOptions): Promise<LoadResult> {
  await runLoops(options, options.warmUpMs);
  const cpuBefore = options.cpuMs();
  const start = performance.now();
  const latencies = await runLoops(options, options.measureMs);
  const seconds = (performance.now() - start) / 1_000;
  const cpuMs = options.cpuMs() - cpuBefore;
  return {
    requests: latencies.length,
    rps: rounded(latencies.length / seconds, 1),
    ...latenciesOf(latencies, 2),
    cpuMsPerRequest: rounded(cpuMs / latencies.length, 2),
  };
}

async function runLoops({ concurrency, ask }: LoadOptions, forMs: number): Promise<number[]> {
  const latencies: number[] = [];
  const end = performance.now() + forMs;
  const loop = async () => {
    for (let start = performance.now(); start < end; ) {
      await ask();
      const now = performance.now();
      latencies.push(now - start);
      start = now;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
  return latencies;
}

/** In milliseconds. */
export interface Latencies {
  readonly p50: number;
  readonly p99: number;
}

export function latenciesOf(milliseconds: readonly number[], digits: number): Latencies {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  return { p50: rounded(percentile(sorted, 0.5), digits), p99: rounded(percentile(sorted, 0.99), digits) };
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
