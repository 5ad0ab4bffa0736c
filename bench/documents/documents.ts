// The bench of documents: a million of them on PostgreSQL, asked for by people who may see all, some and few. Times are
// compared as ratios within one run, requests of those compared taking turns, so that a noisy machine is noisy for all.

import { startPostgres } from '../../operations/servers/postgres.ts';
import { type ApiClient, createApiClient, signIn } from '../api-client.ts';
import { type Latencies, latenciesOf, rounded } from '../load.ts';
import { progress } from '../progress.ts';
import { administrator, type RunningProgram, startProgram } from '../running-program.ts';
import { exportAll } from './export.ts';
import { type Loader, openLoader } from './loader.ts';
import { explainSettings, openPlanLog, type Plan } from './plans.ts';
import * as questions from './questions.ts';
import {
  createSchema,
  createViewers,
  indexesReady,
  patient,
  type ViewerName,
  type Viewers,
  viewerNames,
} from './setting.ts';

const small = 10_000;
const large = Number(process.env.BENCH_DOCUMENTS ?? 1_000_000);
const rounds = 200;
const warmUpRounds = 20;
const deepPage = 5_000;

interface Asked {
  readonly name: string;
  readonly viewer: ViewerName;
  readonly question: questions.Question;
}

interface Bench {
  readonly api: ApiClient;
  readonly viewers: Viewers;
  readonly program: RunningProgram;
  readonly loader: Loader;
}

export async function benchDocuments(): Promise<object> {
  progress('starting PostgreSQL and the program');
  // As an operator would set it up for a database of this size; durable writes are not what is measured.
  const postgres = await startPostgres({
    settings: { ...explainSettings, shared_buffers: '1GB', max_wal_size: '4GB', random_page_cost: '1.1' },
  });
  const databaseUrl = await postgres.createDatabase();
  const program = await startProgram({ DATABASE_URL: databaseUrl });
  const api = createApiClient(program.url, 4);
  const loader = await openLoader(databaseUrl);
  try {
    const admin = await signIn(api, administrator.email, administrator.password);
    const schemaId = await createSchema(api, admin);
    await loader.people();
    const viewers = await createViewers(api, admin, async (userId, from) => {
      const { email } = await loader.pick<{ email: string }>(
        'UPDATE users.users SET activation = TRUE, password_hash = (SELECT password_hash FROM users.users WHERE id = $2) WHERE id = $1 RETURNING email',
        [userId, from],
      );
      return email;
    });
    const bench: Bench = { api, viewers, program, loader };
    await loader.documents(schemaId, small);
    await indexesReady(api, admin);
    const before = await measure(bench, await readingQuestions(bench));
    await loader.documents(schemaId, large);
    const reading = await readingQuestions(bench);
    const after = await measure(bench, reading);
    const deep = await measure(bench, await deepQuestions(bench));
    const others = await measure(bench, otherQuestions(), 20);
    const writes = await measureWrites(bench);
    const plans = await explain(bench, [...reading, ...(await deepQuestions(bench)), ...otherQuestions()]);
    const exported = await exportAll({ ...bench, expected: large });
    const ratios = {
      access: worst(
        ['inRange', 'newest'].flatMap((name) =>
          viewerNames.map((viewer) => at(after, name, viewer).p50 / at(after, name, 'global').p50),
        ),
      ),
      deepPage: worst(
        ['newest', 'takenAt'].map(
          (name) => at(deep, `${name} page ${deepPage}`, 'global').p50 / at(deep, `${name} page 1`, 'global').p50,
        ),
      ),
      growth: worst(reading.map(({ name, viewer }) => at(after, name, viewer).p50 / at(before, name, viewer).p50)),
    };
    return {
      figures: { [small]: before, [large]: { ...after, ...deep, ...others, ...writes } },
      plans,
      export: exported,
      documents: large,
      ratios,
      sequentialScans: Object.values(plans)
        .flat()
        .reduce((sum, plan) => sum + plan.sequentialScans, 0),
    };
  } finally {
    await api.close();
    await loader.close();
    await program.stop();
    await postgres.stop();
  }
}

const key = (name: string, viewer: ViewerName) => `${name} as ${viewer}`;

function at(figures: Readonly<Record<string, Latencies>>, name: string, viewer: ViewerName): Latencies {
  const found = figures[key(name, viewer)];
  if (found === undefined) throw new Error(`Not measured: ${key(name, viewer)}`);
  return found;
}

function worst(ratios: readonly number[]): number {
  return rounded(Math.max(...ratios), 2);
}

/** What is asked at both sizes. */
async function readingQuestions({ loader }: Bench): Promise<Asked[]> {
  const { ids } = await loader.pick<{ ids: string[] }>(
    'SELECT array_agg(id::text) AS ids FROM (SELECT id FROM data.documents WHERE user_ids @> ARRAY[$1::uuid] LIMIT 50) d',
    [patient.id],
  );
  const all = (name: string, question: questions.Question): Asked[] =>
    viewerNames.map((viewer) => ({ name, viewer, question }));
  return [
    ...all('byId', questions.byId(ids)),
    ...all('newest', questions.newest),
    ...all('inRange', questions.inRange),
    { name: 'ofPatient', viewer: 'global', question: questions.ofPatient },
  ];
}

async function deepQuestions(bench: Bench): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (const [name, orderBy] of [
    ['newest', undefined],
    ['takenAt', questions.byTakenAt],
  ] as const) {
    const cursor = await cursorOfPage(bench, Math.min(deepPage, large / 20), orderBy);
    asked.push(
      { name: `${name} page 1`, viewer: 'global', question: questions.pageAfter(undefined, orderBy) },
      { name: `${name} page ${deepPage}`, viewer: 'global', question: questions.pageAfter(cursor, orderBy) },
    );
  }
  return asked;
}

async function cursorOfPage(
  { api, viewers }: Bench,
  page: number,
  orderBy?: typeof questions.byTakenAt,
): Promise<string> {
  let cursor: string | undefined;
  for (let left = (page - 1) * 20; left > 0; left -= 100) {
    const { documents } = await api.call<{ documents: { pageInfo: { endCursor: string } } }>(
      questions.cursorBehind(Math.min(left, 100), cursor, orderBy),
      viewers.global,
    );
    cursor = documents.pageInfo.endCursor;
  }
  if (cursor === undefined) throw new Error('There are no pages.');
  return cursor;
}

function otherQuestions(): Asked[] {
  return [
    ...viewerNames.map((viewer) => ({ name: 'count', viewer, question: questions.count })),
    { name: 'aggregate by day', viewer: 'staffOf1', question: questions.aggregate },
  ];
}

/** All questions take turns, one at a time. */
async function measure(
  { api, viewers }: Bench,
  asked: readonly Asked[],
  most = rounds,
): Promise<Record<string, Latencies>> {
  progress(`asking ${asked.length} questions, ${most} times each`);
  const latencies = new Map(asked.map(({ name, viewer }) => [key(name, viewer), [] as number[]]));
  const warmUp = Math.min(warmUpRounds, most / 4);
  for (let round = 0; round < most + warmUp; round += 1) {
    for (const { name, viewer, question } of asked) {
      const body = question(round);
      const start = performance.now();
      await api.send(body, viewers[viewer]);
      if (round >= warmUp) latencies.get(key(name, viewer))?.push(performance.now() - start);
    }
  }
  return Object.fromEntries([...latencies].map(([name, values]) => [name, latenciesOf(values, 2)]));
}

async function measureWrites(bench: Bench): Promise<Record<string, Latencies>> {
  const { ids } = await bench.loader.pick<{ ids: string[] }>(
    'SELECT array_agg(id::text) AS ids FROM (SELECT id FROM data.documents ORDER BY id LIMIT 600) d',
  );
  const half = ids.length / 2;
  return measure(bench, [
    { name: 'create', viewer: 'patient', question: questions.create },
    { name: 'update', viewer: 'global', question: questions.update(ids.slice(0, half)) },
    { name: 'transition', viewer: 'global', question: questions.transition(ids.slice(half)) },
  ]);
}

/** Each question once more, now with PostgreSQL telling how it goes about it. */
async function explain({ api, viewers, loader }: Bench, asked: readonly Asked[]): Promise<Record<string, Plan[]>> {
  progress('reading plans');
  const log = await openPlanLog(loader);
  const plans: Record<string, Plan[]> = {};
  for (const { name, viewer, question } of asked) {
    log.read();
    await api.send(question(0), viewers[viewer]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    plans[key(name, viewer)] = log.read();
  }
  return plans;
}
