// How often a client may do what is costly, or worth guessing at: by address, and by account where one is signed in. What
// fails for one account slows down in the service that knows the account (docs/sign-in.md); that is not counted here.
import { Kind, parse } from 'graphql';
import { AppError } from '../../platform/errors.ts';
import type { RateName, RateSettings } from '../../platform/protection-config.ts';
import { rateNames } from '../../platform/protection-config.ts';
import type { Contract } from '../compose.ts';
import type { BucketSize, Buckets } from './buckets.ts';
import type { Client } from './client.ts';
import { addressKey } from './client.ts';

/** Times a minute, unless told. An address can be that of a whole hospital; five minutes' worth may come at once. */
const perMinute: Readonly<Record<RateName, number>> = {
  'sign-in': 120,
  registration: 60,
  mail: 60,
  'second-factor': 120,
  lookup: 120,
  export: 60,
  // A server that holds the tokens of many users asks for all of them.
  token: 6_000,
};
const minutesAtOnce = 5;

export interface Rates {
  /** Counts `times` of a thing, for the address and for the account, as far as they are told. RATE_LIMITED says how long to wait. */
  take(name: RateName, client: Partial<Client>, times?: number): Promise<void>;
}

export function createRates(buckets: Buckets, settings: RateSettings): Rates {
  if (settings === 'off') return { take: async () => undefined };
  const sizeOf = (name: RateName): BucketSize => {
    const times = settings.get(name) ?? perMinute[name];
    return { capacity: times * minutesAtOnce, perSecond: times / 60 };
  };
  return {
    async take(name, { address, account }, times = 1) {
      const keys = [
        ...(address === undefined ? [] : [`address:${addressKey(address)}`]),
        ...(account === undefined ? [] : [account]),
      ];
      for (const key of keys) {
        const { granted, retryAfter } = await buckets.take(`${name}:${key}`, sizeOf(name), times);
        if (!granted) throw rateLimited(name, retryAfter, `Too many requests of this kind (${name})`);
      }
    },
  };
}

export function rateLimited(limit: string, retryAfterSeconds: number, what: string): AppError {
  const message = `${what}: wait ${retryAfterSeconds} seconds.`;
  return new AppError('RATE_LIMITED', message, { limit, retryAfterSeconds });
}

/** The rates of the fields of a root type, as contracts tell them by `@rateLimit`. */
export function readFieldRates(contracts: readonly Contract[]): ReadonlyMap<string, RateName> {
  const rates = new Map<string, RateName>();
  for (const definition of contracts.flatMap(({ sdl }) => parse(sdl, { noLocation: true }).definitions)) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.OBJECT_TYPE_EXTENSION) continue;
    for (const { name, directives } of definition.fields ?? []) {
      const value = directives?.find((one) => one.name.value === 'rateLimit')?.arguments?.[0]?.value;
      // Of a service that is newer than this gateway there may be names that it does not know.
      const rate = rateNames.find((known) => value?.kind === Kind.STRING && value.value === known);
      if (rate !== undefined) rates.set(`${definition.name.value}.${name.value}`, rate);
    }
  }
  return rates;
}
