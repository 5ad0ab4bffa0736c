// How workflows begin: with a creation, with a manual transition, or with a change of the data. What is submitted is
// checked here; the engine (advance.ts) does the rest.
import { AppError } from '../../../platform/errors.ts';
import type { Viewer } from '../access.ts';
import type { JsonObject } from '../json/plain-json.ts';
import { dataFault } from '../schemas/schema-checks.ts';
import type { Transition } from '../schemas/transition-shape.ts';
import type { Progress, WorkflowSetting } from './advance.ts';
import { progressFrom, requireConforming, stepOf, synced } from './advance.ts';
import type { Draft } from './draft.ts';
import { conditionView } from './draft.ts';
import { findUnmetCondition, meetsDocumentConditions } from './unmet-condition.ts';

/** What is submitted with a creation or a transition, and by whom. */
export interface Submitted {
  readonly data: JsonObject;
  readonly initiator: Viewer;
}

/** The manual transition that is wanted: by name, or by id. */
export interface WantedTransition {
  readonly kind: 'name' | 'id';
  readonly value: string;
  /** Names the argument in refusals. */
  readonly field: string;
}

/** A new document with nothing in it; the rest comes from the creation transition. */
export function startCreation(empty: Draft, { data, initiator }: Submitted, setting: WorkflowSetting): Progress {
  const { creationTransition } = setting.schema.definition;
  const { conditions = [], actions = [], afterActions = [], toStatus } = creationTransition;
  const { facts, field, checks } = setting;
  const unmet = findUnmetCondition(conditions, checks.creation, { data, initiator, facts, field });
  if (unmet !== undefined) throw unmet;
  const draft = synced({ ...empty, data: requireConforming(data, setting), status: toStatus }, setting);
  return progressFrom(draft, { actions, afterActions, toStatus });
}

/**
 * The first of the wanted transitions that starts at the document's status and whose conditions hold, with the data
 * submitted. Conditions see the document as it was before. NOT_FOUND when the schema has no such manual transition,
 * BAD_USER_INPUT when none of them can run.
 */
export function startTransition(
  draft: Draft,
  wanted: WantedTransition,
  { submitted, setting }: { readonly submitted: Submitted; readonly setting: WorkflowSetting },
): Progress {
  const named = wantedTransitions(setting.schema.definition.transitions, wanted);
  if (named.length === 0) throw unknownTransition(wanted);
  const candidates = named.filter(({ fromStatuses }) => fromStatuses.includes(draft.status));
  const refusals: AppError[] = [];
  for (const transition of candidates) {
    const unmet = whatStops(transition, draft, { wanted, submitted, setting });
    if (unmet !== undefined) {
      refusals.push(unmet);
      continue;
    }
    const data = requireConforming(mergeData(draft.data, submitted.data), setting);
    return progressFrom({ ...draft, data }, stepOf(transition));
  }
  throw refusals[0] ?? dataFault(wanted.field, 'no such transition starts at the present status of the document.');
}

/** A document whose data somebody changed. */
export function startChange(draft: Draft, data: JsonObject, setting: WorkflowSetting): Progress {
  return progressFrom({ ...draft, data: requireConforming(data, setting) });
}

/** Keys given replace those stored, as a whole; null removes a key. */
export function mergeData(stored: JsonObject, changes: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries({ ...stored, ...changes }).filter(([key]) => changes[key] !== null));
}

/** The name of the manual transition that is wanted, as permissions for transitions spell it. */
export function nameOfWanted(transitions: readonly Transition[], wanted: WantedTransition): string | undefined {
  return wantedTransitions(transitions, wanted)[0]?.name;
}

function wantedTransitions(transitions: readonly Transition[], { kind, value }: WantedTransition): Transition[] {
  return transitions.filter((transition) => transition.type === 'manual' && transition[kind] === value);
}

function unknownTransition({ kind, field }: WantedTransition): AppError {
  const message = `${field}: the schema has no manual transition with this ${kind}.`;
  return new AppError('NOT_FOUND', message, { field, code: 16 });
}

interface Attempt {
  readonly wanted: WantedTransition;
  readonly submitted: Submitted;
  readonly setting: WorkflowSetting;
}

function whatStops(
  { id, conditions = [] }: Transition,
  draft: Draft,
  { wanted, submitted, setting }: Attempt,
): AppError | undefined {
  const { facts, field, checks, document } = setting;
  const compiled = checks.transitions.get(id) ?? { input: [] };
  // Says nothing about the document: who may move it on may not always see it.
  if (!meetsDocumentConditions(compiled, conditionView(document, draft))) {
    return dataFault(wanted.field, 'the document does not meet the conditions of this transition.');
  }
  return findUnmetCondition(conditions, compiled, { ...submitted, facts, field });
}
