// What operations are planned by, and what they are shaped by: the supergraph as Apollo's libraries know it. Building
// either takes a moment of the processor, for a large supergraph several tenths of a second.
import type { Schema } from '@apollo/federation-internals';
import { Supergraph } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';

export interface PlanningModel {
  readonly apiSchema: Schema;
  readonly planner: QueryPlanner;
}

export interface PlannerLimits {
  /** Of several ways to get what is asked for, so many are compared. */
  readonly evaluatedPlans: number;
  /** Ways to a single field; an operation with more of them is refused. */
  readonly paths: number;
}

/** Of a supergraph that is known to be valid: whoever serves it has built the model of its answers. */
export function buildPlanningModel(given: string | Supergraph, limits: PlannerLimits): PlanningModel {
  const supergraph = typeof given === 'string' ? Supergraph.build(given, { validateSupergraph: false }) : given;
  const debug = { maxEvaluatedPlans: limits.evaluatedPlans, pathsLimit: limits.paths };
  return { apiSchema: supergraph.apiSchema(), planner: new QueryPlanner(supergraph, { debug }) };
}

/** What operations are validated against, run and shaped by. */
export interface AnswerModel {
  readonly supergraph: Supergraph;
  /** What clients see. */
  readonly apiSchema: Schema;
  /** The whole supergraph, with what clients cannot see. */
  readonly supergraphSchema: Schema;
}

/** Throws where the supergraph is not valid. */
export function buildAnswerModel(supergraphSdl: string): AnswerModel {
  const supergraph = Supergraph.build(supergraphSdl);
  return { supergraph, apiSchema: supergraph.apiSchema(), supergraphSchema: supergraph.schema };
}
