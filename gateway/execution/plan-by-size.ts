// Plans small operations where they are asked for, since that takes some milliseconds, and larger ones in a thread of their
// own, since they would hold up everybody else. The thread starts when it is needed first.
import { planApart } from './plan-apart.ts';
import { planHere } from './plan-here.ts';
import type { CreatePlanner, OperationPlanner } from './planner.ts';

/** Selections of an operation that counts as small: more than a screen shows. */
const mostHere = 250;

export const planBySize: CreatePlanner = (supergraphSdl, budget, supergraph) => {
  const here = planHere(supergraphSdl, budget, supergraph);
  let apart: OperationPlanner | undefined;
  return {
    plan(request) {
      if (request.selections <= mostHere) return here.plan(request);
      apart ??= planApart(supergraphSdl, budget);
      return apart.plan(request);
    },
    async close() {
      await Promise.all([here.close(), apart?.close()]);
    },
  };
};
