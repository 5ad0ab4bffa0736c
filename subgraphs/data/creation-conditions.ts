// The conditions of a creation transition: whether the data submitted and its sender meet them.
import { activePatientGroups } from '../../platform/identity/identity.ts';
import type { Viewer } from './access.ts';
import type { Condition } from './creation-transition-shape.ts';
import { readAt, splitPath } from './data-path.ts';
import type { DocumentSchemaModel } from './models.ts';
import type { JsonObject } from './plain-json.ts';
import type { ChecksOf } from './schema-checks.ts';
import { dataFault, requireFaultless } from './schema-checks.ts';

interface Submission {
  readonly data: JsonObject;
  readonly viewer: Viewer;
  /** Names the data in a refusal. */
  readonly field: string;
}

/** BAD_USER_INPUT naming the path that does not meet a condition. Permissions do not lift conditions. */
export function requireCreationConditions(
  schema: DocumentSchemaModel,
  submission: Submission,
  checksOf: ChecksOf,
): void {
  const conditions = schema.definition.creationTransition.conditions ?? [];
  if (conditions.length === 0) return;
  for (const check of checksOf(schema).input) requireFaultless(check, submission.data, submission.field);
  for (const condition of conditions) {
    if (condition.type === 'initiatorHasRelationToGroupInData') requireRelation(condition, submission);
  }
}

type RelationCondition = Extract<Condition, { type: 'initiatorHasRelationToGroupInData' }>;

function requireRelation(condition: RelationCondition, { data, viewer, field }: Submission): void {
  const groupId = readAt(data, splitPath(condition.groupIdField));
  const path = `${field}.${condition.groupIdField}`;
  if (typeof groupId !== 'string' || !isRelated(condition, groupId.toLowerCase(), viewer)) {
    const permission =
      condition.requiredPermission === undefined ? '' : ` with the permission ${condition.requiredPermission}`;
    throw dataFault(path, `must be a group in which you are ${condition.relation}${permission}.`);
  }
}

/** The permission may be any name that a schema's author made up, which the catalogue of permissions does not know. */
function isRelated({ relation, requiredPermission }: RelationCondition, groupId: string, viewer: Viewer): boolean {
  if (relation === 'patient') return activePatientGroups(viewer.identity, viewer.now).includes(groupId);
  const held = viewer.identity.staff.get(groupId);
  return held !== undefined && (requiredPermission === undefined || held.has(requiredPermission));
}
