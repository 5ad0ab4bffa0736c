// Asks one gateway one operation, under a steady load, and measures what it takes.
import { Pool } from 'undici';
import { applyLoad, rounded } from '../load.ts';
import type { Child } from './child.ts';
import type { BenchedOperation } from './operations.ts';

export interface Figures {
  /** CPU time of the gateway's process for one operation, in milliseconds. */
  readonly cpuMs: number;
  readonly rps: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly rssMB: number;
  /** Requests to the services for one operation. */
  readonly calls: number;
  /** Representations that a request to a service had more than once, for one operation. */
  readonly duplicates: number;
}

interface Usage {
  readonly cpuMs: number;
  readonly rssMB: number;
}

const concurrency = 20;

export interface Measured {
  readonly gateway: Child;
  readonly services: Child;
  readonly operation: BenchedOperation;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export async function measure({ gateway, services, operation, warmUpMs, measureMs }: Measured): Promise<Figures> {
  const pool = new Pool(gateway.url, { connections: concurrency });
  let asked = 0;
  const ask = async () => {
    const text = await askOnce(pool, operation, asked);
    asked += 1;
    if (text.includes('"errors"')) throw new Error(`The gateway answers: ${text.slice(0, 500)}`);
  };
  await applyLoad({ concurrency, warmUpMs, measureMs: 1, ask, cpuMs: () => 0 });
  await services.ask({ count: true });
  const before = await gateway.ask<Usage>({ usage: true });
  const load = await applyLoad({ concurrency, warmUpMs: 0, measureMs, ask, cpuMs: () => 0 });
  const after = await gateway.ask<Usage>({ usage: true });
  const counted = await services.ask<{ calls: number; duplicates: number }>({ count: true });
  await pool.close();
  return {
    cpuMs: rounded((after.cpuMs - before.cpuMs) / load.requests, 2),
    rps: load.rps,
    p50: load.p50,
    p99: load.p99,
    rssMB: rounded(after.rssMB, 0),
    calls: rounded(counted.calls / load.requests, 1),
    duplicates: rounded(counted.duplicates / load.requests, 1),
  };
}

/** The body of the answer to the n-th request. */
export async function askOnce(
  pool: Pick<Pool, 'request'>,
  { query, variables }: BenchedOperation,
  n: number,
): Promise<string> {
  const { body } = await pool.request({
    method: 'POST',
    path: '/graphql',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: variables(n) }),
  });
  return body.text();
}

/** Milliseconds that the first request of an operation takes that the gateway has never seen; the median of some. */
export async function measureFirst(
  { gateway }: Pick<Measured, 'gateway'>,
  operation: BenchedOperation,
): Promise<number> {
  const pool = new Pool(gateway.url, { connections: 1 });
  const times: number[] = [];
  for (let n = 0; n < 15; n += 1) {
    const query = operation.query.replace(/query (\w+)/, `query $1Unknown${n}`);
    const start = performance.now();
    await askOnce(pool, { ...operation, query }, n);
    times.push(performance.now() - start);
  }
  await pool.close();
  return rounded(times.toSorted((one, other) => one - other)[7] ?? Number.NaN, 1);
}
