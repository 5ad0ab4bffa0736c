// What operations are planned and shaped by: the supergraph as Apollo's planner knows it. Building takes a moment of the
// processor, for a large supergraph several tenths of a second.
import type { Schema } from '@apollo/federation-internals';
import { Supergraph } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';

export interface PlanningModel {
  readonly apiSchema: Schema;
  readonly planner: QueryPlanner;
  /** The whole supergraph, with what clients cannot see. */
  readonly supergraphSchema: GraphQLSchema;
}

export interface PlannerLimits {
  /** Of several ways to get what is asked for, so many are compared. */
  readonly evaluatedPlans: number;
  /** Ways to a single field; an operation with more of them is refused. */
  readonly paths: number;
}

export function buildPlanningModel(supergraphSdl: string, limits: PlannerLimits): PlanningModel {
  const supergraph = Supergraph.build(supergraphSdl);
  const debug = { maxEvaluatedPlans: limits.evaluatedPlans, pathsLimit: limits.paths };
  return {
    apiSchema: supergraph.apiSchema(),
    planner: new QueryPlanner(supergraph, { debug }),
    supergraphSchema: supergraph.schema.toGraphQLJSSchema(),
  };
}
