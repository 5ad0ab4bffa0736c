// For whom an answer is kept or shared, by what its execution has looked at.
import { beforeEach, describe, expect, test } from '@jest/globals';
import { buildSchema, GraphQLError } from 'graphql';
import { type Caller, type IdentityData, identityFrom } from '../../platform/identity/identity.ts';
import type { Answer } from '../execution/executor.ts';
import { PreparedData } from '../execution/prepared-data.ts';
import type { GatewayContext } from '../gateway-context.ts';
import { readKnownOperation } from '../protection/read-operation.ts';
import { answerQueries } from './answer-queries.ts';
import type { AnswerOperation } from './answer-query.ts';
import { countChanges } from './changes-here.ts';
import type { Sight } from './log-watch.ts';
import { createMemoryStore } from './memory-store.ts';
import { createResponseCache } from './response-cache.ts';
import { shareRuns } from './share-runs.ts';
import { createSupergraphAnswers } from './supergraph-answers.ts';

const sdl = `
  directive @cacheControl(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean) on FIELD_DEFINITION
  enum CacheControlScope { PUBLIC PRIVATE }
  type Query {
    plain(x: Int): Int @cacheControl(maxAge: 60)
    alone: Int @cacheControl(maxAge: 60, scope: PRIVATE)
    never: Int
  }
  type Mutation { write: Int }
`;
const schema = buildSchema(sdl);
const nurse = (userId: string, more: IdentityData = {}): Caller => ({
  identity: identityFrom({ userId, permissions: ['A'], ...more }),
  sessionId: `session of ${userId}`,
});
const nobody: Caller = { identity: identityFrom({}) };
const whole = (value: unknown): Answer => ({ data: new PreparedData(JSON.stringify(value)) });
const failed: Answer = { ...whole(null), errors: [new GraphQLError('no')] };

let executed: GatewayContext[];
/** What an execution does. */
let execute: (context: GatewayContext) => Answer | Promise<Answer>;
let sight: Sight | undefined;
let counted: string[];
let ask: (caller: Caller, query?: string, more?: Partial<GatewayContext>) => Promise<unknown>;

function open({ keeps = true, shares = false }: { readonly keeps?: boolean; readonly shares?: boolean }): void {
  const changes = countChanges();
  const answer: AnswerOperation = async (_operation, context) => {
    executed.push(context);
    context.asked?.add('s');
    return execute(context);
  };
  const store = createMemoryStore({ mostBytes: 1_000_000, now: () => 0 });
  const watch = { look: async () => sight, position: () => 1n };
  const queries = answerQueries({
    answer,
    cache: keeps ? createResponseCache({ store, watch, changes }) : undefined,
    sharing: shares ? shareRuns({ changes, now: () => 0 }) : undefined,
    supergraphs: createSupergraphAnswers({
      composedOf: () => ({ contracts: [{ name: 's', sdl }], supergraphSdl: sdl }),
    }),
    changes,
    metrics: { cached: (result) => counted.push(result), shared: () => counted.push('shared') },
    clock: Date.now,
  });
  ask = async (caller, query = '{ plain }', more = {}) => {
    const { data, errors } = await queries(readKnownOperation(query, {}, schema), { caller, requestId: 'r', ...more });
    return errors === undefined ? JSON.parse(data?.text ?? 'null') : 'failed';
  };
}

beforeEach(() => {
  [executed, counted] = [[], []];
  execute = () => whole(executed.length);
  sight = { isCurrent: () => true, hasSeenOwnChanges: () => true };
  open({});
});

describe('an answer that is kept', () => {
  test('is given to those of the same rights', async () => {
    expect([await ask(nurse('ann')), await ask(nurse('ben'))]).toEqual([1, 1]);
    expect(await ask(nurse('cem', { permissions: ['A', 'B'] }))).toBe(2);
    expect([await ask(nobody), await ask(nobody)]).toEqual([3, 3]);
    expect(counted).toEqual(['miss', 'hit', 'miss', 'miss', 'hit']);
  });

  test('is of one text with its variables', async () => {
    expect([await ask(nurse('ann'), '{ plain(x: 1) }'), await ask(nurse('ann'), '{ plain(x: 2) }')]).toEqual([1, 2]);
  });

  test('is not given to those whose id was compared, who have one of their own', async () => {
    execute = ({ caller: { identity } }) => {
      if (identity.tracked !== undefined) identity.tracked.comparedWith(['ben']);
      return whole(identity.tracked === undefined ? identity.userId : 'others');
    };
    expect([await ask(nurse('ann')), await ask(nurse('ben')), await ask(nurse('cem'))]).toEqual([
      'others',
      'ben',
      'others',
    ]);
    expect([await ask(nurse('ben')), await ask(nurse('ann'))]).toEqual(['ben', 'others']);
    expect(counted.slice(-2)).toEqual(['hit', 'hit']);
  });

  test('is of one user and session where the id was read, which is remembered', async () => {
    execute = ({ caller }) => whole(`${caller.identity.userId}`.length > 10 ? 'a stand-in' : caller.identity.userId);
    expect([await ask(nurse('ann')), await ask(nurse('ben'))]).toEqual(['ann', 'ben']);
    expect(executed).toHaveLength(3);
    expect([await ask(nurse('ann')), await ask(nurse('ben'))]).toEqual(['ann', 'ben']);
    expect(counted).toEqual(['miss', 'miss', 'hit', 'hit']);
    await ask({ ...nurse('ann'), sessionId: 'another' });
    expect(counted.at(-1)).toBe('miss');
  });

  test('is of one session where the session was read', async () => {
    execute = ({ caller }) => whole(caller.sessionId);
    expect([await ask(nurse('ann')), await ask(nurse('ben'))]).toEqual(['session of ann', 'session of ben']);
  });

  test('is of one user where the contract says so, and of nobody who is not signed in', async () => {
    const alone = '{ alone }';
    expect([await ask(nurse('ann'), alone), await ask(nurse('ben'), alone), await ask(nurse('ann'), alone)]).toEqual([
      1, 2, 1,
    ]);
    expect([await ask(nobody, alone), await ask(nobody, alone)]).toEqual([3, 4]);
    expect(executed.every(({ caller }) => caller.identity.tracked === undefined)).toBe(true);
  });

  test('is none where something has failed', async () => {
    execute = () =>
      executed.length === 1 ? failed : executed.length === 2 ? { ...whole(2), faults: [{} as never] } : whole(3);
    expect([await ask(nurse('ann')), await ask(nurse('ann')), await ask(nurse('ann'))]).toEqual(['failed', 2, 3]);
    expect(counted).toEqual(['miss', 'miss', 'miss']);
  });

  test('is none of what has no hint, and nothing is counted', async () => {
    expect([await ask(nurse('ann'), '{ never }'), await ask(nurse('ann'), '{ never }')]).toEqual([1, 2]);
    expect(counted).toEqual([]);
  });

  test('is not given while too little is known of the log', async () => {
    await ask(nurse('ann'));
    sight = undefined;
    expect(await ask(nurse('ann'))).toBe(2);
    expect(counted).toEqual(['miss', 'bypass']);
  });

  test('is not given after a change here, until the log has told of it', async () => {
    await ask(nurse('ann'));
    sight = { isCurrent: () => true, hasSeenOwnChanges: () => false };
    expect(await ask(nurse('ann'))).toBe(1);
    await ask(nurse('ben'), 'mutation { write }');
    expect(await ask(nurse('ann'))).toBe(3);
    expect(await ask(nurse('ann'))).toBe(3);
  });

  test('is none while an enlistment is about to end', async () => {
    const patient = { patient: [{ groupId: 'g', expiresAt: Date.now() + 5_000 }] };
    expect([await ask(nurse('ann', patient)), await ask(nurse('ann', patient))]).toEqual([1, 2]);
    expect(counted).toEqual(['bypass', 'bypass']);
  });
});

describe('at the same time', () => {
  const [ann, ben] = [nurse('ann'), nurse('ben')];
  let release: (answer: Answer) => void;
  beforeEach(() => {
    open({ keeps: false, shares: true });
    execute = () =>
      new Promise((resolve) => {
        release = resolve;
      });
  });

  test('those of the same rights get one answer, also of what is not kept', async () => {
    const answers = [ask(ann, '{ never }'), ask(ben, '{ never }')];
    await new Promise(setImmediate);
    expect(executed).toHaveLength(1);
    release(whole('one'));
    expect(await Promise.all(answers)).toEqual(['one', 'one']);
    expect(counted).toEqual(['shared']);
  });

  test('those of other rights do not', async () => {
    execute = () => whole(executed.length);
    const answers = [ask(ann), ask(nurse('ben', { permissions: [] })), ask(nobody)];
    expect(await Promise.all(answers)).toEqual([1, 2, 3]);
  });

  test('mutations are each run', async () => {
    execute = () => whole(executed.length);
    expect(await Promise.all([ask(ann, 'mutation { write }'), ask(ann, 'mutation { write }')])).toEqual([1, 2]);
  });

  test('what is personal is run for each', async () => {
    execute = async ({ caller }) =>
      whole(caller.identity.tracked === undefined ? caller.identity.userId : caller.identity.userId === '');
    expect(await Promise.all([ask(ann), ask(ben), ask(ann)])).toEqual(['ann', 'ben', 'ann']);
    // Only one has asked twice.
    expect(counted).toEqual(['shared']);
  });

  test('what has failed is run by the others themselves', async () => {
    execute = async () => (executed.length === 1 ? failed : whole(executed.length));
    expect(await Promise.all([ask(ann), ask(ben)])).toEqual(['failed', 2]);
  });

  test('whoever began it may go away', async () => {
    const gone = new AbortController();
    const answers = [ask(ann, '{ plain }', { signal: gone.signal }), ask(ben)];
    await new Promise(setImmediate);
    gone.abort();
    expect(executed[0]?.signal?.aborted).toBe(false);
    release(whole('one'));
    expect((await Promise.all(answers))[1]).toBe('one');
  });
});
