// The shape of a creation transition as authors of schemas write it: its conditions and actions.
import { z } from 'zod';
import { splitPath } from './data-path.ts';
import type { Json } from './plain-json.ts';
import { chosenName, isChosenName, typeConfigurationShape } from './type-configuration-shape.ts';

const mostParts = 100;

/** A dotted path into the data, without `data.` in front. */
const dataField = z
  .string()
  .max(500)
  .refine(
    (path) => splitPath(path).every((segment) => isChosenName(segment)),
    'must be names of properties, joined by dots.',
  );

/** The definition was taken in as plain JSON before. */
const json = z.custom<Json>((value) => value !== undefined, 'must be given.');

const conditionShape = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('input'), configuration: typeConfigurationShape }),
    z
      .strictObject({
        type: z.literal('initiatorHasRelationToGroupInData'),
        groupIdField: dataField,
        relation: z.enum(['staff', 'patient']),
        requiredPermission: z.string().min(1).max(200).optional(),
      })
      .refine(({ relation, requiredPermission }) => relation === 'staff' || requiredPermission === undefined, {
        path: ['requiredPermission'],
        error: 'goes with the relation `staff` only.',
      }),
  ],
  { error: ({ input }) => unknownType(input, 'condition', laterConditions) },
);

const actionShape = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('set'), field: dataField, value: json }),
    z.strictObject({ type: z.literal('unset'), fields: z.array(dataField).min(1).max(mostParts) }),
    z.strictObject({ type: z.literal('addItems'), field: dataField, values: z.array(json).min(1).max(mostParts) }),
    z.strictObject({ type: z.literal('removeItems'), field: dataField, values: z.array(json).min(1).max(mostParts) }),
    z.strictObject({ type: z.literal('linkCreator') }),
    z.strictObject({ type: z.literal('linkUserFromData'), userIdField: dataField }),
    z.strictObject({ type: z.literal('linkGroupFromData'), groupIdField: dataField }),
    z.strictObject({ type: z.literal('linkEnlistedGroups'), onlyActive: z.boolean().optional() }),
  ],
  { error: ({ input }) => unknownType(input, 'action', laterActions) },
);

export const creationTransitionShape = z.strictObject({
  type: z.literal('manual', { error: 'must be `manual`.' }),
  toStatus: chosenName,
  conditions: z.array(conditionShape).max(mostParts).optional(),
  actions: z.array(actionShape).max(mostParts).optional(),
});

export type Condition = z.output<typeof conditionShape>;
export type Action = z.output<typeof actionShape>;
export type CreationTransition = z.output<typeof creationTransitionShape>;

const laterConditions: ReadonlySet<unknown> = new Set(['document', 'initiatorHasRelationToUserInData']);
const laterActions: ReadonlySet<unknown> = new Set(['task', 'delay', 'measurementReviewedNotification', 'algorithm']);

function unknownType(input: unknown, what: string, later: ReadonlySet<unknown>): string {
  const type = (input as { type?: unknown } | null)?.type;
  return later.has(type) ? `the ${what} \`${type}\` is not supported here yet.` : `there is no such ${what}.`;
}
