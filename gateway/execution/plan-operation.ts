// Plans operations within a budget of size and time, and refuses those whose plan would leave out a part of them.
import type { Operation, Schema } from '@apollo/federation-internals';
import { operationFromDocument } from '@apollo/federation-internals';
import type { QueryPlan } from '@apollo/query-planner';
import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { AppError } from '../../platform/errors.ts';
import { findLeftOut } from './find-left-out.ts';
import type { Outcome } from './interrupt.ts';
import { createInterruptibleRun } from './interrupt.ts';
import { countSelections } from './operation-size.ts';
import type { PlanningModel } from './planning-model.ts';

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
}

export type PlanOperation = (
  document: DocumentNode,
  definition: OperationDefinitionNode,
  operationName: string | undefined,
) => Planned;

/**
 * Throws OPERATION_TOO_LARGE beyond the budget, BAD_REQUEST where a field cannot be fetched. `build` is called again when
 * the planner was interrupted: nobody knows what it has left half done.
 */
export function createPlanOperation(
  first: PlanningModel,
  build: () => PlanningModel,
  budget: PlanningBudget,
): PlanOperation {
  const run = createInterruptibleRun(budget.milliseconds);
  let model: PlanningModel | undefined = first;

  return (document, definition, operationName) => {
    const selections = countSelections(document, definition);
    if (selections > budget.selections) {
      throw new AppError('OPERATION_TOO_LARGE', `The operation selects ${selections} fields and fragments.`, {
        field: 'query',
        most: budget.selections,
      });
    }
    model ??= build();
    const { apiSchema, planner } = model;
    let outcome: Outcome<Planned>;
    try {
      outcome = run(() => {
        const operation = operationFromDocument(apiSchema, document, operationName ? { operationName } : {});
        return { operation, apiSchema, plan: planner.buildQueryPlan(operation) };
      });
    } catch (error) {
      if (!isBeyondLimits(error)) throw error;
      throw new AppError('OPERATION_TOO_LARGE', 'There are too many ways to answer the operation.', undefined, {
        cause: error,
      });
    }
    if ('isInterrupted' in outcome) {
      model = undefined;
      throw new AppError('OPERATION_TOO_LARGE', 'It takes too long to plan the operation.', {
        field: 'query',
        mostMilliseconds: budget.milliseconds,
      });
    }
    const leftOut = findLeftOut(outcome.value.operation, outcome.value.plan);
    if (leftOut !== undefined) {
      const message = `${leftOut.coordinate} cannot be fetched at ${leftOut.path}: no service that has it can be reached from there.`;
      throw new AppError('BAD_REQUEST', message, { field: leftOut.coordinate });
    }
    return outcome.value;
  };
}

/** The planner has words for it, but no code. */
function isBeyondLimits(error: unknown): boolean {
  return error instanceof Error && /exceed|too many|limit/i.test(error.message);
}
