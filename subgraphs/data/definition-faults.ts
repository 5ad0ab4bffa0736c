// What zod finds wrong with a definition, as a refusal that names the path and says what would be right.
import type { z } from 'zod';
import type { AppError } from '../../platform/errors.ts';
import { invalidInput } from '../../platform/errors.ts';

/** Parts of definitions that the reference knows and that are still to come. */
const laterKeys: ReadonlySet<string> = new Set(['transitions', 'indexes', 'groupSyncMode', 'afterActions']);

/** The first fault that `error` tells of, at its path below `field`. */
export function definitionFault(error: z.ZodError, field: string): AppError {
  const issue = error.issues[0];
  if (issue === undefined) return invalidInput(field, 'is not valid.');
  const path = [field, ...issue.path.map(String)].join('.');
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    return invalidInput(
      `${path}.${key.slice(0, 100)}`,
      laterKeys.has(key) ? 'is not supported yet.' : 'is not known here.',
    );
  }
  if (issue.code === 'invalid_key') return invalidInput(path, issue.issues[0]?.message ?? issue.message);
  return invalidInput(path, sentence(issue.message));
}

/** zod's own messages are headed and have no full stop; ours are sentences about the path in front of them. */
function sentence(message: string): string {
  const text = message.replace(/^Invalid input: /, '').replace(/^Invalid option: /, '');
  return text.endsWith('.') ? text : `${text}.`;
}
