// The log as its readers see it: who may, what pages hold, and that only events with a position exist.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LogEvent } from '../../platform/events/event.ts';
import { newId } from '../../platform/ids.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../tests/support/subgraphs.ts';
import { events } from './index.ts';

const reader = { userId: newId(), permissions: ['VIEW_EVENTS'] };
const staff = { userId: newId(), staff: [{ groupId: newId(), permissions: ['VIEW_EVENTS'] }] };

let graph: TestSubgraphs;
let log: readonly LogEvent[];

beforeAll(async () => {
  graph = await startTestSubgraphs([events]);
  const data = graph.database.forService('data');
  for (let turn = 1; turn <= 12; turn += 1) {
    await data.write(async (tx) =>
      tx.publish({
        type: turn % 3 === 0 ? 'document_updated' : 'document_created',
        content: { turn },
        access: { creatorId: 'secret' },
      }),
    );
  }
  log = await graph.readLog();
  await data.write(async (tx) => tx.publish({ type: 'document_created', content: { turn: 'not positioned yet' } }));
});
afterAll(() => graph.close());

const list = `query ($filter: EventFilter, $after: Position, $first: Int) {
  events(filter: $filter, after: $after, first: $first) {
    nodes { id position type content createdAt }
    edges { cursor }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
  }
}`;
const read = (variables: Record<string, unknown>) =>
  graph.execute('events', { query: list, variables, identity: reader });
const turns = (page: { data?: { events: { nodes: { content: { turn: number } }[] } } | null }) =>
  page.data?.events.nodes.map(({ content }) => content.turn);

test('how far the log tells of changes: what waits for its position counts, and nobody else may ask', async () => {
  const query = '{ eventLogProgress { newest waitingSeconds } }';
  const { data } = await graph.execute('events', { query, service: 'gateway' });
  expect(data.eventLogProgress).toEqual({ newest: '12', waitingSeconds: expect.any(Number) });
  expect(data.eventLogProgress.waitingSeconds).toBeGreaterThanOrEqual(0);
  expect((await graph.execute('events', { query, identity: reader })).errors).toHaveLength(1);
});

describe('the list of events', () => {
  test.each([
    ['nobody', {}, 'UNAUTHENTICATED'],
    ['a user without the permission', { userId: newId() }, 'FORBIDDEN'],
    ['staff, as it is no permission of groups', staff, 'FORBIDDEN'],
  ])('is refused to %s', async (_, identity, code) => {
    const result = await graph.execute('events', { query: '{ events { nodes { id } } }', identity });
    expect(result.errors?.[0]?.extensions.code).toBe(code);
    expect(result.data ?? null).toBeNull();
  });

  test.each([
    ['first', { first: -1 }],
    ['filter.id.eq', { filter: { id: { eq: 'not an id' } } }],
    ['filter.type.in', { filter: { type: { in: Array(101).fill('x') } } }],
  ])('names %s when it is not valid', async (field, variables) => {
    const result = await read(variables);
    expect(result.errors?.[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', details: { field } } });
  });

  test.each(['-1', 'x', '9223372036854775808', '007'])('refuses the position %s', async (after) => {
    const result = await read({ after });
    expect(result.errors?.[0]?.message).toMatch(/position/i);
  });

  test('ends after the last page', async () => {
    const page = await read({ after: '9223372036854775807' });
    expect(turns(page)).toEqual([]);
    expect(page.data?.events.pageInfo).toEqual({
      hasNextPage: false,
      hasPreviousPage: true,
      startCursor: null,
      endCursor: null,
    });
  });

  test('pages through the log, oldest first, and counts what has a position', async () => {
    const first = await read({ first: 5 });
    expect(turns(first)).toEqual([1, 2, 3, 4, 5]);
    expect(first.data?.events).toMatchObject({
      totalCount: 12,
      edges: ['1', '2', '3', '4', '5'].map((cursor) => ({ cursor })),
      pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: '1', endCursor: '5' },
    });
    const next = await read({ first: 5, after: first.data?.events.pageInfo.endCursor });
    expect(turns(next)).toEqual([6, 7, 8, 9, 10]);
    const last = await read({ first: 500, after: '10' });
    expect(turns(last)).toEqual([11, 12]);
    expect(last.data?.events.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    expect(JSON.stringify(last)).not.toContain('secret');
  });

  test('is filtered by id, type and time', async () => {
    expect(turns(await read({ filter: { id: { eq: log[4]?.id } } }))).toEqual([5]);
    const updated = await read({ filter: { type: { eq: 'document_updated' } }, first: 2 });
    expect(turns(updated)).toEqual([3, 6]);
    expect(updated.data?.events).toMatchObject({ totalCount: 4, pageInfo: { hasNextPage: true } });
    const future = new Date(Date.now() + 60_000).toISOString();
    expect(turns(await read({ filter: { createdAt: { gt: future } } }))).toEqual([]);
  });
});

describe('a reference to an event', () => {
  const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Event { position } } }`;
  const resolve = (ids: unknown[], identity: object) => {
    const representations = ids.map((id) => ({ __typename: 'Event', id }));
    return graph.execute('events', { query, variables: { representations }, identity });
  };

  test('is null without the permission, for what does not exist, and for what is no id', async () => {
    expect((await resolve([log[0]?.id], { userId: newId() })).data?._entities).toEqual([null]);
    expect((await resolve([newId(), 'no id'], reader)).data?._entities).toEqual([null, null]);
  });

  test('gives the event, in the order asked', async () => {
    const result = await resolve([log[2]?.id, newId(), log[0]?.id?.toUpperCase()], reader);
    expect(result.data?._entities).toEqual([{ position: '3' }, null, { position: '1' }]);
  });
});

describe('the internal reading of the log', () => {
  const query = `query ($after: Position!, $first: Int!) { eventLog(after: $after, first: $first) { oldest newest events } }`;

  test('is refused to users, whatever they may do', async () => {
    const result = await graph.execute('events', { query, variables: { after: '0', first: 1 }, identity: reader });
    expect(result.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  test('gives a stretch with its bounds, and with what access is decided on', async () => {
    const call = { query, variables: { after: '10', first: 1 }, service: 'gateway' };
    const result = await graph.execute('events', call);
    expect(result.data?.eventLog).toMatchObject({ oldest: '1', newest: '12' });
    expect(result.data?.eventLog.events).toMatchObject([
      { id: log[10]?.id, position: '11', service: 'data', content: { turn: 11 }, access: { creatorId: 'secret' } },
    ]);
  });
});

describe('the live feed', () => {
  const query = 'subscription ($types: [String!]) { events(types: $types) { id position type content } }';
  const follow = (identity: object, types?: string[]) =>
    graph.executeEvents('events', { query, variables: { types }, identity, events: log.slice(0, 3) });

  test('is refused anew for each batch to who does not hold the permission', async () => {
    await expect(follow({ userId: newId() })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(follow({})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('gives every event, or those of the types wanted', async () => {
    const all = await follow(reader);
    expect(all.map((result) => result?.data?.events.content.turn)).toEqual([1, 2, 3]);
    expect(all[0]?.data?.events).toMatchObject({ id: log[0]?.id, position: '1', type: 'document_created' });
    const some = await follow(reader, ['document_updated']);
    expect(some.map((result) => result?.data?.events.position ?? null)).toEqual([null, null, '3']);
  });
});
