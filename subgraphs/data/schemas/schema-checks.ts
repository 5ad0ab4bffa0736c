// The compiled checks of schemas, kept while a schema does not change.
import { BoundedCache } from '../../../platform/bounded-cache.ts';
import { AppError } from '../../../platform/errors.ts';
import type { DocumentSchemaModel } from '../models.ts';
import type { Check, CompileConfiguration, Strictness } from './compile-configuration.ts';
import type { Condition } from './transition-shape.ts';
import type { TypeConfiguration } from './type-configuration.ts';

/** What the conditions of a transition ask for, in the order of the conditions. */
export interface TransitionChecks {
  /** Of the data submitted. */
  readonly input: readonly Check[];
  /** Of the whole stored document. */
  readonly document: readonly Check[];
}

export interface SchemaChecks {
  /** Data as it may be stored. */
  readonly data: Check;
  readonly creation: Pick<TransitionChecks, 'input'>;
  /** By the ids of the transitions. */
  readonly transitions: ReadonlyMap<string, TransitionChecks>;
}

/** A schema that changes gets another `updatedAt`, later than the one before. */
export type ChecksOf = (schema: Pick<DocumentSchemaModel, 'id' | 'updatedAt' | 'definition'>) => SchemaChecks;

const keptSchemas = 200;

export function createSchemaChecks(compile: CompileConfiguration): ChecksOf {
  const cache = new BoundedCache<string, SchemaChecks>(keptSchemas);
  return (schema) => {
    const key = `${schema.id} ${schema.updatedAt.getTime()}`;
    const known = cache.get(key);
    if (known !== undefined) return known;
    const checks = checksFor(schema, lazily(compile));
    cache.set(key, checks);
    return checks;
  };
}

function checksFor(
  { definition }: Pick<DocumentSchemaModel, 'definition'>,
  compile: CompileConfiguration,
): SchemaChecks {
  const { properties, creationTransition, transitions } = definition;
  const checksOfType = (type: 'input' | 'document', conditions: readonly Condition[] = []): Check[] =>
    conditions.flatMap((condition) =>
      condition.type === type
        ? [compile((condition as { configuration: TypeConfiguration }).configuration, 'open')]
        : [],
    );
  return {
    data: compile({ type: 'object', properties }, 'closed'),
    creation: { input: checksOfType('input', creationTransition.conditions) },
    transitions: new Map(
      transitions.map(({ id, conditions }) => [
        id,
        { input: checksOfType('input', conditions), document: checksOfType('document', conditions) },
      ]),
    ),
  };
}

/** Most requests need one check of a schema, and compiling takes longer than checking. */
function lazily(compile: CompileConfiguration): CompileConfiguration {
  return (configuration: TypeConfiguration, strictness: Strictness) => {
    let check: Check | undefined;
    return (value) => {
      check ??= compile(configuration, strictness);
      return check(value);
    };
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
