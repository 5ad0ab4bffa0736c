// Who plans operations: what is asked of it and what it answers, the same whether it works in a thread of its own
// (plan-apart.ts) or where it is asked (plan-here.ts).
import type { Supergraph } from '@apollo/federation-internals';
import type { QueryPlan } from '@apollo/query-planner';
import type { LeftOut } from './find-left-out.ts';
import type { PlannerLimits } from './planning-model.ts';
import type { Conditions } from './response-fields.ts';

export interface PlanningBudget extends PlannerLimits {
  /** Selections of an operation, with fragments counted where they are used. */
  readonly selections: number;
  /** Of the processor. */
  readonly milliseconds: number;
}

/** Generous for operations of people and programs; an operation of the size of a screen is planned in some milliseconds. */
export const defaultBudget: PlanningBudget = {
  selections: 10_000,
  milliseconds: 2_000,
  evaluatedPlans: 1_000,
  paths: 1_000,
};

/** An operation to plan. It goes from one thread to another. */
export interface PlanRequest {
  readonly source: string;
  readonly operationName: string | undefined;
  /** Where they are decided already: the plan is for this case alone. */
  readonly conditions?: Conditions | undefined;
  /** How many it has, with fragments counted where they are used. */
  readonly selections: number;
}

/** Plain data. */
export interface PlannedOperation {
  readonly node: QueryPlan['node'];
  /** What of the operation has no place in the plan. */
  readonly leftOut: LeftOut | undefined;
}

export interface OperationPlanner {
  /** OPERATION_TOO_LARGE beyond the budget, SERVICE_UNAVAILABLE where too many operations wait; thrown, or rejected with. */
  plan(request: PlanRequest): PlannedOperation | Promise<PlannedOperation>;
  /** Gives back what the planner holds, as soon as nobody waits for a plan. */
  close(): Promise<void>;
}

/** `supergraph`: the same as the SDL, where somebody has built it already. */
export type CreatePlanner = (
  supergraphSdl: string,
  budget: PlanningBudget,
  supergraph?: Supergraph,
) => OperationPlanner;

export const tooLongToPlan = 'It takes too long to plan the operation.';
