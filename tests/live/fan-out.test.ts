// Viewers share executions: each still gets, byte for byte, what an execution of its own gives; and where nothing
// depends on who somebody is, there is one execution for all.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'graphql';
import { pino } from 'pino';
import { formatError } from '../../gateway/format-error.ts';
import { createSubscriptionPlanner } from '../../gateway/live/plan-subscription.ts';
import type { ServedOperation } from '../../gateway/live/serve-events.ts';
import { serveEvents } from '../../gateway/live/serve-events.ts';
import type { LogEvent } from '../../platform/events/event.ts';
import type { IdentityData } from '../../platform/identity/identity.ts';
import { identityFrom } from '../../platform/identity/identity.ts';
import { newId } from '../../platform/ids.ts';
import { data } from '../../subgraphs/data/index.ts';
import { events } from '../../subgraphs/events/index.ts';
import { files } from '../../subgraphs/files/index.ts';
import { users } from '../../subgraphs/users/index.ts';
import { createDocumentMutation, createSchemaMutation } from '../support/data-service.ts';
import type { LiveHub } from '../support/live-hub.ts';
import { startLiveHub, viewerOf } from '../support/live-hub.ts';
import type { People } from '../support/people.ts';
import { peopleIn } from '../support/people.ts';
import type { TestSubgraphs } from '../support/subgraphs.ts';
import { startTestSubgraphs } from '../support/subgraphs.ts';

const services = ['users', 'data', 'files', 'events'] as const;
const operations = [
  'subscription { documentChanged { position kind documentId } }',
  `subscription { documentChanged {
    position kind documentId
    document { id data status version creator { id firstName email } groups { id name description } users { id lastName } }
  } }`,
  `subscription ($schemaName: String) { documentChanged(schemaName: $schemaName) {
    kind document { creator { firstName failedCount staffEnlistments { group { name } } } files { id name } comments { totalCount } }
  } }`,
  'subscription { events { position type content } }',
];
const named = operations[1] as string;

let graph: TestSubgraphs;
let people: People;
let hub: LiveHub;

// biome-ignore lint/suspicious/noExplicitAny: what tests expect stands in their assertions
async function run(identity: IdentityData, query: string, variables: Record<string, unknown>): Promise<any> {
  const answer = await graph.execute('data', { query, variables, identity });
  if (answer.errors !== undefined) throw new Error(JSON.stringify(answer.errors));
  return answer.data;
}

async function schema(readMode: unknown): Promise<string> {
  const definition = { createMode: 'allUsers', updateMode: ['creator', 'linkedUsers'], readMode, ...free };
  const input = { name: `s${newId()}`, definition };
  return (await run({ userId: newId(), permissions: ['CREATE_SCHEMAS'] }, createSchemaMutation, { input }))
    .createDocumentSchema.schema.name;
}

const free = {
  statuses: { open: {} },
  creationTransition: { type: 'manual', toStatus: 'open', actions: [{ type: 'linkEnlistedGroups' }] },
  properties: { text: { type: 'string', maxLength: 100 } },
};

async function document(creator: IdentityData, schemaName: string, text = 'x'): Promise<string> {
  const input = { schemaName, data: { text } };
  await run(creator, createDocumentMutation, { input });
  // Who creates a document need not see it.
  const { db } = graph.database.forService<'document'>('data');
  const newest = await db.document.findFirst({ where: { creatorId: creator.userId ?? '' }, orderBy: { id: 'desc' } });
  return newest?.id ?? '';
}

/** What this one viewer gets by an execution of its own for each event. */
async function alone(query: string, identity: IdentityData, published: readonly LogEvent[], variables = {}) {
  const state = hub.supergraph.current();
  const plan = await createSubscriptionPlanner(state)(query, parse(query), undefined);
  const topics = state.topics.get(plan.service)?.get(plan.field.name.value) ?? ['*'];
  const operation: ServedOperation = {
    state,
    plan,
    transport: graph.subgraph(plan.service),
    topics: undefined,
    variables,
    requestId: newId(),
    signal: new AbortController().signal,
    formatError: (error) => formatError(error, pino({ level: 'silent' })),
  };
  const results: string[] = [];
  for (const event of published) {
    if (!topics.includes('*') && !topics.includes(event.type)) continue;
    const [result] = await serveEvents(operation, { identity: identityFrom(identity) }, [event]);
    if (result !== null) results.push(JSON.stringify(result));
  }
  return results;
}

beforeAll(async () => {
  graph = await startTestSubgraphs([users, data, files, events] as never);
  people = peopleIn(graph);
});
afterAll(() => graph.close());
beforeEach(async () => {
  hub = await startLiveHub(graph, services);
});
afterEach(() => hub.close());

describe('each viewer gets what an execution of its own would give', () => {
  test('whoever looks on, whatever changes, whatever is asked', async () => {
    const groups = await Promise.all(['North', 'South', 'East'].map((name) => people.group(name)));
    const group = fc.constantFrom(...groups);
    const rights = fc.record({
      staff: fc.uniqueArray(group, { maxLength: 2 }),
      patient: fc.uniqueArray(group, { maxLength: 1 }),
      sees: fc.constantFrom([], [], [], ['VIEW_DOCUMENTS'], ['VIEW_USER'], ['VIEW_EVENTS', 'VIEW_GROUP']),
    });
    const change = fc.record({
      by: fc.nat(),
      schema: fc.nat({ max: 3 }),
      next: fc.constantFrom('nothing', 'nothing', 'link', 'update', 'delete'),
      to: fc.nat(),
    });
    const schemas = await Promise.all([
      schema(['creator', 'linkedGroupStaff']),
      schema(['creator', 'linkedUsers', 'linkedGroupPatients']),
      schema(['linkedGroupStaff']),
      schema('allUsers'),
    ]);
    const operator: IdentityData = {
      userId: newId(),
      permissions: ['VIEW_DOCUMENTS', 'UPDATE_DOCUMENTS', 'DELETE_DOCUMENTS', 'UPDATE_ACCESS_TO_DOCUMENT'],
    };
    const property = fc.asyncProperty(
      fc.array(rights, { minLength: 3, maxLength: 8 }),
      fc.array(change, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 5 }),
      async (viewers, changes, atOnce) => {
        const identities: IdentityData[] = [];
        for (const { staff, patient, sees } of viewers) {
          const userId = await people.user({ firstName: `Of ${staff.length} ${patient.length}` });
          for (const groupId of staff) await people.staff(userId, groupId);
          for (const groupId of patient) await people.patient(userId, groupId);
          identities.push({ ...(await people.identityOf(userId)), permissions: [...sees] });
        }
        await hub.publish();
        const held = operations.map((query) =>
          identities.map((identity) =>
            hub.subscribe(
              query,
              viewerOf(() => identity),
              variables,
            ),
          ),
        );
        await hub.settled();
        for (const { by, schema: kind, next, to } of changes) {
          const [creator, other] = [pick(identities, by), pick(identities, to)];
          const id = await document(creator, schemas[kind] as string);
          if (next === 'link') await run(operator, link, { input: { id, userIds: [other.userId] } });
          if (next === 'update') await run(operator, update, { input: { id, data: { text: 'y' } } });
          if (next === 'delete') await run(operator, remove, { input: { id } });
        }
        const published = await hub.publish(atOnce);
        for (const [index, query] of operations.entries()) {
          for (const [who, identity] of identities.entries()) {
            if (index === 3 && !identity.permissions?.includes('VIEW_EVENTS')) continue;
            const expected = await alone(query, identity, published, variables);
            const subscription = held[index]?.[who];
            await subscription?.received(expected.length);
            expect(subscription?.results.map(({ json }) => json)).toEqual(expected);
          }
        }
        await Promise.all(held.flat().map((subscription) => subscription.close()));
      },
    );
    await fc.assert(property, { numRuns: 12, endOnFailure: true });
  }, 600_000);
});

const variables = { schemaName: null };
const link = 'mutation ($input: LinkDocumentInput!) { linkDocument(input: $input) { document { id } } }';
const update = 'mutation ($input: UpdateDocumentInput!) { updateDocument(input: $input) { document { id } } }';
const remove = 'mutation ($input: DeleteDocumentInput!) { deleteDocument(input: $input) { deletedId } }';

function pick<T>(items: readonly T[], index: number): T {
  return items[index % items.length] as T;
}

describe('one execution serves', () => {
  async function ward(count: number) {
    const groupId = await people.group('Ward');
    const schemaName = await schema(['creator', 'linkedGroupStaff']);
    const userId = await people.user({ firstName: 'Pat' });
    await people.patient(userId, groupId);
    const staff: IdentityData[] = [];
    for (let n = 0; n < count; n += 1) staff.push({ userId: newId(), staff: [{ groupId, permissions: [] }] });
    return { groupId, schemaName, staff, patient: await people.identityOf(userId) };
  }

  /** All of them subscribe to what comes from now on, each as somebody else. */
  async function look(others: readonly IdentityData[], one: IdentityData) {
    await hub.publish();
    const subscribe = (identity: IdentityData) =>
      hub.subscribe(
        named,
        viewerOf(() => identity),
      );
    const subscriptions = [others.map(subscribe), subscribe(one)] as const;
    await hub.settled();
    return subscriptions;
  }

  test('a ward of 100 with the names of who measured and of the ward; the patient gets an own one', async () => {
    const { staff, patient, schemaName } = await ward(100);
    const [nurses, own] = await look(staff, patient);
    await document(patient, schemaName);
    const published = await hub.publish();
    await Promise.all([...nurses, own].map((subscription) => subscription.received(1)));
    expect(await hub.count('executions')).toBe(2);
    expect(await hub.count('upstreams')).toBe(1);
    const [first] = nurses[0]?.results ?? [];
    expect(first?.json).toContain('"firstName":"Pat"');
    // Serialised once: the very same object.
    expect(nurses.every(({ results }) => results[0] === first)).toBe(true);
    expect(own.results.map(({ json }) => json)).toEqual(await alone(named, patient, published));
  });

  test('all patients of a ward, but for the one whose document it is', async () => {
    const { groupId, patient, schemaName } = await ward(0);
    const others = Array.from({ length: 20 }, () => ({ userId: newId(), patient: [{ groupId, expiresAt: null }] }));
    const [held, own] = await look(others, patient);
    await document(patient, schemaName);
    await hub.publish();
    await own.received(1);
    expect(await hub.count('executions')).toBe(2);
    await document({ userId: newId() }, await schema('allUsers'));
    await hub.publish();
    await Promise.all([own.received(2), ...held.map((subscription) => subscription.received(1))]);
    expect(held.map(({ results }) => results.length)).toEqual(others.map(() => 1));
    expect(await hub.count('executions')).toBe(3);
  });

  test('nobody else where what is asked for depends on who asks: that is found out once', async () => {
    const { staff, patient, schemaName } = await ward(5);
    const query = 'subscription { documentChanged { document { creator { staffEnlistments { group { id } } } } } }';
    await hub.publish();
    const nurses = staff.map((identity) =>
      hub.subscribe(
        query,
        viewerOf(() => identity),
      ),
    );
    await hub.settled();
    await document(patient, schemaName);
    await hub.publish();
    await Promise.all(nurses.map((subscription) => subscription.received(1)));
    expect(await hub.count('executions')).toBe(6);
    await document(patient, schemaName);
    await hub.publish();
    await Promise.all(nurses.map((subscription) => subscription.received(2)));
    expect(await hub.count('executions')).toBe(11);
  });
});
