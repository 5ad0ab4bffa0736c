// Token buckets: what each key may take, and how fast that comes back. In memory for one gateway; in Redis, where all
// gateways count together (redis-buckets.ts).
import { BoundedCache } from '../../platform/bounded-cache.ts';

/** How much a bucket holds, and how much of it comes back in a second. */
export interface BucketSize {
  readonly capacity: number;
  readonly perSecond: number;
}

export interface Taken {
  readonly granted: boolean;
  /** What is left; never more than the capacity. */
  readonly remaining: number;
  /** Seconds until as much would be granted; 0 when it was. */
  readonly retryAfter: number;
}

export interface Buckets {
  /** Takes all of the amount or nothing. A bucket that nobody has taken from is full. */
  take(key: string, size: BucketSize, amount: number): Promise<Taken>;
}

interface Bucket {
  readonly left: number;
  /** Milliseconds of the clock. */
  readonly at: number;
}

/** Who was not seen for longest is forgotten first, which is as good as a full bucket. */
const keptBuckets = 100_000;

/** `now` is in milliseconds and never goes back. */
export function createMemoryBuckets(now: () => number = () => performance.now()): Buckets {
  const buckets = new BoundedCache<string, Bucket>(keptBuckets);
  return {
    async take(key, { capacity, perSecond }, amount) {
      const at = now();
      const before = buckets.get(key) ?? { left: capacity, at };
      const left = Math.min(capacity, before.left + ((at - before.at) / 1_000) * perSecond);
      const granted = amount <= left;
      const remaining = granted ? left - amount : left;
      buckets.set(key, { left: remaining, at });
      return taken({ granted, remaining, missing: amount - left, perSecond });
    },
  };
}

interface Outcome {
  readonly granted: boolean;
  readonly remaining: number;
  readonly missing: number;
  readonly perSecond: number;
}

export function taken({ granted, remaining, missing, perSecond }: Outcome): Taken {
  const retryAfter = granted ? 0 : Math.max(1, Math.ceil(missing / perSecond));
  return { granted, remaining: Math.floor(remaining), retryAfter };
}
