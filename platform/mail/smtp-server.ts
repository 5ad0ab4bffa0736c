// The mail server that SMTP_URL names, and how it is spoken to. The URL holds a password: nothing here repeats it.
import { z } from 'zod';
import { StartError } from '../start-error.ts';

export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte on. */
  readonly secure: boolean;
  readonly auth: { readonly user: string; readonly pass: string } | undefined;
  /** No mail without STARTTLS. */
  readonly requireTLS: boolean;
  /** No STARTTLS even where it is offered. */
  readonly ignoreTLS: boolean;
  readonly tls: { readonly rejectUnauthorized: boolean; readonly servername: string | undefined };
  /** How this side introduces itself; undefined: by its host name. */
  readonly name: string | undefined;
  /** Connections open at once. */
  readonly maxConnections: number;
  /** Mails in a second; undefined: as fast as the server takes them. */
  readonly rateLimit: number | undefined;
}

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const count = z.coerce.number().int().min(1).max(1_000);

/** What may stand behind the `?`, spelt as Nodemailer spells it. Anything else is a mistake that somebody wants to know. */
const optionsShape = z.strictObject({
  requireTLS: flag.optional(),
  ignoreTLS: flag.optional(),
  'tls.rejectUnauthorized': flag.optional(),
  'tls.servername': z.string().min(1).optional(),
  name: z
    .string()
    .regex(/^[\w.[\]:-]+$/)
    .optional(),
  maxConnections: count.optional(),
  rateLimit: count.optional(),
});

/** Throws a StartError that says what is wrong without saying what was given. */
export function parseSmtpUrl(text: string): SmtpServer {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '') {
    throw fault('it must look like smtp://user:password@host:587');
  }
  const options = parseOptions(url.searchParams);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const secure = url.protocol === 'smtps:';
  const auth = url.username === '' ? undefined : { user: decode(url.username), pass: decode(url.password) };
  const local = isLoopback(host);
  const { requireTLS = auth !== undefined && !secure && !local && options.ignoreTLS !== true } = options;
  return {
    host,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    auth,
    // A password goes over a network in the clear only when the operator says so.
    requireTLS,
    ignoreTLS: options.ignoreTLS ?? false,
    tls: {
      // Nobody stands between two programs of one machine, and servers there have certificates of their own making.
      rejectUnauthorized: options['tls.rejectUnauthorized'] ?? !local,
      servername: options['tls.servername'],
    },
    name: options.name,
    maxConnections: options.maxConnections ?? 3,
    rateLimit: options.rateLimit,
  };
}

function parseOptions(given: URLSearchParams): z.infer<typeof optionsShape> {
  const parsed = optionsShape.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys : issue.path.map(String),
  );
  throw fault(`these options are unknown or not valid: ${wrong.join(', ')}`);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw fault('a % in the user name or password is written %25');
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function fault(message: string): StartError {
  return new StartError(`The configuration is not valid:\n  SMTP_URL: ${message}`);
}
