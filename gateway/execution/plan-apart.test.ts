import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeServices } from '@apollo/composition';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { AppError } from '../../platform/errors.ts';
import { library, media, shop } from '../../tests/support/made-up-supergraphs.ts';
import { makeUpOperation } from '../../tests/support/random-operation.ts';
import { createExecutor } from './executor.ts';
import { planApart } from './plan-apart.ts';
import { planHere } from './plan-here.ts';
import type { OperationPlanner } from './planner.ts';
import { defaultBudget } from './planner.ts';

const folder = mkdtempSync(join(tmpdir(), 'plan-apart-'));
const script = join(folder, 'planner.mjs');
afterAll(() => rmSync(folder, { recursive: true }));

/** A planner that says which thread it is in, and is caught by one operation in a regular expression that never ends. */
writeFileSync(
  script,
  `import { parentPort, threadId } from 'node:worker_threads';
  parentPort.on('message', (question) => {
    if ('supergraphSdl' in question) return parentPort.postMessage({ isBuilt: true });
    if (question.source === 'hang') /^(a+)+$/.test('a'.repeat(60) + 'b');
    if (question.source === 'grow') for (const all = []; ; ) all.push(new Array(1_000).fill(0.5));
    if (question.source === 'fail') return parentPort.postMessage({ failure: { name: 'TypeError', message: 'no' } });
    parentPort.postMessage({ planned: { leftOut: { coordinate: question.source, path: String(threadId) } } });
  });`,
);

const open: OperationPlanner[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((planner) => planner.close()));
});

function planner(milliseconds = 300): OperationPlanner {
  const one = planApart('', { ...defaultBudget, milliseconds }, { script });
  open.push(one);
  return one;
}

const request = (source: string) => ({ source, operationName: undefined, selections: 1 });
const threadOf = async (planning: ReturnType<OperationPlanner['plan']>) => (await planning).leftOut?.path;

test('what never ends is ended, nobody else waits for it, and what stands behind it is planned by another thread', async () => {
  const apart = planner();
  const first = await threadOf(apart.plan(request('a')));
  let longestPause = 0;
  let last = performance.now();
  const beat = setInterval(() => {
    longestPause = Math.max(longestPause, performance.now() - last);
    last = performance.now();
  }, 5);
  const hanging = apart.plan(request('hang'));
  const behind = ['b', 'c'].map((source) => threadOf(apart.plan(request(source))));
  await expect(hanging).rejects.toMatchObject({ code: 'OPERATION_TOO_LARGE' });
  const [second, third] = await Promise.all(behind);
  clearInterval(beat);
  expect(second).not.toBe(first);
  expect(third).toBe(second);
  // It hangs for as long as its budget at least.
  expect(longestPause).toBeLessThan(200);
});

test('what needs too much memory is refused, and the process goes on', async () => {
  const apart = planner(60_000);
  await expect(apart.plan(request('grow'))).rejects.toMatchObject({ code: 'OPERATION_TOO_LARGE' });
  expect(await threadOf(apart.plan(request('a')))).toBeDefined();
});

test('what the planner throws is thrown, and its thread goes on', async () => {
  const apart = planner();
  const before = await threadOf(apart.plan(request('a')));
  await expect(apart.plan(request('fail'))).rejects.toMatchObject({ name: 'TypeError', message: 'no' });
  expect(await threadOf(apart.plan(request('b')))).toBe(before);
});

test('a bounded number of operations waits; others are told to come again', async () => {
  const apart = planner();
  const planning = Array.from({ length: 300 }, (_, n) => apart.plan(request(`${n}`)));
  const outcomes = await Promise.allSettled(planning);
  const refused = outcomes.filter((one) => one.status === 'rejected');
  // One is being planned, and 250 wait.
  expect(refused).toHaveLength(49);
  expect(refused[0]?.reason).toMatchObject({ code: 'SERVICE_UNAVAILABLE', details: { retryAfterSeconds: 1 } });
  expect(outcomes[299]).toBe(refused[48]);
  expect((await apart.plan(request('later'))).leftOut?.coordinate).toBe('later');
});

test('one that was closed still plans what began before', async () => {
  const apart = planner();
  const waiting = apart.plan(request('a'));
  const closing = apart.close();
  expect((await waiting).leftOut?.coordinate).toBe('a');
  await closing;
  expect((await apart.plan(request('b'))).leftOut?.coordinate).toBe('b');
});

test('a planner that cannot be built says so to whoever waits for it', async () => {
  const apart = planApart('type', defaultBudget);
  open.push(apart);
  await expect(apart.plan(request('{ b }'))).rejects.toThrow('Syntax Error');
  await expect(apart.plan(request('{ a }'))).rejects.toThrow('Syntax Error');
});

test.each([
  { name: 'a shop', subgraphs: shop },
  { name: 'a library', subgraphs: library },
  { name: 'media', subgraphs: media },
])('plans of $name are the same from another thread', async ({ subgraphs }) => {
  const typeDefs = subgraphs.map(({ name, sdl }) => ({ name, url: `test://${name}`, typeDefs: parse(sdl) }));
  const supergraphSdl = composeServices(typeDefs).supergraphSdl ?? '';
  const budget = { ...defaultBudget, milliseconds: 400 };
  const apart = planApart(supergraphSdl, budget);
  open.push(apart);
  const here = planHere(supergraphSdl, budget);
  const { schema } = createExecutor({ supergraphSdl, dataSources: {}, planner: () => here });
  let compared = 0;
  for (let seed = 1; seed <= 40; seed += 1) {
    const operation = makeUpOperation(schema, seed, { root: 'query', depth: 2, width: 3 });
    if (operation === undefined) continue;
    const conditions = new Map(Object.entries(operation.variables).filter(([, value]) => typeof value === 'boolean'));
    for (const decided of [undefined, conditions as ReadonlyMap<string, boolean>]) {
      const asked = { ...request(operation.source), conditions: decided };
      const outcome = async (one: OperationPlanner) => {
        try {
          return await one.plan(asked);
        } catch (error) {
          return error as Error;
        }
      };
      const [theirs, ours] = [await outcome(here), await outcome(apart)];
      // How much time the one has left where the other has none is nobody's business.
      if ([theirs, ours].some((one) => one instanceof AppError && one.code === 'OPERATION_TOO_LARGE')) continue;
      const text = (one: typeof ours) => (one instanceof Error ? one.message : JSON.stringify(one));
      expect({ operation, plan: text(ours) }).toEqual({ operation, plan: text(theirs) });
      if (!(ours instanceof Error)) expect(ours).toEqual(theirs);
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(40);
});
