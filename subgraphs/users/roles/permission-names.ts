// Names of permissions as they are given: the platform's, or those of applications, which the platform ignores.
import { invalidInput } from '../../../platform/errors.ts';

const most = 200;
const shape = /^[A-Za-z][A-Za-z0-9_:.-]{0,199}$/;
const field = 'input.permissions';

/** Distinct names, at least one, or BAD_USER_INPUT naming the element at fault. */
export function requirePermissionNames(names: readonly string[]): string[] {
  if (names.length === 0) throw invalidInput(field, 'name at least one.');
  if (names.length > most) throw invalidInput(field, `at most ${most} are allowed.`);
  const wrong = names.findIndex((name) => !shape.test(name));
  if (wrong !== -1) {
    const words = 'a permission starts with a letter, goes on with letters, digits, _ : . or -, and has at most 200.';
    throw invalidInput(`${field}.${wrong}`, words);
  }
  return [...new Set(names)];
}
