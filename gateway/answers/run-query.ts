// Runs a query for all who have the rights of its viewer, or for its viewer alone, and says for whom its answer holds.
import { accessClassOf } from '../../platform/identity/access-class.ts';
import type { Caller } from '../../platform/identity/identity.ts';
import type { Answer } from '../execution/executor.ts';
import type { GatewayContext } from '../gateway-context.ts';
import type { ReadOperation } from '../protection/read-operation.ts';
import type { AnswerOperation } from './answer-query.ts';

export interface Outcome {
  readonly answer: Answer;
  /** It depends on who of the class asks: nobody can be given it. */
  readonly isPersonal: boolean;
  /** For all but these it holds. */
  readonly notFor: ReadonlySet<string>;
  /** The services that were asked. */
  readonly asked: ReadonlySet<string>;
}

export type RunQuery = (
  operation: ReadOperation,
  context: GatewayContext,
  signal: AbortSignal | undefined,
) => Promise<Outcome>;

/** Any member of the viewer's access class asks: what compares or reads the own id is noted. */
export function runForClass(answer: AnswerOperation): RunQuery {
  return async (operation, context, signal) => {
    const { caller, tracking } = accessClassOf(context.caller.identity).member();
    const run = await runAs(answer, operation, { ...context, caller }, signal);
    const { personal, comparedWith } = tracking();
    return { ...run, isPersonal: personal, notFor: new Set(comparedWith) };
  };
}

export function runForSelf(answer: AnswerOperation): RunQuery {
  return async (operation, context, signal) => {
    const run = await runAs(answer, operation, context, signal);
    return { ...run, isPersonal: false, notFor: new Set() };
  };
}

async function runAs(
  answer: AnswerOperation,
  operation: ReadOperation,
  { caller, requestId }: GatewayContext & { readonly caller: Caller },
  signal: AbortSignal | undefined,
): Promise<Pick<Outcome, 'answer' | 'asked'>> {
  const asked = new Set<string>();
  const context: GatewayContext = { caller, requestId, asked, ...(signal === undefined ? {} : { signal }) };
  return { answer: await answer(operation, context), asked };
}
