// An error as the log has it: what kind, what it says, where. Databases and their clients quote values in what they say, and
// hang statements and parameters on their errors: those values are people's, and are left out.
import { codeOf, framesOf } from './failure-facts.ts';

export interface LoggedError {
  readonly type: string;
  readonly code?: string | number;
  readonly message: string;
  /** The frames, without the message above them. */
  readonly stack: string;
  readonly cause?: LoggedError;
}

const mostCauses = 5;
const longestMessage = 2_000;

/** For pino: `serializers: { err: loggedError }`. */
export function loggedError(error: unknown): LoggedError {
  return describe(error, mostCauses);
}

function describe(error: unknown, causesLeft: number): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: withoutValues(textOf(error)), stack: '' };
  const cause = error.cause ?? (error as { originalError?: unknown }).originalError;
  return {
    type: error.name,
    ...codeOf(error),
    message: withoutValues(isArgumentFault(error) ? lastParagraph(error.message) : error.message),
    stack: framesOf(error).join('\n'),
    ...(cause !== undefined && cause !== null && causesLeft > 0 ? { cause: describe(cause, causesLeft - 1) } : {}),
  };
}

/** Not every object can be made text: the log must not fail over what somebody has thrown. */
function textOf(thrown: unknown): string {
  return typeof thrown === 'object' ? Object.prototype.toString.call(thrown) : String(thrown);
}

/** Prisma writes out the whole call before it says what is wrong with it. */
function isArgumentFault({ name }: Error): boolean {
  return name.startsWith('PrismaClient');
}

function lastParagraph(message: string): string {
  return (
    message
      .trim()
      .split(/\n\s*\n/)
      .at(-1) ?? ''
  );
}

/** What PostgreSQL quotes (in messages and details), and what has the form of an address or of a token. */
const quoted: readonly (readonly [RegExp, string])[] = [
  [/(\bKey \([^=]*\)=)\(.*?\)(?=[ ,.`]|$)/gs, '$1(…)'],
  [/(\bFailing row contains )\(.*\)/gs, '$1(…)'],
  [/(\binvalid input (?:syntax|value) for [\w ]+: )".*?"(?=$|[\n`])/gs, '$1"…"'],
  [/(\bvalue )".*?"( is out of range)/gs, '$1"…"$2'],
  [/(\b(?:date\/time field value out of range|invalid byte sequence for encoding [^:]+): ).*$/gm, '$1…'],
  [/(\b(?:Token|token) )".*?"( is invalid)/gs, '$1"…"$2'],
  [/[^\s"'<>()[\]{}:,;=]+@[^\s"'<>()[\]{}:,;=]+/g, '…@…'],
  [/\b(Bearer|Basic) [\w.~+/=-]+/gi, '$1 …'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '…'],
  [/\b[0-9a-f]{32,}\b/gi, '…'],
];

function withoutValues(message: string): string {
  const shown = quoted.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), message);
  return shown.length > longestMessage ? `${shown.slice(0, longestMessage)}…` : shown;
}
