// The part of the configuration that says how much clients may ask for, and from where: docs/limits.md explains it.
import { isIP } from 'node:net';
import { z } from 'zod';

const flag = z.enum(['true', 'false', '1', '0']).transform((value) => value === 'true' || value === '1');
const count = (least: number, most = Number.MAX_SAFE_INTEGER) => z.coerce.number().int().min(least).max(most);

export const rateNames = ['sign-in', 'registration', 'mail', 'second-factor', 'lookup', 'export', 'token'] as const;
/** What clients may do only so often. */
export type RateName = (typeof rateNames)[number];

/** Times a minute, where it is not as built in; `off`: nothing is counted. */
export type RateSettings = ReadonlyMap<RateName, number> | 'off';

/** `sign-in=60,mail=20`, or `off`. */
const rates = z.string().transform((text, context): RateSettings => {
  if (text === 'off') return 'off';
  const parts = text.split(',').map((part) => /^\s*([a-z-]+)=(\d{1,9})\s*$/.exec(part));
  const pairs = parts.map((part) => [part?.[1] as RateName, Number(part?.[2])] as const);
  const isGood = pairs.every(([name, times]) => rateNames.includes(name) && times > 0);
  if (!isGood) context.addIssue(`off, or name=times a minute,… with the names ${rateNames.join(', ')}`);
  return new Map(pairs);
});

const proxies = z.string().transform((text, context): readonly string[] | number => {
  if (/^\d{1,2}$/.test(text)) return Number(text);
  const networks = text.split(',').map((part) => part.trim());
  if (!networks.every(isNetwork)) context.addIssue('a number, or addresses and networks such as 10.0.0.0/8');
  return networks;
});

const origins = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .pipe(z.array(z.string().regex(/^https?:\/\/[^/\s*]+$/, 'each part is an origin: https://app.example.org')));

export const protectionShape = {
  MAX_QUERY_DEPTH: count(5).default(20),
  MAX_QUERY_TOKENS: count(1_000, 1_000_000).default(15_000),
  MAX_QUERY_ALIASES: count(0).default(100),
  MAX_QUERY_DIRECTIVES: count(0).default(100),
  MAX_ROOT_FIELDS: count(1).default(50),
  MAX_OPERATION_COST: count(1_000).default(50_000),
  COST_PER_MINUTE: count(0).default(600_000),
  MAX_BATCH: count(0, 100).default(0),
  RATE_LIMITS: rates.optional(),
  TRUSTED_PROXIES: proxies.optional(),
  CORS_ORIGINS: origins.optional(),
  TRUSTED_DOCUMENTS: z.string().min(1).optional(),
  TRUSTED_DOCUMENTS_ONLY: flag.optional(),
};

/** How large one operation may be. */
export interface OperationLimits {
  readonly depth: number;
  readonly tokens: number;
  readonly aliases: number;
  readonly directives: number;
  readonly rootFields: number;
  readonly cost: number;
}

export interface ProtectionConfig {
  readonly limits: OperationLimits;
  /** What a client may spend in a minute; 0: without end. */
  readonly costPerMinute: number;
  /** Operations in one request; 0: batches are refused. */
  readonly maxBatch: number;
  readonly rates: RateSettings;
  /** Whose `X-Forwarded-For` is believed: proxies by address or network, or how many of them stand in front. */
  readonly trustedProxies: readonly string[] | number;
  /** The origins besides its own whose pages may call the API. */
  readonly corsOrigins: readonly string[];
  /** The file that lists the trusted documents. */
  readonly trustedDocuments: string | undefined;
  /** Nothing but trusted documents is run. */
  readonly trustedDocumentsOnly: boolean;
}

type Values = z.infer<z.ZodObject<typeof protectionShape>>;

export function protectionFrom(values: Values): ProtectionConfig {
  return {
    limits: {
      depth: values.MAX_QUERY_DEPTH,
      tokens: values.MAX_QUERY_TOKENS,
      aliases: values.MAX_QUERY_ALIASES,
      directives: values.MAX_QUERY_DIRECTIVES,
      rootFields: values.MAX_ROOT_FIELDS,
      cost: values.MAX_OPERATION_COST,
    },
    costPerMinute: values.COST_PER_MINUTE,
    maxBatch: values.MAX_BATCH,
    rates: values.RATE_LIMITS ?? new Map(),
    trustedProxies: values.TRUSTED_PROXIES ?? 0,
    corsOrigins: values.CORS_ORIGINS ?? [],
    trustedDocuments: values.TRUSTED_DOCUMENTS,
    trustedDocumentsOnly: values.TRUSTED_DOCUMENTS_ONLY ?? false,
  };
}

/** What does not fit together; undefined when all does. */
export function protectionFault(values: Values): string | undefined {
  if (values.COST_PER_MINUTE !== 0 && values.COST_PER_MINUTE < values.MAX_OPERATION_COST) {
    return 'COST_PER_MINUTE: it is less than MAX_OPERATION_COST';
  }
  if (values.TRUSTED_DOCUMENTS_ONLY === true && values.TRUSTED_DOCUMENTS === undefined) {
    return 'TRUSTED_DOCUMENTS_ONLY: it needs TRUSTED_DOCUMENTS';
  }
  return undefined;
}

/** An address, or a network such as `10.0.0.0/8`. */
function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}
