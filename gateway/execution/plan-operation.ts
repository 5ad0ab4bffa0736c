// Plans one operation with Apollo's planner, and tells when the plan leaves out a part of what was asked for.
import { operationFromDocument } from '@apollo/federation-internals';
import { parse } from 'graphql';
import { AppError } from '../../platform/errors.ts';
import { decideConditions } from './decide-conditions.ts';
import { findLeftOut } from './find-left-out.ts';
import type { PlannedOperation, PlanRequest } from './planner.ts';
import type { PlanningModel } from './planning-model.ts';
import { withoutIntrospection } from './without-introspection.ts';

/** Throws OPERATION_TOO_LARGE where there are too many ways to answer the operation. */
export function planOperation(
  { apiSchema, planner }: PlanningModel,
  { source, operationName, conditions }: PlanRequest,
): PlannedOperation {
  const written = parse(source);
  const document = conditions === undefined ? written : decideConditions(written, conditions);
  const options = operationName ? { operationName } : {};
  const operation = operationFromDocument(apiSchema, document, options);
  const fetched = withoutIntrospection(document);
  const asked = fetched === document ? operation : operationFromDocument(apiSchema, fetched, options);
  try {
    const plan = planner.buildQueryPlan(asked);
    return { node: plan.node, leftOut: findLeftOut(operation, plan) };
  } catch (error) {
    if (!isBeyondLimits(error)) throw error;
    throw new AppError('OPERATION_TOO_LARGE', 'There are too many ways to answer the operation.', undefined, {
      cause: error,
    });
  }
}

const beyondLimits = /^(Number of non-local selections exceeds|Too many options generated|Exceeded maximum recursive)/;

/** The planner has words for it, but no code. */
function isBeyondLimits(error: unknown): boolean {
  return error instanceof Error && beyondLimits.test(error.message);
}
