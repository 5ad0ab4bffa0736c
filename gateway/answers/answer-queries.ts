// Answers queries by what others of the same rights have just been answered, as far as that is asked for: from what is
// kept, or together with others who ask the same at the same moment. Everything else is run as it comes.
import { BoundedCache } from '../../platform/bounded-cache.ts';
import type { Clock } from '../../platform/clock.ts';
import { isSignedIn } from '../../platform/identity/identity.ts';
import type { Answer } from '../execution/executor.ts';
import type { GatewayContext } from '../gateway-context.ts';
import type { ReadOperation } from '../protection/read-operation.ts';
import type { AnswerMetrics } from './answer-metrics.ts';
import { type AnswerOperation, isWhole } from './answer-query.ts';
import type { CachePolicy } from './cache-policy.ts';
import type { ChangesHere } from './changes-here.ts';
import type { ResponseCache } from './response-cache.ts';
import type { Outcome, RunQuery } from './run-query.ts';
import { runForClass, runForSelf } from './run-query.ts';
import type { ShareRuns } from './share-runs.ts';
import type { SupergraphAnswers } from './supergraph-answers.ts';
import { viewerKeys } from './viewer-keys.ts';

export interface AnswerQueriesParts {
  readonly answer: AnswerOperation;
  /** Undefined: nothing is kept. */
  readonly cache: ResponseCache | undefined;
  /** Undefined: each query is run by itself. */
  readonly sharing: ShareRuns<Outcome> | undefined;
  readonly supergraphs: SupergraphAnswers;
  readonly changes: ChangesHere;
  readonly metrics: AnswerMetrics;
  readonly clock: Clock;
}

/** Documents, by class, of which is remembered that their answers are personal. */
const mostPersonal = 10_000;

export function answerQueries(parts: AnswerQueriesParts): AnswerOperation {
  const { answer, cache, sharing, supergraphs, changes, metrics, clock } = parts;
  const asClass = runForClass(answer);
  const asSelf = runForSelf(answer);
  const personal = new BoundedCache<string, true>(mostPersonal);

  async function answerQuery(operation: ReadOperation, context: GatewayContext): Promise<Answer> {
    const policy = cache === undefined ? undefined : cacheable(supergraphs.policyOf(operation));
    if (policy === undefined && sharing === undefined) return answer(operation, context);
    const { identity } = context.caller;
    const viewer = viewerKeys(context.caller, clock());
    const isAlone = policy?.isPrivate === true;
    if (viewer.isChanging || (isAlone && !isSignedIn(identity))) {
      if (policy !== undefined) metrics.cached('bypass');
      return answer(operation, context);
    }
    const names = supergraphs.namesOf(operation);
    const ofClass = `${names.operation} ${viewer.class}`;
    const ofSelf = `${names.operation} ${viewer.self}`;
    const personalName = `${names.document} ${viewer.class}`;
    const forClass = !isAlone && personal.get(personalName) === undefined;

    if (cache !== undefined && policy !== undefined) {
      const found = await cache.find(forClass ? [ofClass, ofSelf] : [ofSelf], identity.userId);
      metrics.cached(typeof found === 'string' ? found : 'hit');
      if (typeof found !== 'string') return found.answer;
    }
    const isGood = ({ answer: given, isPersonal, notFor }: Outcome) =>
      isWhole(given) && !isPersonal && !notFor.has(identity.userId ?? '');
    const run = async (name: string, query: RunQuery): Promise<Outcome | undefined> => {
      const running = (signal: AbortSignal | undefined) => runAndKeep(name, query, signal);
      if (sharing === undefined) return running(context.signal);
      const shared = await sharing.run(name, context.signal, running, isGood);
      if (shared?.isJoined === true) metrics.shared();
      return shared?.outcome;
    };
    const runAndKeep = async (name: string, query: RunQuery, signal: AbortSignal | undefined): Promise<Outcome> => {
      const before = cache?.before();
      const outcome = await query(operation, context, signal);
      const isForOthers = isWhole(outcome.answer) && !outcome.isPersonal;
      if (policy !== undefined && before !== undefined && isForOthers) cache?.keep(name, outcome, before, policy);
      return outcome;
    };

    if (forClass) {
      const outcome = await run(ofClass, asClass);
      if (outcome?.isPersonal === true && isWhole(outcome.answer)) personal.set(personalName, true);
      const isOwn = outcome?.isPersonal === false && !outcome.notFor.has(identity.userId ?? '');
      if (outcome !== undefined && isOwn) return outcome.answer;
    }
    const own = (await run(ofSelf, asSelf)) ?? (await runAndKeep(ofSelf, asSelf, context.signal));
    return own.answer;
  }

  return async (operation, context) => {
    if (operation.operation.operation === 'query') return answerQuery(operation, context);
    try {
      return await answer(operation, context);
    } finally {
      changes.note();
    }
  };
}

function cacheable(policy: CachePolicy): CachePolicy | undefined {
  return policy.maxAge > 0 ? policy : undefined;
}
