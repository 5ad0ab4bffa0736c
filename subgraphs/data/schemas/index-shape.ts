// The shape of indexes as authors of schemas write them. What the server adds when it shows an index is passed over.
import { z } from 'zod';

export const mostIndexFields = 10;
export const mostIndexes = 20;

const indexShape = z
  .strictObject({
    fields: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(500),
          type: z.enum(['asc', 'desc', 'text'], 'must be `asc`, `desc` or `text`.'),
        }),
      )
      .min(1, 'at least one field is needed.')
      .max(mostIndexFields, `at most ${mostIndexFields} fields are allowed.`),
    options: z
      .strictObject({
        unique: z.boolean().optional(),
        sparse: z.boolean().optional(),
        /** Indexes are always built in the background. */
        background: z.boolean().optional(),
      })
      .optional(),
    id: z.unknown().optional(),
    name: z.unknown().optional(),
    system: z.boolean().optional(),
  })
  .transform(({ fields, options, system = false }) => ({
    index: { fields, ...(options === undefined ? {} : { options }) },
    system,
  }));

/** Those of the service itself are not a matter of the definition. */
export const indexesShape = z
  .array(indexShape)
  .transform((indexes) => indexes.filter(({ system }) => !system).map(({ index }) => index));

export type IndexDefinition = z.output<typeof indexesShape>[number];

/** What tells an index apart: two of a schema with the same fields would do the same work twice. */
export function fieldNames({ fields }: { readonly fields: Readonly<IndexDefinition['fields']> }): string {
  return fields.map(({ name, type }) => (type === 'asc' ? name : `${name} ${type}`)).join(', ');
}
