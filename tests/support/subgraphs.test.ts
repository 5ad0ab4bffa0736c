// What tests rely on to run jobs and hand out events by themselves: in order, all of it, and only when they say so.
import { afterEach, expect, test } from '@jest/globals';
import type { EventHandlers, JsonObject } from '../../platform/events/event.ts';
import type { JobAttempt, JobHandlers } from '../../platform/jobs/job.ts';
import type { SubgraphDefinition } from '../../platform/subgraph/define-subgraph.ts';
import { events } from '../../subgraphs/events/index.ts';
import { startTestSubgraphs, type TestSubgraphs } from './subgraphs.ts';

let graph: TestSubgraphs | undefined;
afterEach(async () => {
  await graph?.close();
  graph = undefined;
});

/** The service `events`, with these jobs and handlers besides. */
async function startWith(jobs: JobHandlers, handlers: EventHandlers = {}, now = Date.now): Promise<TestSubgraphs> {
  const definition: SubgraphDefinition = {
    ...events,
    build: async (platform) => ({ ...(await events.build(platform)), jobs, handlers }),
  };
  graph = await startTestSubgraphs([definition], { now });
  return graph;
}

const enqueue = (job: string, data: JsonObject, startAfter?: Date) =>
  graph?.database
    .forService('events')
    .write(async (tx) => tx.enqueue({ job, data, ...(startAfter === undefined ? {} : { startAfter }) }));

const publish = (type: string, content: JsonObject) =>
  graph?.database.forService('events').write(async (tx) => tx.publish({ type, content }));

test('a job that fails throws to the test, and is still queued', async () => {
  const attempts: number[] = [];
  const run = async (_: JsonObject, { number }: JobAttempt) => {
    attempts.push(number);
    if (number === 1) throw new Error('not yet');
  };
  const { runJobs, jobs } = await startWith({ sendMail: { run } });
  await enqueue('sendMail', { to: 'somebody' });
  await expect(runJobs()).rejects.toThrow('not yet');
  expect(await jobs.queued()).toEqual([
    { service: 'events', job: 'sendMail', data: { to: 'somebody' }, startAfter: undefined },
  ]);
  expect(await runJobs()).toBe(1);
  expect(attempts).toEqual([1, 2]);
  expect(await jobs.queued()).toEqual([]);
});

test('jobs run in order, with those that they queue, and those of later when the clock of the test is there', async () => {
  let now = Date.UTC(2020, 0, 1);
  const done: unknown[] = [];
  const run = async ({ name }: JsonObject) => {
    done.push(name);
    if (name === 'second') await enqueue('sendMail', { name: 'fourth' });
  };
  const { runJobs, jobs } = await startWith({ sendMail: { run } }, {}, () => now);
  await enqueue('sendMail', { name: 'later' }, new Date(now + 60_000));
  for (const name of ['first', 'second', 'third']) await enqueue('sendMail', { name });
  expect(await runJobs()).toBe(4);
  expect(done).toEqual(['first', 'second', 'third', 'fourth']);
  expect(await jobs.queued()).toHaveLength(1);
  now += 60_000;
  expect(await runJobs()).toBe(1);
  expect(done.at(-1)).toBe('later');
});

test('a scheduled job runs when the test calls it', async () => {
  let sweeps = 0;
  const sweep = {
    cron: '0 3 * * *',
    run: async () => {
      sweeps += 1;
    },
  };
  const { jobs, runJobs } = await startWith({ sweep });
  expect(await runJobs()).toBe(0);
  await jobs.run('events', 'sweep');
  expect(sweeps).toBe(1);
  await expect(jobs.run('events', 'other')).rejects.toThrow('events has no job other');
});

test('a handler that fails throws to the test, and gets the same event the next time', async () => {
  const seen: unknown[] = [];
  const { deliverEvents } = await startWith(
    {},
    {
      changed: async ({ content }) => {
        seen.push(content.number);
        if (seen.length === 1) throw new Error('not yet');
      },
    },
  );
  await publish('changed', { number: 1 });
  await publish('changed', { number: 2 });
  await expect(deliverEvents()).rejects.toThrow('not yet');
  expect(await deliverEvents()).toBe(2);
  expect(seen).toEqual([1, 1, 2]);
});

test('events are handed out once, in order, with those that handlers publish', async () => {
  const seen: string[] = [];
  const { deliverEvents } = await startWith(
    {},
    {
      first: async () => {
        seen.push('first');
        await publish('second', {});
      },
      second: async () => {
        seen.push('second');
      },
    },
  );
  await publish('noise', {});
  await publish('first', {});
  expect(await deliverEvents()).toBe(2);
  expect(seen).toEqual(['first', 'second']);
  expect(await deliverEvents()).toBe(0);
});
