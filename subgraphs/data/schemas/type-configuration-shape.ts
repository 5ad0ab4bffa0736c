// The shape of type configurations as authors of schemas write them: nothing but the closed sets of keywords passes.
import { z } from 'zod';
import { refusedKeys } from '../json/plain-json.ts';
import type { Properties, TypeConfiguration } from './type-configuration.ts';

/** Names that authors of schemas choose: of properties, statuses and the like. */
export const chosenName = z
  .string()
  .refine(isChosenName, 'a name is a letter and up to 49 letters, digits, `_` and `-`.');

const longestPattern = 500;

const pattern = z
  .string()
  .max(longestPattern, `at most ${longestPattern} characters.`)
  .refine(isPattern, 'this is not a regular expression (ECMAScript, with the flag `u`).');

const size = z.int().min(0);
const common = { queryable: z.boolean().optional() };

function choice<T extends z.ZodType<string | number | boolean>>(value: T) {
  return { enum: z.array(value).min(1).max(1_000).optional(), const: value.optional() };
}

const typeNames = ['object', 'array', 'string', 'number', 'boolean'];

export const typeConfigurationShape: z.ZodType<TypeConfiguration> = z.lazy(() =>
  z.discriminatedUnion(
    'type',
    [
      z.strictObject({
        type: z.literal('object'),
        properties: propertiesShape.optional(),
        additionalProperties: typeConfigurationShape.optional(),
        required: z.array(z.string()).max(1_000).optional(),
        ...common,
      }),
      z
        .strictObject({
          type: z.literal('array'),
          items: typeConfigurationShape,
          minItems: size.optional(),
          maxItems: size.optional(),
          contains: typeConfigurationShape.optional(),
          ...common,
        })
        .refine(({ items }) => items.type !== 'object' || !Object.hasOwn(items.properties ?? {}, 'id'), {
          path: ['items', 'properties', 'id'],
          error: 'objects in a list get their `id` from the server.',
        }),
      z.strictObject({
        type: z.literal('string'),
        minLength: size.optional(),
        maxLength: size.optional(),
        pattern: pattern.optional(),
        format: z.literal('date-time').optional(),
        ...choice(z.string()),
        ...common,
      }),
      z.strictObject({
        type: z.literal('number'),
        minimum: z.number().optional(),
        maximum: z.number().optional(),
        ...choice(z.number()),
        ...common,
      }),
      z.strictObject({ type: z.literal('boolean'), ...choice(z.boolean()), ...common }),
    ],
    { error: `must be a type configuration, with a \`type\` that is one of ${typeNames.join(', ')}.` },
  ),
);

export const propertiesShape: z.ZodType<Properties> = z.lazy(() => z.record(chosenName, typeConfigurationShape));

export function isChosenName(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_-]{0,49}$/.test(text) && !refusedKeys.has(text);
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}
