// Statuses of a schema, one by one.
import { AppError } from '../../../platform/errors.ts';
import { requireJsonObject } from '../json/plain-json.ts';
import type { DataParts } from '../parts.ts';
import type { ChangedSchema } from './change-schema.ts';
import { definitionFault } from './definition-faults.ts';
import type { EditRequest } from './edit-definition.ts';
import { editDefinition } from './edit-definition.ts';
import type { SchemaDefinition } from './schema-definition.ts';
import { isChosenName } from './type-configuration-shape.ts';

export interface StatusPlace extends EditRequest {
  readonly name: string;
}

export interface GivenStatus extends StatusPlace {
  readonly data?: unknown;
}

/** ALREADY_EXISTS when the schema has the status. */
export function createSchemaStatus({ name, data, ...request }: GivenStatus, parts: DataParts): Promise<ChangedSchema> {
  if (!isChosenName(name)) {
    throw definitionFault('input.name', 'a name is a letter and up to 49 letters, digits, `_` and `-`.');
  }
  return editDefinition(parts, request, (definition) => {
    if (Object.hasOwn(definition.statuses, name)) {
      const details = { field: 'input.name', code: 17 };
      throw new AppError('ALREADY_EXISTS', `input.name: the schema has the status ${name} already.`, details);
    }
    const statuses = { ...definition.statuses, [name]: data ?? {} };
    return { definition: { ...definition, statuses }, at: `statuses.${name}`, field: 'input.data' };
  });
}

/** NOT_FOUND for an unknown status. Keys that are not given stay; null removes one. */
export function updateSchemaStatus({ name, data, ...request }: GivenStatus, parts: DataParts): Promise<ChangedSchema> {
  const changed = requireJsonObject(data, 'input.data');
  return editDefinition(parts, request, (definition) => {
    const merged = { ...requireStatus(definition, name), ...changed };
    const kept = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
    const statuses = { ...definition.statuses, [name]: kept };
    return { definition: { ...definition, statuses }, at: `statuses.${name}`, field: 'input.data' };
  });
}

/** NOT_FOUND for an unknown status, STATUS_IN_USE for one that a transition names. */
export function deleteSchemaStatus({ name, ...request }: StatusPlace, parts: DataParts): Promise<ChangedSchema> {
  return editDefinition(parts, request, (definition) => {
    requireStatus(definition, name);
    const user = userOf(definition, name);
    if (user !== undefined) {
      const details = { field: 'input.name', code: 414 };
      throw new AppError('STATUS_IN_USE', `input.name: ${user} names the status ${name}.`, details);
    }
    const { [name]: _, ...statuses } = definition.statuses;
    return { definition: { ...definition, statuses }, at: `statuses.${name}`, field: 'input.name' };
  });
}

function requireStatus({ statuses }: SchemaDefinition, name: string): Readonly<Record<string, string>> {
  const status = Object.hasOwn(statuses, name) ? statuses[name] : undefined;
  if (status !== undefined) return status;
  const details = { field: 'input.name', code: 16 };
  throw new AppError('NOT_FOUND', 'input.name: the schema has no status with this name.', details);
}

function userOf({ creationTransition, transitions }: SchemaDefinition, status: string): string | undefined {
  if (creationTransition.toStatus === status) return 'the creation transition';
  const user = transitions.find(({ fromStatuses, toStatus }) => toStatus === status || fromStatuses.includes(status));
  return user && `the transition ${user.name}`;
}
