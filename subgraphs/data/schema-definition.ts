// The definition of a schema: takes in what an author wrote, completes it with the defaults, and refuses what is not
// known or does not fit together, naming the path. Says nothing about who may define schemas.
import { z } from 'zod';
import { invalidInput } from '../../platform/errors.ts';
import type { CompileConfiguration } from './compile-configuration.ts';
import type { CreationTransition } from './creation-transition-shape.ts';
import { creationTransitionShape } from './creation-transition-shape.ts';
import { definitionFault } from './definition-faults.ts';
import { requireFittingProperties } from './fitting-properties.ts';
import { requireFittingTransition } from './fitting-transition.ts';
import { isJsonObject, requireJson } from './plain-json.ts';
import type { Properties } from './type-configuration.ts';
import { chosenName, propertiesShape } from './type-configuration-shape.ts';

/** What ties a user to a document. */
export type Relation = 'creator' | 'linkedUsers' | 'linkedGroupStaff' | 'linkedGroupPatients';
export type CreateMode = 'allUsers' | 'permissionRequired';
export type ReadMode = CreateMode | readonly Relation[];
export type ChangeMode = 'permissionRequired' | readonly Relation[];

/** Complete: what an author left out has its default. Modes keep the spelling that they were given in. */
export interface SchemaDefinition {
  readonly properties: Properties;
  readonly statuses: { readonly [name: string]: { readonly [key: string]: string } };
  readonly creationTransition: CreationTransition;
  readonly createMode: CreateMode;
  readonly readMode: ReadMode;
  readonly updateMode: ChangeMode;
  readonly deleteMode: ChangeMode;
  readonly defaultLimit: number;
  readonly maximumLimit: number;
}

const relations = ['creator', 'linkedUsers', 'linkedGroupStaff', 'linkedGroupPatients'] as const;
const relationList = `a list of ${relations.map((relation) => `\`${relation}\``).join(', ')}`;
const anyone = z.enum(['allUsers', 'permissionRequired'], 'must be `allUsers` or `permissionRequired`.');
const related = z.array(z.enum(relations, `must be ${relationList}.`)).max(relations.length);

function modeOf<T extends z.ZodType>(word: T, words: string) {
  return z.union([related, word], `must be ${words} or ${relationList}.`);
}

const changeMode = modeOf(z.literal('permissionRequired'), '`permissionRequired`');
const limit = z.int().min(1).max(1_000);
const mostTypes = 1_000;

const definitionShape = z.strictObject({
  properties: propertiesShape.default({}),
  statuses: z
    .record(chosenName, z.record(chosenName, z.string().max(1_000)))
    .refine((statuses) => Object.keys(statuses).length > 0, 'at least one status is needed.')
    .default({ new: {} }),
  creationTransition: creationTransitionShape.optional(),
  createMode: anyone.default('allUsers'),
  readMode: modeOf(anyone, '`allUsers`, `permissionRequired`').default(['linkedUsers', 'linkedGroupStaff']),
  updateMode: changeMode.default(['linkedUsers', 'linkedGroupStaff']),
  deleteMode: changeMode.default('permissionRequired'),
  defaultLimit: limit.optional(),
  maximumLimit: limit.default(100),
});

/** The complete definition, or BAD_USER_INPUT naming the path at fault below `field`. */
export function requireDefinition(given: unknown, field: string, compile: CompileConfiguration): SchemaDefinition {
  const json = requireJson(given, field);
  const parsed = definitionShape.safeParse(json);
  if (!parsed.success) throw definitionFault(parsed.error, field);
  const { defaultLimit, creationTransition, ...rest } = parsed.data;
  const definition: SchemaDefinition = {
    ...rest,
    creationTransition: creationTransition ?? { type: 'manual', toStatus: firstStatus(rest.statuses) },
    defaultLimit: defaultLimit ?? Math.min(20, rest.maximumLimit),
  };
  if (countTypes(json) > mostTypes) throw invalidInput(field, `at most ${mostTypes} type configurations are allowed.`);
  requireFitting(definition, field);
  requireFittingProperties(definition.properties, `${field}.properties`);
  requireFittingTransition(
    definition.creationTransition,
    { properties: definition.properties, compile },
    `${field}.creationTransition`,
  );
  return definition;
}

/** The status of documents whose schema says nothing about creation. */
function firstStatus(statuses: SchemaDefinition['statuses']): string {
  return Object.keys(statuses)[0] as string; // the shape asks for one at least
}

function requireFitting(definition: SchemaDefinition, field: string): void {
  if (definition.defaultLimit > definition.maximumLimit) {
    throw invalidInput(`${field}.defaultLimit`, 'must not be greater than maximumLimit.');
  }
  if (!Object.hasOwn(definition.statuses, definition.creationTransition.toStatus)) {
    throw invalidInput(`${field}.creationTransition.toStatus`, 'is not one of the statuses.');
  }
}

/** Every configuration, condition and action has a `type`: counts them all, which is what bounds the work they make. */
function countTypes(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + countTypes(item), 0);
  if (!isJsonObject(value)) return 0;
  const own = typeof value.type === 'string' ? 1 : 0;
  return Object.values(value).reduce((sum: number, inner) => sum + countTypes(inner), own);
}
