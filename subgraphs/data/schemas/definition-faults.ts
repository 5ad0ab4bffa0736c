// Refusals of definitions: each names the path and says what would be right.
import type { z } from 'zod';
import type { AppError } from '../../../platform/errors.ts';
import { invalidInput } from '../../../platform/errors.ts';

/** BAD_USER_INPUT about a definition, with the number that the reference gives it. */
export function definitionFault(field: string, message: string): AppError {
  return invalidInput(field, message, { code: 26 });
}

/** The first fault that `error` tells of, at its path below `field`. */
export function shapeFault(error: z.ZodError, field: string): AppError {
  const issue = error.issues[0];
  if (issue === undefined) return definitionFault(field, 'is not valid.');
  const path = [field, ...issue.path.map(String)].join('.');
  if (issue.code === 'unrecognized_keys') {
    return definitionFault(`${path}.${(issue.keys[0] ?? '').slice(0, 100)}`, 'is not known here.');
  }
  if (issue.code === 'invalid_key') return definitionFault(path, issue.issues[0]?.message ?? issue.message);
  return definitionFault(path, sentence(issue.message));
}

/** zod's own messages are headed and have no full stop; ours are sentences about the path in front of them. */
function sentence(message: string): string {
  const text = message.replace(/^Invalid input: /, '').replace(/^Invalid option: /, '');
  return text.endsWith('.') ? text : `${text}.`;
}
