// What a schema declares at a path, for whoever filters, sorts, groups or indexes by it.
import { invalidInput } from '../../../platform/errors.ts';
import type { DataPath } from '../json/data-path.ts';
import type { TypeConfiguration } from '../schemas/type-configuration.ts';
import { findConfiguration } from '../schemas/type-configuration.ts';

/** Undefined when nothing is declared there; BAD_USER_INPUT naming `field` when the schema says that it is not queryable. */
export function findQueryable(root: TypeConfiguration, path: DataPath, field: string): TypeConfiguration | undefined {
  const found = findConfiguration(root, path);
  if (found?.queryable === false) {
    throw invalidInput(field, 'the schema says that this field is not queryable.', { code: 19 });
  }
  return found?.configuration;
}
