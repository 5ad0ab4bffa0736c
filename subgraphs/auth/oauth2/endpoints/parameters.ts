// The parameters of a request to an endpoint of OAuth 2, from a form or a JSON object (RFC 6749, appendix B and §3.2):
// each at most once, and one without a value counts as left out.
import { AppError, invalidInput } from '../../../../platform/errors.ts';
import { requireText } from '../../../../platform/text.ts';

export type Parameters = ReadonlyMap<string, string>;

/** From a parsed body: URLSearchParams of a form, or what JSON held. BAD_USER_INPUT names the parameter at fault. */
export function readParameters(body: unknown): Parameters {
  const parameters = new Map<string, string>();
  for (const [name, value] of entriesOf(body)) {
    if (typeof value !== 'string') throw invalidInput(shown(name), 'it must be text.');
    if (parameters.has(name)) throw invalidInput(shown(name), 'it is given more than once.');
    parameters.set(name, value);
  }
  for (const [name, value] of parameters) if (value === '') parameters.delete(name);
  return parameters;
}

/** The value, or BAD_USER_INPUT (14) when it is missing. */
export function requireParameter(parameters: Parameters, name: string): string {
  const value = findParameter(parameters, name);
  if (value === undefined) throw invalidInput(name, 'it is missing.', { code: 14 });
  return value;
}

/** Longer than any that is good: it keeps hashes from working on megabytes. */
const mostCharacters = 1_000;

export function findParameter(parameters: Parameters, name: string, most = mostCharacters): string | undefined {
  const value = parameters.get(name);
  return value === undefined ? undefined : requireText(value, name, { most });
}

function entriesOf(body: unknown): Iterable<readonly [string, unknown]> {
  if (body instanceof URLSearchParams) return body;
  if (body === undefined || body === null) {
    throw new AppError('BAD_REQUEST', 'The request body is empty.', { code: 13 });
  }
  if (typeof body !== 'object' || Array.isArray(body)) {
    throw new AppError('BAD_REQUEST', 'The request body must be a form or a JSON object.', { code: 22 });
  }
  // What is null in JSON is left out.
  return Object.entries(body).filter(([, value]) => value !== null);
}

/** Names come from outside: one of ours is shown, anything else is not repeated. */
function shown(name: string): string {
  return /^[a-z_]{1,32}$/.test(name) ? name : 'a parameter';
}
