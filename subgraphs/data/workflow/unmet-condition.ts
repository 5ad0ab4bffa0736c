// The conditions of transitions: whether the data submitted, its sender and the document meet them.
import type { AppError } from '../../../platform/errors.ts';
import { activePatientGroups } from '../../../platform/identity/identity.ts';
import { isId } from '../../../platform/ids.ts';
import type { Viewer } from '../access.ts';
import { readAt, splitPath } from '../json/data-path.ts';
import type { JsonObject } from '../json/plain-json.ts';
import type { Check } from '../schemas/compile-configuration.ts';
import { dataFault } from '../schemas/schema-checks.ts';
import type { Condition } from '../schemas/transition-shape.ts';
import { type Facts, isActive } from './facts.ts';

/** What somebody submits with a creation or a manual transition. */
export interface Submission {
  /** As it was sent. */
  readonly data: JsonObject;
  readonly initiator: Viewer;
  readonly facts: Facts;
  /** Names the data in a refusal. */
  readonly field: string;
}

/** Compiled: of the conditions of each kind, in their order. */
export interface ConditionChecks {
  readonly input: readonly Check[];
  readonly document?: readonly Check[];
}

/** BAD_USER_INPUT naming what does not meet a condition on what is submitted, or undefined. Permissions do not lift conditions. */
export function findUnmetCondition(
  conditions: readonly Condition[],
  { input }: ConditionChecks,
  submission: Submission,
): AppError | undefined {
  for (const check of input) {
    const fault = check(submission.data);
    if (fault !== undefined) return dataFault([submission.field, ...fault.path].join('.'), fault.message);
  }
  for (const condition of conditions) {
    const fault = unmetRelation(condition, submission);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Whether the document, as `document` conditions see it, meets them. */
export function meetsDocumentConditions({ document = [] }: ConditionChecks, view: JsonObject): boolean {
  return document.every((check) => check(view) === undefined);
}

type GroupCondition = Extract<Condition, { type: 'initiatorHasRelationToGroupInData' }>;

function unmetRelation(condition: Condition, submission: Submission): AppError | undefined {
  const { data, field } = submission;
  if (condition.type === 'initiatorHasRelationToUserInData') {
    const userId = readAt(data, splitPath(condition.userIdField));
    if (isId(userId) && isStaffOfPatient(userId.toLowerCase(), submission)) return undefined;
    return dataFault(`${field}.${condition.userIdField}`, 'must be a patient of a group in which you are staff.');
  }
  if (condition.type === 'initiatorHasRelationToGroupInData') {
    const groupId = readAt(data, splitPath(condition.groupIdField));
    if (typeof groupId === 'string' && isRelated(condition, groupId.toLowerCase(), submission)) return undefined;
    return dataFault(`${field}.${condition.groupIdField}`, describeGroup(condition));
  }
  return undefined;
}

function describeGroup({ relation, requiredPermission }: GroupCondition): string {
  const permission = requiredPermission === undefined ? '' : ` with the permission ${requiredPermission}`;
  return `must be a group in which you are ${relation}${permission}.`;
}

/** As with access by groups of patients, an enlistment that has ended gives nobody anything. */
function isStaffOfPatient(userId: string, { initiator: { identity, now }, facts }: Submission): boolean {
  if (identity.staff.size === 0) return false;
  return facts
    .patientEnlistments(userId)
    .some((enlistment) => identity.staff.has(enlistment.groupId) && isActive(enlistment, now));
}

/** The permission may be any name that a schema's author made up, which the catalogue of permissions does not know. */
function isRelated(
  { relation, requiredPermission }: GroupCondition,
  groupId: string,
  { initiator: { identity, now } }: Submission,
): boolean {
  if (relation === 'patient') return activePatientGroups(identity, now).includes(groupId);
  const held = identity.staff.get(groupId);
  return held !== undefined && (requiredPermission === undefined || held.has(requiredPermission));
}
