// The life of live subscriptions: who a viewer is, resuming, slow clients, services that are away, other supergraphs.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { LiveResult } from '../../gateway/live/live-subscriptions.ts';
import { AppError } from '../../platform/errors.ts';
import type { IdentityData } from '../../platform/identity/identity.ts';
import { newId } from '../../platform/ids.ts';
import type { SubgraphTransport } from '../../platform/subgraph/transport.ts';
import { data } from '../../subgraphs/data/index.ts';
import { events } from '../../subgraphs/events/index.ts';
import { files } from '../../subgraphs/files/index.ts';
import { users } from '../../subgraphs/users/index.ts';
import { createDocumentMutation, createSchemaMutation } from '../support/data-service.ts';
import { eventually } from '../support/file-client.ts';
import type { LiveHub } from '../support/live-hub.ts';
import { startLiveHub, viewerOf } from '../support/live-hub.ts';
import type { TestSubgraphs } from '../support/subgraphs.ts';
import { startTestSubgraphs } from '../support/subgraphs.ts';

const services = ['users', 'data', 'files', 'events'] as const;
const plain = `subscription ($after: Position, $schemaName: String) {
  documentChanged(after: $after, schemaName: $schemaName) { position document { data } }
}`;
const update = 'mutation ($input: UpdateDocumentInput!) { updateDocument(input: $input) { document { id } } }';
const withName = 'subscription { documentChanged { document { data creator { firstName } } } }';

let now = Date.now();
let graph: TestSubgraphs;
let hub: LiveHub;
let logReads = 0;
/** Services that are away at the moment. */
const missing = new Set<string>();
const group = newId();
const nurse = (): IdentityData => ({ userId: newId(), staff: [{ groupId: group, permissions: [] }] });
const author: IdentityData & { userId: string } = { userId: newId(), patient: [{ groupId: group }] };
let schemaName: string;
let written = 0;

// biome-ignore lint/suspicious/noExplicitAny: what tests expect stands in their assertions
async function run(identity: IdentityData, query: string, variables: Record<string, unknown>): Promise<any> {
  const answer = await graph.execute('data', { query, variables, identity });
  if (answer.errors !== undefined) throw new Error(JSON.stringify(answer.errors));
  return answer.data;
}

/** Documents with the texts 1, 2, 3 … over all tests. */
async function write(count = 1): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    written += 1;
    await run(author, createDocumentMutation, { input: { schemaName, data: { n: written } } });
  }
}

const numbers = (results: readonly LiveResult[]) =>
  // biome-ignore lint/suspicious/noExplicitAny: see above
  results.map(({ result }) => (result as any).data.documentChanged.document.data.n as number);
const upTo = (last: number, count: number) => Array.from({ length: count }, (_, index) => last - count + 1 + index);

async function changeAccess(userId: string): Promise<void> {
  await graph.database.forService('users').write(async (tx) => tx.bumpAccess([userId]));
}

async function endSession(userId: string): Promise<void> {
  await graph.database.forService('auth').write(async (tx) => {
    tx.publish({ type: 'session_ended', content: { userId, sessionId: newId() } });
    tx.bumpAccess([userId]);
  });
}

function unlessMissing(transport: SubgraphTransport & { readonly name?: string }): SubgraphTransport {
  const check = () => {
    if (missing.has(transport.name ?? '')) throw new AppError('SERVICE_UNAVAILABLE');
  };
  return {
    execute: async (request) => {
      check();
      return transport.execute(request);
    },
    executeEvents: async (request) => {
      check();
      return transport.executeEvents(request);
    },
  };
}

beforeAll(async () => {
  graph = await startTestSubgraphs([users, data, files, events] as never, { now: () => now });
  const definition = {
    createMode: 'allUsers',
    readMode: ['creator', 'linkedGroupStaff', 'linkedGroupPatients'],
    updateMode: ['creator'],
    statuses: { open: {} },
    creationTransition: { type: 'manual', toStatus: 'open', actions: [{ type: 'linkEnlistedGroups' }] },
    properties: { n: { type: 'number' } },
  };
  const input = { name: 'numbers', definition };
  const made = await run({ userId: newId(), permissions: ['CREATE_SCHEMAS'] }, createSchemaMutation, { input });
  schemaName = made.createDocumentSchema.schema.name;
});
afterAll(() => graph.close());
beforeEach(async () => {
  missing.clear();
  hub = await startLiveHub(graph, services, {
    through: unlessMissing,
    onLogRead: () => {
      logReads += 1;
    },
  });
});
afterEach(() => hub.close());

describe('who a viewer is', () => {
  test('is asked once, and anew only when the log says that it may be another', async () => {
    const identity = nurse();
    const viewer = viewerOf(() => identity);
    const subscription = hub.subscribe(plain, viewer);
    await hub.settled();
    await write(2);
    await hub.publish();
    await changeAccess(newId());
    await write();
    await hub.publish();
    await subscription.received(3);
    expect(viewer.asked()).toBe(1);
    await changeAccess(identity.userId as string);
    await write();
    await hub.publish();
    await subscription.received(4);
    expect(viewer.asked()).toBe(2);
  });

  test('is never that of before a removal, for what comes after it in the log', async () => {
    const before = nurse();
    let identity: IdentityData = before;
    const subscription = hub.subscribe(
      plain,
      viewerOf(() => identity),
    );
    const witness = hub.subscribe(plain, viewerOf(nurse));
    await hub.settled();
    await write();
    // At the same moment, in one batch.
    identity = { userId: before.userId as string };
    await changeAccess(before.userId as string);
    await write();
    await hub.publish();
    await witness.received(2);
    expect(subscription.results).toEqual([]);
    identity = before;
    await changeAccess(before.userId as string);
    await write();
    await hub.publish();
    await subscription.received(1);
    expect(numbers(subscription.results)).toEqual([written]);
  });

  test('is found out again where it changes while it is being asked for', async () => {
    const before = nurse();
    let identity: IdentityData = before;
    let answer = () => {};
    let asked = 0;
    const subscription = hub.subscribe(plain, {
      authenticate: async () => {
        const found = viewerOf(() => ({ ...identity }));
        const caller = await found.authenticate();
        asked += 1;
        if (asked === 2) await new Promise<void>((resolve) => (answer = resolve));
        return caller;
      },
    });
    const witness = hub.subscribe(plain, viewerOf(nurse));
    await hub.settled();
    await changeAccess(before.userId as string);
    await write();
    await hub.publish();
    await eventually(async () => asked === 2);
    identity = { userId: before.userId as string };
    await changeAccess(before.userId as string);
    await write();
    await hub.publish();
    answer();
    await witness.received(2);
    await eventually(async () => asked === 3);
    // What came before the removal may have been delivered.
    expect(numbers(subscription.results)).not.toContain(written);
  });

  test('may take long to find out, for one, without delaying the others', async () => {
    const identity = nurse();
    const found = viewerOf(() => identity);
    let answer = () => {};
    let asked = 0;
    const subscription = hub.subscribe(plain, {
      authenticate: async () => {
        asked += 1;
        if (asked === 2) await new Promise<void>((resolve) => (answer = resolve));
        return found.authenticate();
      },
    });
    const other = hub.subscribe(plain, viewerOf(nurse));
    await hub.settled();
    await changeAccess(identity.userId as string);
    await write(3);
    await hub.publish(1);
    await other.received(3);
    expect(subscription.results).toEqual([]);
    answer();
    await subscription.received(3);
    await hub.settled();
    await write();
    await hub.publish();
    await Promise.all([subscription.received(4), other.received(4)]);
    expect(numbers(subscription.results)).toEqual(upTo(written, 4));
    expect(subscription.results[3]).toBe(other.results[3]);
  });

  test('ends at once with the session, whatever waits for the client', async () => {
    const { userId } = nurse();
    let over = false;
    const viewer = viewerOf(() => {
      if (over) throw new AppError('UNAUTHENTICATED');
      return { userId: userId as string, staff: [{ groupId: group, permissions: [] }] };
    });
    const results = await hub.open(plain, viewer);
    await hub.settled();
    await write(2);
    await hub.publish();
    await results.next();
    over = true;
    await endSession(userId as string);
    await hub.publish();
    await eventually(async () => (await hub.count('upstreams')) === 0);
    await expect(results.next()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('ceases to be a patient by time, without any event', async () => {
    const expiresAt = now + 60_000;
    const patients = [newId(), newId()].map((userId) => ({ userId, patient: [{ groupId: group, expiresAt }] }));
    const held = patients.map((identity) =>
      hub.subscribe(
        plain,
        viewerOf(() => identity),
      ),
    );
    const witness = hub.subscribe(plain, viewerOf(nurse));
    await hub.settled();
    await write();
    await hub.publish();
    await Promise.all(held.map((subscription) => subscription.received(1)));
    now = expiresAt;
    await write();
    await hub.publish();
    await witness.received(2);
    expect(held.map(({ results }) => results.length)).toEqual([1, 1]);
  });
});

describe('who resumes', () => {
  test('gets what was missed and then what comes, shared with who was there all the time', async () => {
    const there = hub.subscribe(plain, viewerOf(nurse));
    await hub.settled();
    const seen = (await hub.feed.head(new AbortController().signal)).toString();
    await write(7);
    await hub.publish();
    const back = hub.subscribe(plain, viewerOf(nurse), { after: seen });
    await hub.settled();
    await write(3);
    await hub.publish(1);
    await Promise.all([there.received(10), back.received(10)]);
    expect(numbers(there.results)).toEqual(upTo(written, 10));
    expect(numbers(back.results)).toEqual(upTo(written, 10));
    expect(back.results[9]).toBe(there.results[9]);
    expect(await hub.count('upstreams')).toBe(1);
  });

  test('beyond the head of the log is told to start anew', async () => {
    const subscription = hub.subscribe(plain, viewerOf(nurse), { after: '999999999' });
    expect(await subscription.ended).toMatchObject({ code: 'RESYNC_REQUIRED' });
  });

  test('while events keep coming loses nothing and gets nothing twice', async () => {
    const seen = (await hub.feed.head(new AbortController().signal)).toString();
    const all = hub.subscribe(plain, viewerOf(nurse));
    await hub.settled();
    const held = [];
    for (let n = 0; n < 20; n += 1) {
      await write(2);
      held.push(hub.subscribe(plain, viewerOf(nurse), { after: seen }));
      await hub.publish(1);
    }
    for (const subscription of [all, ...held]) {
      await subscription.received(40);
      expect(numbers(subscription.results)).toEqual(upTo(written, 40));
    }
  });
});

describe('a slow client', () => {
  test('gets everything in order in the end, holds a bounded number of results, and delays nobody', async () => {
    const slow = await hub.open(plain, viewerOf(nurse));
    const quick = hub.subscribe(plain, viewerOf(nurse));
    await hub.settled();
    await write(250);
    await hub.publish(50);
    await quick.received(250);
    await eventually(async () => (await hub.count('overflows')) === 1);
    expect(await hub.count('catchingUp')).toBe(1);
    const got: LiveResult[] = [];
    for (let n = 0; n < 250; n += 1) got.push((await slow.next()).value);
    expect(numbers(got)).toEqual(upTo(written, 250));
    await hub.settled();
    await write();
    await hub.publish();
    expect(numbers([(await slow.next()).value])).toEqual([written]);
    await slow.return?.();
  }, 300_000);

  test('that goes away frees everything at once', async () => {
    const slow = await hub.open(plain, viewerOf(nurse));
    await hub.settled();
    await write(150);
    await hub.publish();
    await eventually(async () => (await hub.count('overflows')) === 1);
    const waiting = slow.next();
    await waiting;
    await slow.return?.();
    expect(await hub.count('upstreams')).toBe(0);
    await eventually(async () => (await hub.count('catchingUp')) === 0);
    expect(await slow.next()).toEqual({ done: true, value: undefined });
  }, 300_000);
});

test('the last one to leave frees the upstream and the following of the log; nobody before does', async () => {
  const held = [1, 2, 3].map(() => hub.subscribe(plain, viewerOf(nurse)));
  await hub.settled();
  expect([await hub.count('upstreams'), await hub.count('keepingUp')]).toEqual([1, 3]);
  for (const left of [2, 1, 0]) {
    await held[left]?.close();
    expect([await hub.count('upstreams'), await hub.count('keepingUp')]).toEqual([Math.min(left, 1), left]);
  }
});

test('a service that is away delays what needs it, and loses nothing', async () => {
  const held = [1, 2].map(() => hub.subscribe(withName, viewerOf(nurse)));
  const other = hub.subscribe(plain, viewerOf(nurse));
  await hub.settled();
  missing.add('users');
  await write(3);
  await hub.publish();
  await other.received(3);
  expect(held.flatMap(({ results }) => results)).toEqual([]);
  missing.delete('users');
  for (const subscription of held) {
    await subscription.received(3);
    expect(numbers(subscription.results)).toEqual(upTo(written, 3));
  }
});

describe('another supergraph', () => {
  const contracts = (change: (sdl: string) => string) =>
    services.map((name) => {
      const { sdl } = graph.subgraph(name);
      return { name, sdl: name === 'data' ? change(sdl) : sdl };
    });

  test('ends what it does not have any more, after what came before; the rest goes on without a gap', async () => {
    const held = [1, 2].map(() => hub.subscribe(plain, viewerOf(nurse)));
    const gone = hub.subscribe('subscription { documentChanged { document { data version } } }', viewerOf(nurse));
    await hub.settled();
    await write();
    await hub.publish();
    await gone.received(1);
    await write();
    hub.supergraph.change(hub.stateOf(contracts((sdl) => sdl.replaceAll(/^ {2}version: Int!$/gm, '  revision: Int!'))));
    await write();
    await hub.publish();
    expect(await gone.ended).toMatchObject({ code: 'SUBSCRIPTION_SCHEMA_RELOAD' });
    for (const subscription of held) {
      await subscription.received(3);
      expect(numbers(subscription.results)).toEqual(upTo(written, 3));
    }
  });

  test('that takes over while operations are still planned for the one before it is planned for last', async () => {
    const query = 'subscription ($id: ID) { documentChanged(documentId: $id) { document { version } } }';
    const held = Array.from({ length: 1_000 }, () => hub.subscribe(query, viewerOf(nurse), { id: newId() }));
    const other = hub.subscribe(plain, viewerOf(nurse));
    await hub.settled();
    const same = hub.stateOf(contracts((sdl) => sdl));
    const without = hub.stateOf(contracts((sdl) => sdl.replaceAll(/^ {2}version: Int!$/gm, '  revision: Int!')));
    hub.supergraph.change(same);
    hub.supergraph.change(without);
    for (const subscription of held) {
      expect(await subscription.ended).toMatchObject({ code: 'SUBSCRIPTION_SCHEMA_RELOAD' });
    }
    await write();
    await hub.publish();
    await other.received(1);
  });

  test('brings the events that a subscription is told of', async () => {
    const subscription = hub.subscribe(plain, viewerOf(nurse));
    await hub.settled();
    const topics = /@onEvents\(types: \["document_created", [^)]*\)/;
    const onlyUpdates = contracts((sdl) => sdl.replace(topics, '@onEvents(types: ["document_updated"])'));
    hub.supergraph.change(hub.stateOf(onlyUpdates));
    await write();
    const { db } = graph.database.forService<'document'>('data');
    const newest = await db.document.findFirst({ orderBy: { id: 'desc' } });
    await run(author, update, { input: { id: newest?.id, data: { n: -1 } } });
    await hub.publish();
    await subscription.received(1);
    hub.supergraph.change(hub.stateOf(contracts((sdl) => sdl)));
    await write();
    await hub.publish();
    await subscription.received(2);
    expect(numbers(subscription.results)).toEqual([-1, written]);
  });

  test('is taken at once by who waits for a service', async () => {
    const held = [1, 2].map(() => hub.subscribe(withName, viewerOf(nurse)));
    await hub.settled();
    missing.add('users');
    await write(2);
    await hub.publish();
    hub.supergraph.change(hub.stateOf(contracts((sdl) => sdl)));
    missing.delete('users');
    for (const subscription of held) {
      await subscription.received(2);
      expect(numbers(subscription.results)).toEqual(upTo(written, 2));
    }
  });
});

test('while nothing happens, nothing is asked of anybody', async () => {
  const viewers = Array.from({ length: 50 }, () => viewerOf(nurse));
  for (const viewer of viewers) hub.subscribe(plain, viewer);
  await hub.settled();
  const asked = viewers.map((viewer) => viewer.asked());
  const reads = logReads;
  await changeAccess(newId());
  await hub.publish();
  expect(viewers.map((viewer) => viewer.asked())).toEqual(asked);
  expect(logReads).toBe(reads);
});
