// Compiles type configurations into checks of values: a type configuration becomes JSON Schema, which Ajv compiles.
import type { ErrorObject } from 'ajv';
import { Ajv } from 'ajv';
import type { BoundedRun } from '../../../platform/bounded-run.ts';
import { createBoundedRun } from '../../../platform/bounded-run.ts';
import { isId } from '../../../platform/ids.ts';
import { findMoment } from '../json/moment.ts';
import type { TypeConfiguration } from './type-configuration.ts';

/** What is wrong, and where in the value. */
export interface Fault {
  readonly path: readonly string[];
  readonly message: string;
}

/** The first thing wrong with a value, or undefined. */
export type Check = (value: unknown) => Fault | undefined;

/**
 * `closed`: what is not declared may not be there, and objects in lists may carry their `id`; for what is stored.
 * `open`: what is not declared is not looked at; for conditions.
 */
export type Strictness = 'closed' | 'open';

/** Longer than any pattern needs that does not run away. */
const checkMilliseconds = 250;

export type CompileConfiguration = (configuration: TypeConfiguration, strictness: Strictness) => Check;

/** Make one and share it: what bounds the time of checks takes memory. */
export function createConfigurationCompiler(): CompileConfiguration {
  const run = createBoundedRun(checkMilliseconds);
  return (configuration, strictness) => {
    const check = compile(configuration, strictness);
    return hasPattern(configuration) ? bounded(check, run) : check;
  };
}

function compile(configuration: TypeConfiguration, strictness: Strictness): Check {
  // A condition may require what the schema declares elsewhere, and say no more about it.
  const options = { meta: false, validateSchema: false, ownProperties: true, strict: true, logger: false } as const;
  const ajv = new Ajv({ ...options, strictRequired: false });
  ajv.addFormat('date-time', (text: string) => findMoment(text) !== undefined);
  ajv.addFormat('uuid', isId);
  const validate = ajv.compile(jsonSchema(configuration, strictness));
  return (value) => (validate(value) ? undefined : faultFrom(validate.errors?.at(-1)));
}

type JsonSchema = { readonly [keyword: string]: unknown };

function jsonSchema(configuration: TypeConfiguration, strictness: Strictness): JsonSchema {
  const { queryable: _, ...keywords } = configuration;
  if (keywords.type === 'array') {
    const items = jsonSchema(keywords.items, strictness);
    return {
      ...keywords,
      items: keywords.items.type === 'object' ? withElementId(items) : items,
      ...(keywords.contains === undefined ? {} : { contains: jsonSchema(keywords.contains, 'open') }),
    };
  }
  if (keywords.type !== 'object') return keywords;
  const { properties = {}, additionalProperties, required } = keywords;
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, inner]) => [name, jsonSchema(inner, strictness)]),
    ),
    ...(required === undefined ? {} : { required }),
    additionalProperties:
      additionalProperties === undefined ? strictness === 'open' : jsonSchema(additionalProperties, strictness),
  };
}

function withElementId(items: JsonSchema): JsonSchema {
  return { ...items, properties: { ...(items.properties as object), id: { type: 'string', format: 'uuid' } } };
}

function faultFrom(error: ErrorObject | undefined): Fault {
  if (error === undefined) return { path: [], message: 'is not valid.' };
  const path = error.instancePath.split('/').slice(1).map(unescapePointer);
  const { additionalProperty, missingProperty, pattern } = error.params as Record<string, string | undefined>;
  if (additionalProperty !== undefined) {
    return {
      path: [...path, additionalProperty.slice(0, 100)],
      message: 'is not a property that the schema declares.',
    };
  }
  if (missingProperty !== undefined) return { path: [...path, missingProperty], message: 'is required.' };
  if (pattern !== undefined) return { path, message: 'does not match the pattern of the schema.' };
  return { path, message: `${error.message ?? 'is not valid'}.` };
}

function unescapePointer(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}

const tooLong: Fault = { path: [], message: 'takes too long to check against the patterns.' };

/** Patterns come from authors of schemas, values from anybody: together they may run for ages. */
function bounded(check: Check, run: BoundedRun): Check {
  return (value) => {
    const outcome = run(() => {
      try {
        return check(value);
      } catch (error) {
        // A pattern that remembers much of a long text comes to the end of its stack before the end of its time.
        if ((error as Error).name === 'RangeError') return tooLong;
        throw error;
      }
    });
    return 'value' in outcome ? outcome.value : tooLong;
  };
}

function hasPattern(configuration: TypeConfiguration): boolean {
  if (configuration.type === 'string') return configuration.pattern !== undefined;
  if (configuration.type === 'array') {
    return (
      hasPattern(configuration.items) || (configuration.contains !== undefined && hasPattern(configuration.contains))
    );
  }
  if (configuration.type !== 'object') return false;
  const { properties = {}, additionalProperties } = configuration;
  return (
    Object.values(properties).some(hasPattern) ||
    (additionalProperties !== undefined && hasPattern(additionalProperties))
  );
}
