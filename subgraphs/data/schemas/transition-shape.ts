// The shapes of transitions as authors of schemas write them: of creation, manual and automatic ones, with their
// conditions, actions and after-actions.
import { z } from 'zod';
import { isId } from '../../../platform/ids.ts';
import { splitPath } from '../json/data-path.ts';
import type { Json } from '../json/plain-json.ts';
import { isJsonObject } from '../json/plain-json.ts';
import { chosenName, isChosenName, typeConfigurationShape } from './type-configuration-shape.ts';

const mostParts = 100;
const longestDelay = 30 * 24 * 60 * 60 * 1_000;
const longestTaskData = 250_000;

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
const jsonObject = z.custom<Readonly<Record<string, Json>>>(isJsonObject, 'must be an object.');

const inputCondition = z.strictObject({ type: z.literal('input'), configuration: typeConfigurationShape });
const documentCondition = z.strictObject({ type: z.literal('document'), configuration: typeConfigurationShape });
const userCondition = z.strictObject({
  type: z.literal('initiatorHasRelationToUserInData'),
  userIdField: dataField,
  relation: z.literal('isStaffOfTargetPatient', { error: 'must be `isStaffOfTargetPatient`.' }),
});
const groupCondition = z
  .strictObject({
    type: z.literal('initiatorHasRelationToGroupInData'),
    groupIdField: dataField,
    relation: z.enum(['staff', 'patient']),
    requiredPermission: z.string().min(1).max(200).optional(),
  })
  .refine(({ relation, requiredPermission }) => relation === 'staff' || requiredPermission === undefined, {
    path: ['requiredPermission'],
    error: 'goes with the relation `staff` only.',
  });

const everyCondition = [inputCondition, documentCondition, userCondition, groupCondition] as const;
const conditionTypes = ['input', 'document', 'initiatorHasRelationToUserInData', 'initiatorHasRelationToGroupInData'];

function misplaced(what: string): { error: (issue: { readonly input?: unknown }) => string } {
  return {
    error: ({ input }) =>
      conditionTypes.includes(typeOf(input)) ? `does not go with ${what}.` : 'there is no such condition.',
  };
}

const creationConditions = z
  .array(z.discriminatedUnion('type', [inputCondition, userCondition, groupCondition], misplaced('creation')))
  .max(mostParts)
  .optional();
const manualConditions = z
  .array(z.discriminatedUnion('type', everyCondition, misplaced('manual transitions')))
  .max(mostParts)
  .optional();
const automaticConditions = z
  .array(z.discriminatedUnion('type', [documentCondition], misplaced('automatic transitions: nobody sends anything')))
  .max(mostParts)
  .optional();

const task = z.strictObject({
  type: z.literal('task'),
  functionName: z.string().min(1).max(200),
  priority: z.int().min(-1_000_000).max(1_000_000).optional(),
  data: jsonObject
    .refine((data) => JSON.stringify(data).length <= longestTaskData, 'at most 250 KB as JSON.')
    .optional(),
});

const actions = z
  .array(
    z.discriminatedUnion(
      'type',
      [
        z.strictObject({ type: z.literal('set'), field: dataField, value: json }),
        z.strictObject({ type: z.literal('unset'), fields: z.array(dataField).min(1).max(mostParts) }),
        z.strictObject({ type: z.literal('addItems'), field: dataField, values: z.array(json).min(1).max(mostParts) }),
        z.strictObject({
          type: z.literal('removeItems'),
          field: dataField,
          values: z.array(json).min(1).max(mostParts),
        }),
        z.strictObject({ type: z.literal('linkCreator') }),
        z.strictObject({ type: z.literal('linkUserFromData'), userIdField: dataField }),
        z.strictObject({ type: z.literal('linkGroupFromData'), groupIdField: dataField }),
        z.strictObject({ type: z.literal('linkEnlistedGroups'), onlyActive: z.boolean().optional() }),
        task,
        /** Milliseconds. */
        z.strictObject({ type: z.literal('delay'), time: z.int().min(1).max(longestDelay) }),
        /** Of old schemas; nothing happens. */
        z.strictObject({ type: z.literal('measurementReviewedNotification') }),
      ],
      { error: ({ input }) => unknownAction(typeOf(input), 'action') },
    ),
  )
  .max(mostParts)
  .optional();

const afterActions = z
  .array(
    z.discriminatedUnion(
      'type',
      [
        task,
        /** Of old schemas; nothing happens. */
        z.strictObject({
          type: z.literal('notifyAlgoQueueManager'),
          id: z.string().max(200).optional(),
          version: z.string().max(200).optional(),
        }),
      ],
      { error: ({ input }) => unknownAction(typeOf(input), 'after-action') },
    ),
  )
  .max(mostParts)
  .optional();

export const creationTransitionShape = z.strictObject({
  type: z.literal('manual', { error: 'must be `manual`.' }),
  toStatus: chosenName,
  conditions: creationConditions,
  actions,
  afterActions,
});

const named = {
  /** The server's; whoever gives it back keeps it. */
  id: z.string().refine(isId, 'this is not an id (a UUID).').toLowerCase().optional(),
  name: chosenName,
  fromStatuses: z.array(chosenName).min(1, 'at least one status is needed.').max(mostParts),
  toStatus: chosenName,
  actions,
  afterActions,
};

export const transitionShape = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('manual'), ...named, conditions: manualConditions }),
    z.strictObject({ type: z.literal('automatic'), ...named, conditions: automaticConditions }),
  ],
  { error: 'must be a transition, with a `type` that is `manual` or `automatic`.' },
);

export type Condition = z.output<(typeof everyCondition)[number]>;
export type Action = NonNullable<z.output<typeof actions>>[number];
export type AfterAction = NonNullable<z.output<typeof afterActions>>[number];
export type TaskAction = z.output<typeof task>;
export type CreationTransition = z.output<typeof creationTransitionShape>;
export type GivenTransition = z.output<typeof transitionShape>;
/** A transition as a definition keeps it. */
export type Transition = GivenTransition & { readonly id: string };

/** Of whatever was given; empty for what is no text. (Not every object can be made one: `{ "toString": null }`.) */
function typeOf(input: unknown): string {
  const type = (input as { type?: unknown } | null | undefined)?.type;
  return typeof type === 'string' ? type : '';
}

function unknownAction(type: string, what: string): string {
  return type === 'algorithm' ? 'algorithms are not run here: use a `task`.' : `there is no such ${what}.`;
}
