// The thread that planning-thread.ts starts: builds the planner when it is told of what, then answers one request after the
// other.
import { parentPort } from 'node:worker_threads';
import { AppError, invariant } from '../../platform/errors.ts';
import { planOperation } from './plan-operation.ts';
import type { PlanRequest } from './planner.ts';
import type { PlanningModel } from './planning-model.ts';
import { buildPlanningModel } from './planning-model.ts';
import type { ThreadAnswer, ThreadQuestion } from './planning-thread.ts';

let model: PlanningModel | undefined;

function planned(request: PlanRequest): ThreadAnswer {
  invariant(model !== undefined, 'the planner is built before it is asked');
  return { planned: planOperation(model, request) };
}

function answer(question: ThreadQuestion): ThreadAnswer {
  try {
    if ('source' in question) return planned(question);
    model = buildPlanningModel(question.supergraphSdl, question.limits);
    return { isBuilt: true };
  } catch (error) {
    if (error instanceof AppError) return { refusal: { code: error.code, message: error.message } };
    const { name, message, stack } = error as Error;
    return { failure: { name, message, stack } };
  }
}

parentPort?.on('message', (question: ThreadQuestion) => parentPort?.postMessage(answer(question)));
