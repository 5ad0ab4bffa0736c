// Limits on the text of an operation and on its variables, checked before it is parsed: parsing a document 10,000 levels
// deep would already be too much.
import { AppError } from '../platform/errors.ts';

/** Above this the text cannot be a valid operation of any permitted depth (arguments nest too). */
const deepestText = 200;
const longestText = 1_000_000;
const deepestVariables = 100;

/** Refuses a document by its text: OPERATION_TOO_LARGE. */
export function checkOperationText(query: unknown): void {
  if (typeof query !== 'string') return;
  if (query.length > longestText) {
    throw tooLong('query', 'characters', longestText, `at most ${longestText} characters.`);
  }
  if (nesting(query) > deepestText) {
    throw tooLong('query', 'depth', deepestText, `it is nested deeper than ${deepestText} levels.`);
  }
}

/** Refuses variables that are nested so deep that handing them on would break: OPERATION_TOO_LARGE. */
export function checkVariables(variables: unknown): void {
  let level: unknown[] = [variables];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepestVariables) {
      throw tooLong('variables', 'depth', deepestVariables, `they are nested deeper than ${deepestVariables} levels.`);
    }
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
  }
}

function tooLong(field: string, limit: string, most: number, message: string): AppError {
  return new AppError('OPERATION_TOO_LARGE', `${field}: ${message}`, { field, limit, most });
}

function nesting(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text[at]) {
      case '{':
      case '[':
      case '(':
        depth += 1;
        if (depth > deepest) deepest = depth;
        break;
      case '}':
      case ']':
      case ')':
        depth -= 1;
        break;
      case '"':
        at = endOfString(text, at);
        break;
      case '#':
        while (at + 1 < text.length && text[at + 1] !== '\n' && text[at + 1] !== '\r') at += 1;
        break;
      default:
    }
  }
  return deepest;
}

/** The index of the quote that closes the string or block string opened at `start`. */
function endOfString(text: string, start: number): number {
  const block = text.startsWith('"""', start);
  for (let at = start + (block ? 3 : 1); at < text.length; at += 1) {
    if (text[at] === '\\') at += block && text.startsWith('\\"""', at) ? 3 : 1;
    else if (block ? text.startsWith('"""', at) : text[at] === '"' || text[at] === '\n') return block ? at + 2 : at;
  }
  return text.length;
}
