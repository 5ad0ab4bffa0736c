// Reads that can be slow go through few at a time, in turn between viewers, and not after their request's time.
import { expect, test } from '@jest/globals';
import { createQueryGate, type InTurn } from './query-gate.ts';

const late = { code: 'QUERY_TIMEOUT', details: { code: 21 } };

/** Eight connections: four places, two of them for one viewer at most. */
function start(connections = 8, requestMilliseconds = 10_000) {
  let now = 1_000;
  const gate = createQueryGate({ connections, clock: () => now, requestMilliseconds });
  const begun: string[] = [];
  const running = new Map<string, { resolve: () => void; reject: (error: Error) => void }>();
  return {
    gate,
    /** The names of the statements that began, in order. */
    begun,
    running: () => [...running.keys()],
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    ask(inTurn: InTurn, name: string): Promise<string> {
      return inTurn(() => {
        begun.push(name);
        return new Promise<string>((resolve, reject) => {
          running.set(name, { resolve: () => resolve(name), reject });
        });
      });
    },
    /** Ends statements, and lets begin what may. */
    async end(...names: string[]) {
      for (const name of names) {
        await settled();
        running.get(name)?.resolve();
        running.delete(name);
        await settled();
      }
    },
    async fail(name: string) {
      await settled();
      running.get(name)?.reject(new Error(`${name} failed`));
      running.delete(name);
      await settled();
    },
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('one viewer gets half of the places, all of them together get no more than there are', async () => {
  const { gate, ask, begun, end } = start();
  const answers = ['a', 'b', 'c'].flatMap((viewer) => {
    const inTurn = gate.forRequest(viewer);
    return [1, 2, 3].map((n) => ask(inTurn, `${viewer}${n}`));
  });
  await settled();
  expect(begun).toEqual(['a1', 'a2', 'b1', 'b2']);
  for (const name of ['a1', 'a2', 'b1', 'b2', 'c1', 'a3', 'b3', 'c2', 'c3']) await end(name);
  expect(await Promise.all(answers)).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'c1', 'c2', 'c3']);
});

test('requests of one viewer share what the viewer gets', async () => {
  const { gate, ask, begun, end } = start();
  const answers = [1, 2, 3].map((n) => ask(gate.forRequest('a'), `a${n}`));
  await settled();
  expect(begun).toEqual(['a1', 'a2']);
  await end('a1', 'a2', 'a3');
  expect(await Promise.all(answers)).toHaveLength(3);
});

test('who asks for much waits behind who asks for little', async () => {
  const { gate, ask, begun, end } = start();
  const many = ['a', 'b'].flatMap((viewer) => {
    const inTurn = gate.forRequest(viewer);
    return Array.from({ length: 10 }, (_, n) => ask(inTurn, `${viewer}${n}`));
  });
  const few = [ask(gate.forRequest('c'), 'c'), ask(gate.forRequest('d'), 'd')];
  await end('a0', 'b0', 'a1', 'b1');
  // One of each viewer in turn; of one viewer in the order of arrival.
  expect(begun.slice(4)).toEqual(['a2', 'b2', 'c', 'd']);
  await end('c', 'd', 'a2', 'b2');
  expect(await Promise.all(few)).toEqual(['c', 'd']);
  for (let n = 3; n < 10; n += 1) await end(`a${n}`, `b${n}`);
  expect(await Promise.all(many)).toHaveLength(20);
});

test('a statement that fails gives its place to the next', async () => {
  const { gate, ask, begun, end, fail } = start(2);
  const [first, second, third] = ['a', 'b', 'c'].map((viewer) => ask(gate.forRequest(viewer), viewer));
  const failed = expect(first).rejects.toThrow('a failed');
  await fail('a');
  await failed;
  expect(begun).toEqual(['a', 'b']);
  await end('b', 'c');
  expect(await Promise.all([second, third])).toEqual(['b', 'c']);
  const broken = gate.forRequest('d')(() => {
    throw new Error('it did not even begin');
  });
  await expect(broken).rejects.toThrow('it did not even begin');
  const last = ask(gate.forRequest('e'), 'e');
  await end('e');
  expect(await last).toBe('e');
});

test('a request whose time is over begins nothing more; what it began is answered', async () => {
  const { gate, ask, begun, end, pass } = start(2);
  const inTurn = gate.forRequest('a');
  const [first, second, third] = [1, 2, 3].map((n) => ask(inTurn, `a${n}`));
  const refused = expect(third).rejects.toMatchObject(late);
  pass(9_999);
  const another = ask(gate.forRequest('a'), 'another request');
  await end('a1');
  pass(1);
  await end('a2');
  expect(await Promise.all([first, second])).toEqual(['a1', 'a2']);
  await refused;
  // The turn went on to who still has time.
  expect(begun).toEqual(['a1', 'a2', 'another request']);
  await end('another request');
  expect(await another).toBe('another request');
  await expect(ask(inTurn, 'a4')).rejects.toMatchObject(late);
  const fresh = ask(gate.forRequest('a'), 'fresh');
  await end('fresh');
  expect(await fresh).toBe('fresh');
});

test('the time of a request begins when it first asks', async () => {
  const { gate, ask, end, pass } = start();
  const inTurn = gate.forRequest('a');
  pass(60_000);
  const first = ask(inTurn, 'first');
  await end('first');
  expect(await first).toBe('first');
  pass(10_000);
  await expect(ask(inTurn, 'second')).rejects.toMatchObject(late);
});

test('who waits in vain is told when the time is over, and takes no place afterwards', async () => {
  const { gate, ask, begun, end } = start(2, 30);
  const first = ask(gate.forRequest('a'), 'a');
  await expect(ask(gate.forRequest('b'), 'b')).rejects.toMatchObject(late);
  const third = ask(gate.forStream('c'), 'c');
  await end('a', 'c');
  expect(await Promise.all([first, third])).toEqual(['a', 'c']);
  expect(begun).toEqual(['a', 'c']);
});

test('of the streams of a viewer one statement runs at once, apart from their requests and without an end', async () => {
  const { gate, ask, begun, end, pass } = start();
  const stream = gate.forStream('a');
  const answers = [ask(stream, 's1'), ask(gate.forStream('a'), 's2'), ask(stream, 's3')];
  const request = gate.forRequest('a');
  answers.push(ask(request, 'r1'), ask(request, 'r2'));
  await settled();
  expect(begun).toEqual(['s1', 'r1', 'r2']);
  pass(1_000_000);
  await end('s1', 's2', 's3', 'r1', 'r2');
  expect(await Promise.all(answers)).toEqual(['s1', 's2', 's3', 'r1', 'r2']);
});

test('a database with one connection has one place', async () => {
  const { gate, ask, running, end } = start(1);
  const answers = ['a', 'b'].map((viewer) => ask(gate.forRequest(viewer), viewer));
  await settled();
  expect(running()).toEqual(['a']);
  await end('a', 'b');
  expect(await Promise.all(answers)).toEqual(['a', 'b']);
});
