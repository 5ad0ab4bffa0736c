// The configuration: read once, at a composition root, from the environment. Nothing else reads process.env.
import { z } from 'zod';
import type { AnswersConfig } from './answers-config.ts';
import { answersFault, answersFrom, answersShape } from './answers-config.ts';
import { parseSender } from './mail/sender.ts';
import type { ProtectionConfig } from './protection-config.ts';
import { protectionFault, protectionFrom, protectionShape } from './protection-config.ts';
import { StartError } from './start-error.ts';
import type { TracingConfig } from './tracing/tracing-config.ts';
import { tracingFrom, tracingShape } from './tracing/tracing-config.ts';

export const serviceNames = ['auth', 'users', 'data', 'files', 'events'] as const;
export type ServiceName = (typeof serviceNames)[number];

const flag = z.enum(['true', 'false', '1', '0']).transform((value) => value === 'true' || value === '1');
const port = z.coerce.number().int().min(0).max(65_535);
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);

const fileKey = z
  .string()
  .regex(/^[a-z\d_-]{1,32}:[A-Za-z\d+/]{43}=$/, 'each part is id:key, the key being the base64 of 32 bytes')
  .refine((text) => !text.startsWith('service:'), 'the id `service` is taken')
  .transform((text): FileKeyConfig => {
    const [id = '', key = ''] = text.split(':');
    return { id, key: Buffer.from(key, 'base64') };
  });

const environmentShape = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  PORT: port.default(4000),
  HOST: z.string().min(1).optional(),
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  DATA_DIR: z.string().min(1).default('.data'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  S3_BUCKET: z.string().min(3).optional(),
  S3_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  S3_REGION: z.string().min(1).default('us-east-1'),
  S3_ACCESS_KEY_ID: z.string().min(1).optional(),
  S3_SECRET_ACCESS_KEY: z.string().min(1).optional(),
  FILE_KEYS: list.pipe(z.array(fileKey).min(1)).optional(),
  CLAMD_URL: z
    .string()
    .regex(/^(tcp:\/\/[^/\s:]+(:\d+)?|tcp:\/\/\[[\da-f:]+\](:\d+)?|unix:\/\S+)$/, 'tcp://host:port or unix:/path')
    .optional(),
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  MAIL_FROM: z
    .string()
    .refine((text) => parseSender(text) !== undefined, 'an address, or a name and an address in angle brackets')
    .default('Caregraph <no-reply@caregraph.example>'),
  SUBGRAPHS: list.pipe(z.array(z.enum(serviceNames)).min(1)).optional(),
  SUBGRAPH_URLS: list
    .pipe(z.array(z.string().regex(/^[a-z]+=https?:\/\/\S+$/, 'each part is name=http://host:port')))
    .optional(),
  SERVICE_SECRET: z.string().min(32, 'at least 32 characters').optional(),
  ADMIN_EMAIL: z.email().optional(),
  ADMIN_PASSWORD: z.string().min(8).optional(),
  DEMO: flag.optional(),
  GRAPHIQL: flag.optional(),
  INTROSPECTION: flag.optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
  ACCESS_TOKEN_SECONDS: z.coerce.number().int().min(1).max(86_400).default(300),
  REFRESH_TOKEN_SECONDS: z.coerce
    .number()
    .int()
    .min(60)
    .default(14 * 86_400),
  CONFIDENTIAL_REFRESH_TOKEN_SECONDS: z.coerce
    .number()
    .int()
    .min(60)
    .default(365 * 86_400),
  AUTHORIZATION_CODE_SECONDS: z.coerce.number().int().min(1).max(600).default(60),
  SSO_TOKEN_SECONDS: z.coerce.number().int().min(1).max(86_400).default(300),
  PRESENCE_TOKEN_SECONDS: z.coerce.number().int().min(1).max(86_400).default(300),
  MFA_CHALLENGE_SECONDS: z.coerce.number().int().min(1).max(86_400).default(600),
  PASSKEY_RP_ID: z
    .string()
    .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'a host name in small letters')
    .optional(),
  PASSKEY_ORIGINS: list
    .pipe(z.array(z.string().regex(/^(https?:\/\/[^/\s]+|android:apk-key-hash:\S+)$/, 'each part is an origin')))
    .optional(),
  EVENTS_KEEP_DAYS: z.coerce.number().min(0.01).max(36_500).default(30),
  EVENTS_KEEP_COUNT: z.coerce.number().int().min(1_000).optional(),
  ACCESS_LOG_KEEP_DAYS: z.coerce.number().int().min(0).max(36_500).default(365),
  ...tracingShape,
  MAX_BODY_BYTES: z.coerce
    .number()
    .int()
    .min(1_000)
    .default(10 * 1_024 * 1_024),
  MAX_FILE_BYTES: z.coerce
    .number()
    .int()
    .min(1)
    .default(2 * 1_024 * 1_024 * 1_024),
  ...protectionShape,
  ...answersShape,
  READ_SECONDS: z.coerce.number().int().min(1).max(600).default(15),
  WRITE_SECONDS: z.coerce.number().int().min(1).max(600).default(60),
  RESTART_SECONDS: z.coerce.number().min(0).max(600).default(10),
  DRAIN_SECONDS: z.coerce.number().min(0).max(600).optional(),
});

/** The names of all variables that `readConfig` knows. */
export const environmentNames: readonly string[] = Object.keys(environmentShape.shape);

export interface S3Config {
  readonly bucket: string;
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly accessKeyId: string | undefined;
  readonly secretAccessKey: string | undefined;
}

/** A master key of files. */
export interface FileKeyConfig {
  readonly id: string;
  readonly key: Uint8Array;
}

export interface Config {
  readonly production: boolean;
  readonly port: number;
  readonly host: string;
  /** Where clients reach the gateway, without a slash at the end; undefined: from the port that it listens on. */
  readonly publicUrl: string | undefined;
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly s3: S3Config | undefined;
  /** The master keys of files: the first wraps, the others only unwrap; undefined: one from the service secret. */
  readonly fileKeys: readonly FileKeyConfig[] | undefined;
  /** Where the virus scanner listens: `tcp://host:port` or `unix:/path`; undefined: files are not scanned. */
  readonly clamdUrl: string | undefined;
  /** Where mail is handed over; undefined: it is kept in the outbox. */
  readonly smtpUrl: string | undefined;
  /** Whom mail is from: an address, or a name and an address in angle brackets. */
  readonly mailFrom: string;
  /** Everything runs in this one process: the gateway, and every service that there is. */
  readonly allInOne: boolean;
  /** The services that this process runs (or, for a gateway in front of others, composes). */
  readonly subgraphs: readonly ServiceName[];
  /** Where the services run that do not run in this process. */
  readonly subgraphUrls: ReadonlyMap<ServiceName, string>;
  /** Signs what travels between processes and signed URLs; undefined: the process keeps one in its data directory. */
  readonly serviceSecret: string | undefined;
  readonly admin: { readonly email: string; readonly password: string } | undefined;
  readonly demo: boolean;
  readonly graphiql: boolean;
  readonly introspection: boolean;
  readonly logLevel: string;
  readonly accessTokenSeconds: number;
  /** Of public clients and of sign-ins over the API; used up and replaced at each use. */
  readonly refreshTokenSeconds: number;
  /** Of confidential clients, which may use it again. */
  readonly confidentialRefreshTokenSeconds: number;
  readonly authorizationCodeSeconds: number;
  readonly ssoTokenSeconds: number;
  readonly presenceTokenSeconds: number;
  readonly mfaChallengeSeconds: number;
  /** What passkeys are bound to; undefined: the host of `publicUrl`. */
  readonly passkeyRpId: string | undefined;
  /** Where passkeys may be used besides `publicUrl`. */
  readonly passkeyOrigins: readonly string[];
  /** How long the log of events keeps them. */
  /** Undefined: nothing is traced. */
  readonly tracing: TracingConfig | undefined;
  /** How long the access log is kept; 0: none is. */
  readonly accessLogKeepDays: number;
  readonly eventsKeep: { readonly milliseconds: number; readonly events: number };
  readonly maxBodyBytes: number;
  readonly maxFileBytes: number;
  /** How much clients may ask for, and from where. */
  readonly protection: ProtectionConfig;
  /** Which answers are given to more than one request. */
  readonly answers: AnswersConfig;
  /** How long a service in another process may take to answer what reads, and what changes something. */
  readonly readSeconds: number;
  readonly writeSeconds: number;
  /** How long a service in another process is waited for, from when it was found gone. */
  readonly restartSeconds: number;
  /** How long a process that was told to end goes on serving, so that load balancers notice. */
  readonly drainSeconds: number;
}

/** The configuration, or an error that lists every fault at once. Secrets never stand in its message. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environmentShape.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new StartError(`The configuration is not valid:\n${faults.join('\n')}`);
  }
  const values = parsed.data;
  if ((values.ADMIN_EMAIL === undefined) !== (values.ADMIN_PASSWORD === undefined)) {
    throw new StartError('The configuration is not valid:\n  ADMIN_EMAIL and ADMIN_PASSWORD go together');
  }
  const fileKeyIds = (values.FILE_KEYS ?? []).map(({ id }) => id);
  if (new Set(fileKeyIds).size < fileKeyIds.length) {
    throw new StartError('The configuration is not valid:\n  FILE_KEYS: two keys have the same id');
  }
  const unfit = protectionFault(values) ?? answersFault(values);
  if (unfit !== undefined) throw new StartError(`The configuration is not valid:\n  ${unfit}`);
  const production = values.NODE_ENV === 'production';
  return Object.freeze({
    production,
    port: values.PORT,
    host: values.HOST ?? (production ? '0.0.0.0' : '127.0.0.1'),
    publicUrl: values.PUBLIC_URL?.replace(/\/+$/, ''),
    dataDir: values.DATA_DIR,
    databaseUrl: values.DATABASE_URL,
    redisUrl: values.REDIS_URL,
    s3:
      values.S3_BUCKET === undefined
        ? undefined
        : {
            bucket: values.S3_BUCKET,
            endpoint: values.S3_ENDPOINT,
            region: values.S3_REGION,
            accessKeyId: values.S3_ACCESS_KEY_ID,
            secretAccessKey: values.S3_SECRET_ACCESS_KEY,
          },
    fileKeys: values.FILE_KEYS,
    clamdUrl: values.CLAMD_URL,
    smtpUrl: values.SMTP_URL,
    mailFrom: values.MAIL_FROM,
    // A process of services alone, which this cannot know, says so itself (subgraphs/main.ts).
    allInOne: (values.SUBGRAPH_URLS ?? []).length === 0,
    subgraphs: values.SUBGRAPHS ?? serviceNames,
    subgraphUrls: subgraphUrls(values.SUBGRAPH_URLS ?? []),
    serviceSecret: values.SERVICE_SECRET,
    admin:
      values.ADMIN_EMAIL === undefined || values.ADMIN_PASSWORD === undefined
        ? undefined
        : { email: values.ADMIN_EMAIL, password: values.ADMIN_PASSWORD },
    demo: values.DEMO ?? !production,
    graphiql: values.GRAPHIQL ?? !production,
    introspection: values.INTROSPECTION ?? values.GRAPHIQL ?? !production,
    logLevel: values.LOG_LEVEL,
    accessTokenSeconds: values.ACCESS_TOKEN_SECONDS,
    refreshTokenSeconds: values.REFRESH_TOKEN_SECONDS,
    confidentialRefreshTokenSeconds: values.CONFIDENTIAL_REFRESH_TOKEN_SECONDS,
    authorizationCodeSeconds: values.AUTHORIZATION_CODE_SECONDS,
    ssoTokenSeconds: values.SSO_TOKEN_SECONDS,
    presenceTokenSeconds: values.PRESENCE_TOKEN_SECONDS,
    mfaChallengeSeconds: values.MFA_CHALLENGE_SECONDS,
    passkeyRpId: values.PASSKEY_RP_ID,
    passkeyOrigins: values.PASSKEY_ORIGINS ?? [],
    tracing: tracingFrom(values),
    accessLogKeepDays: values.ACCESS_LOG_KEEP_DAYS,
    eventsKeep: {
      milliseconds: values.EVENTS_KEEP_DAYS * 24 * 3_600_000,
      events: values.EVENTS_KEEP_COUNT ?? Number.POSITIVE_INFINITY,
    },
    maxBodyBytes: values.MAX_BODY_BYTES,
    maxFileBytes: values.MAX_FILE_BYTES,
    protection: protectionFrom(values),
    answers: answersFrom(values),
    readSeconds: values.READ_SECONDS,
    writeSeconds: values.WRITE_SECONDS,
    restartSeconds: values.RESTART_SECONDS,
    drainSeconds: values.DRAIN_SECONDS ?? (production ? 5 : 0),
  });
}

function subgraphUrls(parts: readonly string[]): ReadonlyMap<ServiceName, string> {
  return new Map(
    parts.map((part) => {
      const at = part.indexOf('=');
      const name = part.slice(0, at) as ServiceName;
      if (!serviceNames.includes(name)) {
        throw new StartError(`The configuration is not valid:\n  SUBGRAPH_URLS: no service is named ${name}`);
      }
      return [name, part.slice(at + 1).replace(/\/+$/, '')] as const;
    }),
  );
}
