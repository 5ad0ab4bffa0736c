// Plans in a thread of its own, one operation at a time, so that nobody whose operation is known waits for one that is
// not. A thread that was ended over an operation is started anew for those that wait behind it.
import { join } from 'node:path';
import { AppError } from '../../platform/errors.ts';
import { projectFolder } from '../../platform/project-folder.ts';
import type { OperationPlanner, PlannedOperation, PlanningBudget, PlanRequest } from './planner.ts';
import type { PlannerParts, PlanningThread } from './planning-thread.ts';
import { startPlanningThread } from './planning-thread.ts';

/** Some seconds of work: whoever comes then had better come again. */
const mostWaiting = 250;

interface Waiting {
  readonly request: PlanRequest;
  resolve(planned: PlannedOperation): void;
  reject(error: unknown): void;
}

/** `script`: what the thread runs, the planner of the compiled program unless told. */
export function planApart(
  supergraphSdl: string,
  budget: PlanningBudget,
  { script = compiledWorker() }: { readonly script?: string } = {},
): OperationPlanner {
  const { evaluatedPlans, paths, milliseconds } = budget;
  const parts = { supergraphSdl, limits: { evaluatedPlans, paths } };
  return new PlannerApart({ parts, milliseconds, script });
}

function compiledWorker(): string {
  return join(projectFolder(), 'dist', 'gateway', 'execution', 'planning-worker.js');
}

interface Planning {
  readonly parts: PlannerParts;
  readonly milliseconds: number;
  readonly script: string;
}

class PlannerApart implements OperationPlanner {
  readonly #planning: Planning;
  readonly #waiting: Waiting[] = [];
  #thread: PlanningThread;
  #built: Promise<void>;
  #working: Promise<void> | undefined;
  #isClosed = false;

  constructor(planning: Planning) {
    this.#planning = planning;
    this.#thread = startPlanningThread(planning.script);
    this.#built = this.#build();
  }

  plan(request: PlanRequest): Promise<PlannedOperation> {
    if (this.#waiting.length >= mostWaiting) {
      const message = 'Too many operations that were not asked for before wait to be planned.';
      return Promise.reject(new AppError('SERVICE_UNAVAILABLE', message, { retryAfterSeconds: 1 }));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      this.#working ??= this.#work();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#working;
    await this.#thread.end();
  }

  /** Until nobody waits. Also after it was closed, for an operation that began before. */
  async #work(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      try {
        if (this.#thread.hasEnded) {
          this.#thread = startPlanningThread(this.#planning.script);
          this.#built = this.#build();
        }
        await this.#built;
        next.resolve(await this.#thread.plan(next.request, this.#planning.milliseconds));
      } catch (error) {
        next.reject(error);
      }
    }
    this.#working = undefined;
    if (this.#isClosed) await this.#thread.end();
  }

  #build(): Promise<void> {
    const thread = this.#thread;
    const built = thread.build(this.#planning.parts).catch(async (error: unknown) => {
      await thread.end();
      throw error;
    });
    // Whoever asks for a plan is told.
    built.catch(() => undefined);
    return built;
  }
}
