// What went wrong between us and a mail server: whether to try again, and what of it may be told. What a server
// answers may quote addresses, and a library's errors may quote what it sent, so neither leaves this file.

/** A mail that was not taken, and may be at another time. Its message holds no address and no secret. */
export class SmtpError extends Error {
  override readonly name = 'SmtpError';
  readonly code: string;

  constructor(facts: SmtpFailure) {
    super(`The mail server did not take a mail: ${describe(facts)}`);
    this.code = facts.code;
  }
}

export interface SmtpFailure {
  /** The server refuses this mail, and will again. */
  readonly final: boolean;
  /** The kind of failure, for example `EAUTH`, `ECONNREFUSED`. */
  readonly code: string;
  /** The command that failed, for example `RCPT TO`. */
  readonly command?: string;
  /** The three digits that the server answered. */
  readonly reply?: number;
  /** The same more precisely (RFC 3463), for example `5.1.1`. */
  readonly status?: string;
}

interface NodemailerError {
  readonly code?: unknown;
  readonly originalCode?: unknown;
  readonly command?: unknown;
  readonly responseCode?: unknown;
  readonly response?: unknown;
}

export function smtpFailure(error: unknown): SmtpFailure {
  const { code, originalCode, command, responseCode, response } = (error ?? {}) as NodemailerError;
  const reply = typeof responseCode === 'number' ? responseCode : undefined;
  const status = typeof response === 'string' ? /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1] : undefined;
  // `RCPT TO`, `AUTH PLAIN`: capitals only. A command's arguments are not ours to tell.
  const known = typeof command === 'string' && /^[A-Z]+( [A-Z0-9-]+)?$/.test(command) ? command : undefined;
  return {
    final: isFinal(known, reply, status),
    code: [originalCode, code].find(isCode) ?? 'UNKNOWN',
    ...(known === undefined ? {} : { command: known }),
    ...(reply === undefined ? {} : { reply }),
    ...(status === undefined ? {} : { status }),
  };
}

function isCode(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Z][A-Z0-9_]*$/.test(value);
}

/**
 * Final is a 5xx about this recipient or this message. About anything else (signing in, the sender, TLS, a command out
 * of order: 5.5.x, a rule such as "relaying denied": 5.7.x) the operator can do something while the job is tried again.
 */
function isFinal(command: string | undefined, reply: number | undefined, status: string | undefined): boolean {
  if (command !== 'RCPT TO' && command !== 'DATA') return false;
  if (reply === undefined || reply < 500) return false;
  return status === undefined ? reply >= 550 && reply <= 554 : !/^5\.[57]\./.test(status);
}

function describe({ code, command, reply, status }: SmtpFailure): string {
  return [code, command, reply, status].filter((part) => part !== undefined).join(' ');
}
