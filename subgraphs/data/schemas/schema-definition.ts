// The definition of a schema: takes in what an author wrote, completes it with the defaults, and refuses what is not
// known or does not fit together, naming the path. Says nothing about who may define schemas.
import { z } from 'zod';
import { requireFittingIndexes } from '../indexes/fitting-indexes.ts';
import { isJsonObject, requireJson } from '../json/plain-json.ts';
import type { CompileConfiguration } from './compile-configuration.ts';
import { definitionFault, shapeFault } from './definition-faults.ts';
import { requireFittingProperties } from './fitting-properties.ts';
import { requireFittingTransition } from './fitting-transition.ts';
import type { IndexDefinition } from './index-shape.ts';
import { indexesShape } from './index-shape.ts';
import type { SpelledModes } from './modes.ts';
import { modeShapes } from './modes.ts';
import { withIds } from './transition-ids.ts';
import type { CreationTransition, Transition } from './transition-shape.ts';
import { creationTransitionShape, transitionShape } from './transition-shape.ts';
import type { Properties } from './type-configuration.ts';
import { chosenName, propertiesShape } from './type-configuration-shape.ts';

/** Whose enlistments as patients the groups of documents follow. */
export type GroupSyncMode = (typeof groupSyncModes)[number];

/** Complete: what an author left out has its default. Modes keep the spelling that they were given in. */
export interface SchemaDefinition extends SpelledModes {
  readonly properties: Properties;
  readonly statuses: { readonly [name: string]: { readonly [key: string]: string } };
  readonly creationTransition: CreationTransition;
  /** In the order in which they are tried. */
  readonly transitions: readonly Transition[];
  readonly indexes: readonly IndexDefinition[];
  readonly groupSyncMode: GroupSyncMode;
  readonly defaultLimit: number;
  readonly maximumLimit: number;
}

/** What a definition is checked with. */
export interface DefinitionContext {
  readonly compile: CompileConfiguration;
  /** Those that the schema has so far: the same ones keep their ids. */
  readonly transitions?: readonly Transition[];
}

const groupSyncModes = ['disabled', 'creatorPatientEnlistments', 'linkedUsersPatientEnlistments'] as const;
const limit = z.int().min(1).max(1_000);
const mostTypes = 1_000;
const mostTransitions = 200;

const definitionShape = z.strictObject({
  properties: propertiesShape.default({}),
  statuses: z
    .record(chosenName, z.record(chosenName, z.string().max(1_000)))
    .refine((statuses) => Object.keys(statuses).length > 0, 'at least one status is needed.')
    .default({ new: {} }),
  creationTransition: creationTransitionShape.optional(),
  transitions: z.array(transitionShape).max(mostTransitions, `at most ${mostTransitions} are allowed.`).default([]),
  indexes: indexesShape.default([]),
  ...modeShapes,
  groupSyncMode: z.enum(groupSyncModes, `must be one of ${groupSyncModes.join(', ')}.`).default('disabled'),
  defaultLimit: limit.optional(),
  maximumLimit: limit.default(100),
});

/** The complete definition, or BAD_USER_INPUT naming the path at fault below `field`. */
export function requireDefinition(given: unknown, field: string, context: DefinitionContext): SchemaDefinition {
  const json = requireJson(given, field);
  const parsed = definitionShape.safeParse(json);
  if (!parsed.success) throw shapeFault(parsed.error, field);
  const { defaultLimit, creationTransition, transitions, ...rest } = parsed.data;
  const definition: SchemaDefinition = {
    ...rest,
    creationTransition: creationTransition ?? { type: 'manual', toStatus: firstStatus(rest.statuses) },
    transitions: withIds(transitions, context.transitions ?? [], `${field}.transitions`),
    defaultLimit: defaultLimit ?? Math.min(20, rest.maximumLimit),
  };
  if (countTypes(json) > mostTypes) throw definitionFault(field, `at most ${mostTypes} types are allowed.`);
  requireFitting(definition, field, context.compile);
  return definition;
}

/** The status of documents whose schema says nothing about creation. */
function firstStatus(statuses: SchemaDefinition['statuses']): string {
  return Object.keys(statuses)[0] as string; // the shape asks for one at least
}

function requireFitting(definition: SchemaDefinition, field: string, compile: CompileConfiguration): void {
  const { properties, statuses, creationTransition, transitions, indexes } = definition;
  if (definition.defaultLimit > definition.maximumLimit) {
    throw definitionFault(`${field}.defaultLimit`, 'must not be greater than maximumLimit.');
  }
  requireFittingProperties(properties, `${field}.properties`);
  const surroundings = { properties, statuses, compile };
  requireFittingTransition(creationTransition, surroundings, `${field}.creationTransition`);
  transitions.forEach((transition, index) => {
    requireFittingTransition(transition, surroundings, `${field}.transitions.${index}`);
  });
  requireFittingIndexes(indexes, properties, `${field}.indexes`);
}

/** Every configuration, condition and action has a `type`: counts them all, which is what bounds the work they make. */
function countTypes(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + countTypes(item), 0);
  if (!isJsonObject(value)) return 0;
  const own = typeof value.type === 'string' ? 1 : 0;
  return Object.values(value).reduce((sum: number, inner) => sum + countTypes(inner), own);
}
