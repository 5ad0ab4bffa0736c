// Transitions of a schema, one by one.
import { AppError } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import { isJsonObject } from '../json/plain-json.ts';
import type { DataParts } from '../parts.ts';
import type { ChangedSchema } from './change-schema.ts';
import type { EditRequest } from './edit-definition.ts';
import { editDefinition } from './edit-definition.ts';
import type { SchemaDefinition } from './schema-definition.ts';

export interface GivenCreation extends EditRequest {
  readonly creationTransition: unknown;
}

export interface TransitionPlace extends EditRequest {
  readonly transitionId: string;
}

export function updateCreationTransition(
  { creationTransition, ...request }: GivenCreation,
  parts: DataParts,
): Promise<ChangedSchema> {
  const at = 'creationTransition';
  return editDefinition(parts, request, (definition) => ({
    definition: { ...definition, creationTransition },
    at,
    field: `input.${at}`,
  }));
}

const field = 'input.transition';

/** Behind those that are there. */
export function createSchemaTransition(
  { transition, ...request }: EditRequest & { readonly transition: unknown },
  parts: DataParts,
): Promise<ChangedSchema> {
  return editDefinition(parts, request, (definition) => ({
    definition: { ...definition, transitions: [...definition.transitions, withId(transition, undefined)] },
    at: `transitions.${definition.transitions.length}`,
    field,
  }));
}

/** NOT_FOUND for an unknown id. It stays at its place, and keeps its id. */
export function updateSchemaTransition(
  { transitionId, transition, ...request }: TransitionPlace & { readonly transition: unknown },
  parts: DataParts,
): Promise<ChangedSchema> {
  const id = requireId(transitionId, 'input.transitionId');
  return editDefinition(parts, request, (definition) => {
    const place = requirePlace(definition, id);
    const transitions = definition.transitions.map((known) => (known.id === id ? withId(transition, id) : known));
    return { definition: { ...definition, transitions }, at: `transitions.${place}`, field };
  });
}

/** NOT_FOUND for an unknown id. */
export function deleteSchemaTransition(
  { transitionId, ...request }: TransitionPlace,
  parts: DataParts,
): Promise<ChangedSchema> {
  const id = requireId(transitionId, 'input.transitionId');
  return editDefinition(parts, request, (definition) => {
    const place = requirePlace(definition, id);
    const transitions = definition.transitions.filter((known) => known.id !== id);
    return { definition: { ...definition, transitions }, at: `transitions.${place}`, field: 'input.transitionId' };
  });
}

/** Anything that is no object is left to the check of the definition. */
function withId(transition: unknown, id: string | undefined): unknown {
  return isJsonObject(transition) ? { ...transition, id } : transition;
}

function requirePlace({ transitions }: SchemaDefinition, id: string): number {
  const place = transitions.findIndex((transition) => transition.id === id);
  if (place >= 0) return place;
  const details = { field: 'input.transitionId', code: 16 };
  throw new AppError('NOT_FOUND', 'input.transitionId: the schema has no transition with this id.', details);
}
