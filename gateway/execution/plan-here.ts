// Plans in the thread that asks, which does nothing else meanwhile.
import type { Supergraph } from '@apollo/federation-internals';
import { createBoundedRun } from '../../platform/bounded-run.ts';
import { AppError } from '../../platform/errors.ts';
import { planOperation } from './plan-operation.ts';
import type { OperationPlanner, PlanningBudget } from './planner.ts';
import { tooLongToPlan } from './planner.ts';
import { buildPlanningModel, type PlanningModel } from './planning-model.ts';

export function planHere(supergraphSdl: string, budget: PlanningBudget, supergraph?: Supergraph): OperationPlanner {
  const run = createBoundedRun(budget.milliseconds);
  const build = () => buildPlanningModel(supergraphSdl, budget);
  let model: PlanningModel | undefined = buildPlanningModel(supergraph ?? supergraphSdl, budget);
  return {
    plan(request) {
      const outcome = run(() => {
        const current = model ?? build();
        // Where it is stopped in the middle, nothing below is done any more: nobody knows what it has left half done, and
        // the planner is built anew, also for a second try on a busy machine.
        model = undefined;
        try {
          return planOperation(current, request);
        } finally {
          model = current;
        }
      });
      if ('timedOut' in outcome) throw new AppError('OPERATION_TOO_LARGE', tooLongToPlan, { field: 'query' });
      return outcome.value;
    },
    close: async () => undefined,
  };
}
