// The bench of sign-ins: what hashing passwords for 200 people at once does to somebody who asks for something else.
import { setTimeout as delay } from 'node:timers/promises';
import { type ApiClient, createApiClient, signIn } from './api-client.ts';
import { type Latencies, latenciesOf, rounded } from './load.ts';
import { progress } from './progress.ts';
import { administrator, startProgram } from './running-program.ts';

const people = 200;
const password = 'Bench-Person-1';
const warmUpMs = 3_000;
const measureMs = 15_000;
/** A client that asks at this pace whatever the answers do: a stall shows in every request that it delays. */
const meEveryMs = 50;

interface Phase {
  readonly me: Latencies;
  readonly signIn: Latencies & { readonly perSecond: number };
}

export async function benchSignIn(): Promise<object> {
  progress('starting the program');
  const program = await startProgram();
  const [signingIn, asking] = [createApiClient(program.url, people), createApiClient(program.url, 50)];
  try {
    const token = await signIn(asking, administrator.email, administrator.password);
    await createPeople(asking, token);
    progress('asking for me alone');
    const baseline = { me: await askForMe(asking, token) };
    progress(`me: p50 ${baseline.me.p50} ms, p99 ${baseline.me.p99} ms`);

    const measure = async (what: string, pattern: Pattern, addressOf: (number: number) => string): Promise<Phase> => {
      progress(`signing in: ${what}`);
      const once = (number: number) => signIn(signingIn, addressOf(number), password);
      const [signIns, me] = await Promise.all([measureSignIns(pattern, once), askForMe(asking, token)]);
      progress(`me: p50 ${me.p50} ms, p99 ${me.p99} ms; ${signIns.perSecond} sign-ins/s`);
      return { me, signIn: signIns };
    };
    const steady = await measure(`${people} people, each again and again`, eachAgain, addressOfPerson);
    const bursts = await measure(`${people} people in the same moment, again and again`, allAgain, addressOfPerson);
    const oneUser = await measure(`one user, ${people} times at once`, eachAgain, () => addressOfPerson(0));
    return { people, baseline, ...steady, bursts, oneUser };
  } finally {
    await Promise.all([signingIn.close(), asking.close()]);
    await program.stop();
  }
}

type Pattern = (once: (number: number) => Promise<unknown>, isOver: () => boolean) => Promise<unknown>;

/** Everybody starts again as soon as they are through. */
const eachAgain: Pattern = (once, isOver) =>
  forEachPerson(async (number) => {
    while (!isOver()) await once(number);
  });

/** Everybody starts again when all are through. */
const allAgain: Pattern = async (once, isOver) => {
  while (!isOver()) await forEachPerson(once);
};

function forEachPerson(work: (number: number) => Promise<unknown>): Promise<unknown> {
  return Promise.all(Array.from({ length: people }, (_, number) => work(number)));
}

async function measureSignIns(pattern: Pattern, once: (number: number) => Promise<unknown>): Promise<Phase['signIn']> {
  const begin = performance.now() + warmUpMs;
  const end = begin + measureMs;
  const latencies: number[] = [];
  const measured = async (number: number) => {
    const start = performance.now();
    await once(number);
    const now = performance.now();
    if (now >= begin && now <= end) latencies.push(now - start);
  };
  await pattern(measured, () => performance.now() >= end);
  return { perSecond: rounded((latencies.length / measureMs) * 1_000, 1), ...latenciesOf(latencies, 1) };
}

/** Latencies from when a request was due, not from when it could be sent. */
async function askForMe(api: ApiClient, token: string): Promise<Latencies> {
  const body = JSON.stringify({ query: '{ me { id firstName lastName email } }' });
  const latencies: number[] = [];
  const answers: Promise<void>[] = [];
  const begin = performance.now() + warmUpMs;
  for (let due = performance.now(); due < begin + measureMs; due += meEveryMs) {
    await delay(Math.max(0, due - performance.now()));
    answers.push(
      api.send(body, token).then(() => {
        if (due >= begin) latencies.push(performance.now() - due);
      }),
    );
  }
  await Promise.all(answers);
  return latenciesOf(latencies, 1);
}

function addressOfPerson(number: number): string {
  return `person-${number}@bench.example`;
}

async function createPeople(api: ApiClient, token: string): Promise<void> {
  progress(`creating ${people} people`);
  const query = 'mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }';
  await forEachPerson((number) => {
    const input = { email: addressOfPerson(number), firstName: 'Person', lastName: String(number), password };
    return api.call({ query, variables: { input } }, token);
  });
}
