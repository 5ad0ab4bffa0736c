// The compiled checks of schemas, kept while a schema does not change.
import { BoundedCache } from '../../platform/bounded-cache.ts';
import { AppError } from '../../platform/errors.ts';
import type { Check, CompileConfiguration } from './compile-configuration.ts';
import type { DocumentSchemaModel } from './models.ts';

export interface SchemaChecks {
  /** Data as it may be stored. */
  readonly data: Check;
  /** What the `input` conditions of creation ask for, in the order of the conditions. */
  readonly input: readonly Check[];
}

export type ChecksOf = (schema: DocumentSchemaModel) => SchemaChecks;

const keptSchemas = 200;

export function createSchemaChecks(compile: CompileConfiguration): ChecksOf {
  const cache = new BoundedCache<string, SchemaChecks>(keptSchemas);
  return (schema) => {
    const key = `${schema.id} ${schema.updatedAt.getTime()}`;
    const known = cache.get(key);
    if (known !== undefined) return known;
    const checks = compileChecks(schema, compile);
    cache.set(key, checks);
    return checks;
  };
}

function compileChecks({ definition }: DocumentSchemaModel, compile: CompileConfiguration): SchemaChecks {
  const { properties, creationTransition } = definition;
  return {
    data: compile({ type: 'object', properties }, 'closed'),
    input: (creationTransition.conditions ?? []).flatMap((condition) =>
      condition.type === 'input' ? [compile(condition.configuration, 'open')] : [],
    ),
  };
}

/** BAD_USER_INPUT naming the path below `field`, when the check finds fault with the value. */
export function requireFaultless(check: Check, value: unknown, field: string): void {
  const fault = check(value);
  if (fault !== undefined) throw dataFault([field, ...fault.path].join('.'), fault.message);
}

/** BAD_USER_INPUT about a document's data, with the number that the reference gives it. */
export function dataFault(field: string, message: string): AppError {
  return new AppError('BAD_USER_INPUT', `${field}: ${message}`, { field, code: 26 });
}
