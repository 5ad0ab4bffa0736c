// The workflow engine: from a document and a transition to what the document becomes, with the automatic transitions
// that follow. Pure: it reads no database and asks no service, so that a refusal has changed nothing.
import { AppError } from '../../../platform/errors.ts';
import { storedForm } from '../documents/stored-form.ts';
import type { JsonObject } from '../json/plain-json.ts';
import type { DocumentSchemaModel } from '../models.ts';
import type { SchemaChecks } from '../schemas/schema-checks.ts';
import { requireFaultless } from '../schemas/schema-checks.ts';
import type { Action, AfterAction, TaskAction, Transition } from '../schemas/transition-shape.ts';
import type { DocumentFacts, Draft } from './draft.ts';
import { conditionView } from './draft.ts';
import type { ActionSetting } from './run-action.ts';
import { runAction } from './run-action.ts';
import { syncingUsers, withGroupsOf, withSyncedGroups } from './synced-groups.ts';
import { meetsDocumentConditions } from './unmet-condition.ts';

/** A transition under way: what of it is still to be done. */
export interface Step {
  /** Absent: the creation transition. */
  readonly name?: string;
  readonly actions: readonly Action[];
  readonly afterActions: readonly AfterAction[];
  readonly toStatus: string;
}

/** How far a workflow is. Plain JSON, because it may have to wait. */
export interface Progress {
  readonly draft: Draft;
  readonly step?: Step | undefined;
  /** The transitions that are through, by name. */
  readonly transitions: readonly string[];
  readonly automaticSteps: number;
  readonly tasks: readonly TaskAction[];
  /** To be published after all others. */
  readonly afterTasks: readonly TaskAction[];
}

/** Where a workflow stopped: at its end, or at a `delay`. */
export interface Outcome extends Progress {
  /** Milliseconds; absent: it is through. */
  readonly delay?: number;
}

export interface WorkflowSetting extends ActionSetting {
  readonly schema: DocumentSchemaModel;
  readonly checks: SchemaChecks;
  readonly document: DocumentFacts;
}

const mostAutomaticSteps = 50;

export function progressFrom(draft: Draft, step?: Step): Progress {
  return { draft, step, transitions: [], automaticSteps: 0, tasks: [], afterTasks: [] };
}

export function stepOf({ name, actions = [], afterActions = [], toStatus }: Transition): Step {
  return { name, actions, afterActions, toStatus };
}

/**
 * Goes on to the end, or to the next `delay`. BAD_USER_INPUT where a link or the outcome of actions is not valid,
 * ILLEGAL_STATE when automatic transitions follow each other without end.
 */
export function advance(from: Progress, setting: WorkflowSetting): Outcome {
  let progress: Outcome = from;
  for (;;) {
    if (progress.step !== undefined) {
      progress = takeStep(progress, progress.step, setting);
      if (progress.delay !== undefined) return progress;
    }
    const next = findAutomatic(progress.draft, setting);
    if (next === undefined) return progress;
    if (progress.automaticSteps === mostAutomaticSteps) throw endlessChain(next);
    progress = { ...progress, step: stepOf(next), automaticSteps: progress.automaticSteps + 1 };
  }
}

/** The data in the form in which it is stored, or BAD_USER_INPUT naming the path that does not conform to the schema. */
export function requireConforming(data: JsonObject, { schema, checks, field }: WorkflowSetting): JsonObject {
  requireFaultless(checks.data, data, field);
  return storedForm(data, schema.definition.properties);
}

/** The document with the groups that its people bring, as the schema asks for. */
export function synced(draft: Draft, { schema, facts }: Pick<WorkflowSetting, 'schema' | 'facts'>): Draft {
  const patientGroups = (userId: string) => facts.patientEnlistments(userId).map(({ groupId }) => groupId);
  return withSyncedGroups(draft, patientGroups, schema.definition.groupSyncMode);
}

/**
 * The draft with the groups that come and go with the users by whom it differs from `before`. Of users who are gone
 * nobody knows what they brought: until the groups are settled for good, nothing that is synchronised goes.
 */
export function withPeopleOf(
  draft: Draft,
  before: Pick<Draft, 'userIds'>,
  { schema, facts }: Pick<WorkflowSetting, 'schema' | 'facts'>,
): Draft {
  const mode = schema.definition.groupSyncMode;
  if (mode !== 'linkedUsersPatientEnlistments') return draft;
  const joining = draft.userIds.filter((id) => !before.userIds.includes(id));
  const patientGroups = (userId: string) =>
    facts.isThere(userId)
      ? facts.patientEnlistments(userId).map(({ groupId }) => groupId)
      : joining.includes(userId)
        ? []
        : draft.syncedGroupIds;
  return withGroupsOf(draft, patientGroups, { mode, joining });
}

function takeStep(progress: Progress, step: Step, setting: WorkflowSetting): Outcome {
  let { draft } = progress;
  const tasks = [...progress.tasks];
  for (const [index, action] of step.actions.entries()) {
    if (action.type === 'delay') {
      const rest = { ...step, actions: step.actions.slice(index + 1) };
      return { ...progress, draft: closed(draft, progress.draft, setting), tasks, step: rest, delay: action.time };
    }
    if (action.type === 'task') tasks.push(action);
    else if (action.type !== 'measurementReviewedNotification') draft = runAction(action, draft, setting);
  }
  const afterTasks = step.afterActions.flatMap((action) => (action.type === 'task' ? [action] : []));
  return {
    draft: { ...closed(draft, progress.draft, setting), status: step.toStatus, statusChangedAt: setting.now },
    transitions: step.name === undefined ? progress.transitions : [...progress.transitions, step.name],
    automaticSteps: progress.automaticSteps,
    tasks,
    afterTasks: [...progress.afterTasks, ...afterTasks],
  };
}

/** What actions made of a draft, conforming to the schema and with the groups of its people. */
function closed(draft: Draft, before: Draft, setting: WorkflowSetting): Draft {
  const data = draft.data === before.data ? draft.data : requireConforming(draft.data, setting);
  const mode = setting.schema.definition.groupSyncMode;
  const isMoved = syncingUsers(draft, mode).length !== syncingUsers(before, mode).length;
  return isMoved ? withPeopleOf({ ...draft, data }, before, setting) : { ...draft, data };
}

function findAutomatic(draft: Draft, { schema, checks, document }: WorkflowSetting): Transition | undefined {
  const view = conditionView(document, draft);
  return schema.definition.transitions.find(
    ({ id, type, fromStatuses }) =>
      type === 'automatic' &&
      fromStatuses.includes(draft.status) &&
      meetsDocumentConditions(checks.transitions.get(id) ?? { input: [] }, view),
  );
}

function endlessChain({ name }: Transition): AppError {
  return new AppError(
    'ILLEGAL_STATE',
    `The schema has automatic transitions without end: after ${mostAutomaticSteps} steps ${name} would follow.`,
    { code: 27, transition: name },
  );
}
