// A thread with a planner in it, seen from outside: asked one thing at a time, and ended where that takes too long, which
// interrupts whatever it does, even inside a regular expression.
import { Worker } from 'node:worker_threads';
import { patience } from '../../platform/bounded-run.ts';
import type { ErrorCode } from '../../platform/errors.ts';
import { AppError } from '../../platform/errors.ts';
import type { PlannedOperation, PlanRequest } from './planner.ts';
import { tooLongToPlan } from './planner.ts';
import type { PlannerLimits } from './planning-model.ts';
import { createProcessorClock } from './processor-clock.ts';

/** What a planner is built of. */
export interface PlannerParts {
  readonly supergraphSdl: string;
  readonly limits: PlannerLimits;
}

/** What the thread is told, first of all a planner's parts. */
export type ThreadQuestion = PlannerParts | PlanRequest;

/** What the thread says to each. */
export type ThreadAnswer =
  | { readonly isBuilt: true }
  | { readonly planned: PlannedOperation }
  | { readonly refusal: { readonly code: ErrorCode; readonly message: string } }
  | { readonly failure: { readonly name: string; readonly message: string; readonly stack?: string | undefined } };

export interface PlanningThread {
  /** Once, before anything is planned. */
  build(parts: PlannerParts): Promise<void>;
  /** One at a time. After it has rejected, look whether the thread has ended. */
  plan(request: PlanRequest, milliseconds: number): Promise<PlannedOperation>;
  readonly hasEnded: boolean;
  end(): Promise<void>;
}

/** An operation that needs more than this of memory to be planned would otherwise end the whole process. */
const resourceLimits = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 16 };

export function startPlanningThread(script: string): PlanningThread {
  const worker = new Worker(script, { resourceLimits });
  // It keeps the process alive while somebody waits, and not longer.
  worker.unref();
  /** Why it has ended. */
  let ended: { readonly cause: unknown } | undefined;
  let settle: { resolve(answer: ThreadAnswer): void; reject(error: unknown): void } | undefined;
  const ask = (question: ThreadQuestion) => {
    if (ended !== undefined) return Promise.reject(ended.cause);
    worker.ref();
    worker.postMessage(question);
    return new Promise<ThreadAnswer>((resolve, reject) => {
      settle = { resolve, reject };
    }).finally(() => {
      settle = undefined;
      worker.unref();
    });
  };
  const fail = (error: unknown) => {
    ended ??= { cause: error };
    settle?.reject(error);
  };
  worker.on('message', (answer: ThreadAnswer) => settle?.resolve(answer));
  worker.on('error', (error: NodeJS.ErrnoException) => {
    const isTooLarge = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    fail(isTooLarge ? tooLarge('It takes too much memory to plan the operation.', error) : error);
  });
  worker.on('exit', () => void end());

  async function end(): Promise<void> {
    fail(new Error('The thread that plans has ended.'));
    await worker.terminate();
  }

  return {
    get hasEnded() {
      return ended !== undefined;
    },
    build: (parts) => ask(parts).then(toBuilt),
    async plan(request, milliseconds) {
      const stop = watch(milliseconds, () => {
        fail(tooLarge(tooLongToPlan));
        void end();
      });
      return ask(request).finally(stop).then(toPlanned);
    },
    end,
  };
}

/** Calls `over` when the thread has used up its time of the processor, or has had enough of the clock's. */
function watch(milliseconds: number, over: () => void): () => void {
  const used = createProcessorClock();
  const begin = performance.now();
  let timer = setTimeout(look, milliseconds);
  function look(): void {
    const left = Math.min(milliseconds - used(), patience * milliseconds - (performance.now() - begin));
    if (left <= 0) over();
    else timer = setTimeout(look, Math.max(1, left));
  }
  return () => clearTimeout(timer);
}

function tooLarge(message: string, cause?: unknown): AppError {
  return new AppError('OPERATION_TOO_LARGE', message, { field: 'query' }, { cause });
}

function toBuilt(answer: ThreadAnswer): void {
  if (!('isBuilt' in answer)) throw errorOf(answer);
}

function toPlanned(answer: ThreadAnswer): PlannedOperation {
  if ('planned' in answer) return answer.planned;
  throw errorOf(answer);
}

function errorOf(answer: ThreadAnswer): Error {
  if ('refusal' in answer) return new AppError(answer.refusal.code, answer.refusal.message);
  const facts =
    'failure' in answer ? answer.failure : { message: 'The thread that plans has answered something else.' };
  return Object.assign(new Error(), facts);
}
