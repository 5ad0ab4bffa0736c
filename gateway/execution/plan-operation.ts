// Plans operations within a budget of size and time, and tells when a plan leaves out a part of what was asked for.
import type { Operation, Schema } from '@apollo/federation-internals';
import { operationFromDocument } from '@apollo/federation-internals';
import type { QueryPlan } from '@apollo/query-planner';
import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { createBoundedRun, type Outcome } from '../../platform/bounded-run.ts';
import { AppError } from '../../platform/errors.ts';
import type { LeftOut } from './find-left-out.ts';
import { findLeftOut } from './find-left-out.ts';
import { countSelections } from './operation-size.ts';
import type { PlanningModel } from './planning-model.ts';
import { withoutIntrospection } from './without-introspection.ts';

export interface PlanningBudget {
  /** Selections of an operation, with fragments counted where they are used. */
  readonly selections: number;
  readonly milliseconds: number;
  readonly evaluatedPlans: number;
  readonly paths: number;
}

/** Generous for operations of people and programs; an operation of the size of a screen is planned in some milliseconds. */
export const defaultBudget: PlanningBudget = {
  selections: 10_000,
  milliseconds: 2_000,
  evaluatedPlans: 1_000,
  paths: 1_000,
};

export interface Planned {
  readonly operation: Operation;
  readonly apiSchema: Schema;
  readonly plan: QueryPlan;
  /** What of the operation has no place in the plan. */
  readonly leftOut: LeftOut | undefined;
}

export interface OperationPlanner {
  /** Throws OPERATION_TOO_LARGE beyond the budget. */
  plan(document: DocumentNode, definition: OperationDefinitionNode, operationName: string | undefined): Planned;
  /** Refuses with BAD_REQUEST where something is left out of the plan. */
  requireComplete(planned: Planned): void;
}

/** `build` is called again when the planner was interrupted: nobody knows what it has left half done. */
export function createOperationPlanner(
  first: PlanningModel,
  build: () => PlanningModel,
  budget: PlanningBudget,
): OperationPlanner {
  const run = createBoundedRun(budget.milliseconds);
  let model: PlanningModel | undefined = first;

  function plan(
    document: DocumentNode,
    definition: OperationDefinitionNode,
    operationName: string | undefined,
  ): Planned {
    const selections = countSelections(document, definition);
    if (selections > budget.selections) {
      throw new AppError('OPERATION_TOO_LARGE', `The operation selects ${selections} fields and fragments.`, {
        field: 'query',
        most: budget.selections,
      });
    }
    let outcome: Outcome<Omit<Planned, 'leftOut'>>;
    try {
      outcome = run(() => {
        const current = model ?? build();
        // Where it is stopped in the middle, nothing below is done any more: then the planner is built anew, also for a
        // second try on a busy machine.
        model = undefined;
        try {
          return planWith(current, document, operationName);
        } finally {
          model = current;
        }
      });
    } catch (error) {
      if (!isBeyondLimits(error)) throw error;
      throw new AppError('OPERATION_TOO_LARGE', 'There are too many ways to answer the operation.', undefined, {
        cause: error,
      });
    }
    if ('timedOut' in outcome) {
      throw new AppError('OPERATION_TOO_LARGE', 'It takes too long to plan the operation.', {
        field: 'query',
      });
    }
    const { operation, plan } = outcome.value;
    return { ...outcome.value, leftOut: findLeftOut(operation, plan) };
  }

  return { plan, requireComplete };
}

function planWith(
  { apiSchema, planner }: PlanningModel,
  document: DocumentNode,
  operationName: string | undefined,
): Omit<Planned, 'leftOut'> {
  const options = operationName ? { operationName } : {};
  const operation = operationFromDocument(apiSchema, document, options);
  const fetched = withoutIntrospection(document);
  const asked = fetched === document ? operation : operationFromDocument(apiSchema, fetched, options);
  return { operation, apiSchema, plan: planner.buildQueryPlan(asked) };
}

function requireComplete({ leftOut }: Planned): void {
  if (leftOut === undefined) return;
  const { coordinate, path } = leftOut;
  const message = `${coordinate} cannot be fetched at ${path}: no way leads there to a service that has it.`;
  throw new AppError('BAD_REQUEST', message, { field: coordinate });
}

const beyondLimits = /^(Number of non-local selections exceeds|Too many options generated|Exceeded maximum recursive)/;

/** The planner has words for it, but no code. */
function isBeyondLimits(error: unknown): boolean {
  return error instanceof Error && beyondLimits.test(error.message);
}
