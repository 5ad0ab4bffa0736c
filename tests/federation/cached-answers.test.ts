// Answers that are kept or shared are those that everybody would get by an execution of their own: at every step of
// random writes and questions, by viewers of different rights, through two gateways that keep answers in one place.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createAnswerMetrics } from '../../gateway/answers/answer-metrics.ts';
import { answerQueries } from '../../gateway/answers/answer-queries.ts';
import { executeOn } from '../../gateway/answers/answer-query.ts';
import { countChanges } from '../../gateway/answers/changes-here.ts';
import { createProgressReader } from '../../gateway/answers/log-progress.ts';
import { type LogWatch, watchLog } from '../../gateway/answers/log-watch.ts';
import { createMemoryStore } from '../../gateway/answers/memory-store.ts';
import { createResponseCache } from '../../gateway/answers/response-cache.ts';
import { shareRuns } from '../../gateway/answers/share-runs.ts';
import { createSupergraphAnswers } from '../../gateway/answers/supergraph-answers.ts';
import { compose } from '../../gateway/compose.ts';
import { createMetrics } from '../../gateway/metrics.ts';
import { readKnownOperation } from '../../gateway/protection/read-operation.ts';
import { createLogReader } from '../../gateway/read-log.ts';
import { type ServedSupergraph, serveSupergraph } from '../../gateway/served-supergraph.ts';
import { SubgraphDataSource } from '../../gateway/subgraph-data-source.ts';
import { permissionNames } from '../../platform/access/permissions.ts';
import { serviceNames } from '../../platform/config.ts';
import { type EventFeedOptions, startEventFeed } from '../../platform/events/event-feed.ts';
import type { EventFeed } from '../../platform/events/feed.ts';
import { createLocalBus } from '../../platform/events/local-bus.ts';
import { numberEvents } from '../../platform/events/number-events.ts';
import type { Caller } from '../../platform/identity/identity.ts';
import { anonymous, identityFrom } from '../../platform/identity/identity.ts';
import type { IdentityResolver } from '../../platform/identity/identity-resolver.ts';
import { createIdentityResolver } from '../../platform/identity/identity-resolver.ts';
import { createServiceIdentitySource } from '../../platform/identity/service-identity-source.ts';
import { newId } from '../../platform/ids.ts';
import { createServiceClient } from '../../platform/subgraph/create-service-client.ts';
import type { ServiceClient } from '../../platform/subgraph/service-client.ts';
import { subgraphs } from '../../subgraphs/registry.ts';
import { bloodPressure, mutations as clinicMutations } from '../support/clinic.ts';
import { createRandomSource, type RandomSource } from '../support/random-source.ts';
import type { TestSubgraphs } from '../support/subgraphs.ts';
import { startTestSubgraphs } from '../support/subgraphs.ts';

const mutations = {
  ...clinicMutations,
  disable: 'mutation ($input: DisableDocumentSchemaInput!) { disableDocumentSchema(input: $input) { schema { id } } }',
  enable: 'mutation ($input: EnableDocumentSchemaInput!) { enableDocumentSchema(input: $input) { schema { id } } }',
  updateRole: 'mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { role { id } } }',
  removeRoles: 'mutation ($input: RemoveRolesFromUsersInput!) { removeRolesFromUsers(input: $input) { users { id } } }',
  updateSettings:
    'mutation ($input: UpdateUserSettingsInput!) { updateUserSettings(input: $input) { settings { passwordPolicy { minimumLength } } } }',
};

let graph: TestSubgraphs;
let services: ServiceClient;
let identities: IdentityResolver;
let served: ServedSupergraph;
const bus = createLocalBus();
const log = pino({ level: 'silent' });
const operator: Caller = { identity: identityFrom({ userId: newId(), permissions: [...permissionNames] }) };

interface Gateway {
  ask(caller: Caller, query: string, variables?: Record<string, unknown>): Promise<string>;
  readonly figures: Record<string, number>;
  close(): void;
}

const store = createMemoryStore({ mostBytes: 50_000_000, now: () => performance.now() });

function startGateway(): Gateway & { readonly watch: LogWatch; readonly feed: EventFeed } {
  const readLog: EventFeedOptions['readLog'] = createLogReader(services);
  const feed = startEventFeed({ bus, readLog, log });
  const changes = countChanges();
  const now = () => performance.now();
  const watch = watchLog({ feed, readProgress: createProgressReader(services), changes, now });
  const figures: Record<string, number> = { hit: 0, miss: 0, bypass: 0, shared: 0 };
  const counted = createAnswerMetrics(new Registry());
  const answer = answerQueries({
    answer: executeOn(served),
    cache: createResponseCache({ store, watch, changes }),
    sharing: shareRuns({ changes, now }),
    supergraphs: createSupergraphAnswers(served),
    changes,
    metrics: {
      cached(result) {
        figures[result] = (figures[result] ?? 0) + 1;
        counted.cached(result);
      },
      shared() {
        figures.shared = (figures.shared ?? 0) + 1;
      },
    },
    clock: Date.now,
  });
  return {
    watch,
    feed,
    figures,
    ask: async (caller, query, variables = {}) =>
      textOf(await answer(read(query, variables), { caller, requestId: newId() })),
    close() {
      watch.close();
      feed.close();
    },
  };
}

/** As clients send the same text again and again, a document is parsed once. */
const documents = new Map<string, ReturnType<typeof readKnownOperation>>();
function read(query: string, variables: Record<string, unknown>) {
  const known = documents.get(query) ?? readKnownOperation(query, {}, served.holder.current().schema);
  documents.set(query, known);
  return { ...known, variables };
}

function textOf({ data, errors = [] }: Awaited<ReturnType<ReturnType<typeof executeOn>>>): string {
  const codes = errors.map((error) => (error as { extensions?: { code?: string } }).extensions?.code ?? String(error));
  return `${data?.text} ${codes.sort()}`;
}

async function uncached(caller: Caller, query: string, variables: Record<string, unknown> = {}): Promise<string> {
  return textOf(await executeOn(served)(read(query, variables), { caller, requestId: newId() }));
}

/** What a relay does. */
async function relay(): Promise<void> {
  const numbered = await numberEvents(graph.database.forService('events'), 500);
  if (numbered.length > 0) await bus.publish(numbered);
}

beforeAll(async () => {
  graph = await startTestSubgraphs(serviceNames.map((name) => subgraphs[name]));
  services = createServiceClient({ as: 'gateway', find: (name) => graph.subgraph(name), log });
  identities = createIdentityResolver(createServiceIdentitySource(services), Date.now);
  const metrics = createMetrics(new Registry());
  const parts = { metrics, log, identityOf: identities.ofSignedIn };
  const dataSources = Object.fromEntries(
    serviceNames.map((name) => [name, new SubgraphDataSource(name, graph.subgraph(name), parts)]),
  );
  const contracts = serviceNames.map((name) => ({ name, sdl: graph.subgraph(name).sdl }));
  served = serveSupergraph({ contracts, supergraphSdl: compose(contracts).supergraphSdl }, { dataSources, metrics });
}, 300_000);
afterAll(() => graph?.close());

/** Users of all kinds, some with the same rights as others. */
async function makeWorld() {
  const run = async (query: string, input: Record<string, unknown>): Promise<Record<string, never>> => {
    const text = await uncached(operator, query, { input });
    if (!text.endsWith(' ')) throw new Error(`${query}\n${text}`);
    return JSON.parse(text);
  };
  const made = async (query: string, input: Record<string, unknown>): Promise<string> => {
    const [payload] = Object.values(await run(query, input)) as Record<string, { id: string }>[];
    return Object.values(payload ?? {})[0]?.id ?? '';
  };
  const groups = [await made(mutations.createGroup, { name: 'A' }), await made(mutations.createGroup, { name: 'B' })];
  const users: string[] = [];
  for (let count = 0; count < 8; count += 1) {
    const name = { firstName: `U${count}`, lastName: 'X', language: 'EN' };
    users.push(
      await made(mutations.createUser, { email: `u${count}@example.org`, password: 'Correct-Horse-1', ...name }),
    );
  }
  const roles: string[] = [];
  for (const [name, groupId, permissions] of [
    ['ward', groups[0], ['VIEW_DOCUMENTS']],
    ['ward', groups[1], ['VIEW_DOCUMENTS']],
    ['admin', undefined, ['DISABLE_SCHEMAS', 'VIEW_ROLE']],
    ['other', undefined, ['VIEW_USER_VERIFICATION_SETTINGS']],
  ] as const) {
    const id = await made(mutations.createRole, {
      name,
      description: name,
      ...(groupId === undefined ? {} : { groupId }),
    });
    await run(mutations.addPermissions, { roleIds: [id], permissions });
    roles.push(id);
  }
  await run(mutations.addStaff, { userIds: users.slice(0, 3), groupIds: [groups[0]], roleIds: [roles[0]] });
  await run(mutations.addStaff, { userIds: [users[3]], groupIds: [groups[1]], roleIds: [roles[1]] });
  await run(mutations.addRoles, { userIds: [users[4], users[5]], roleIds: [roles[2]] });
  await run(mutations.addPatient, { userId: users[6], groupId: groups[0] });
  const schemas = ['one', 'two'];
  for (const name of schemas) await run(mutations.createSchema, { name, description: name, definition: bloodPressure });
  return { run, groups, users, roles, schemas };
}

type World = Awaited<ReturnType<typeof makeWorld>>;

const questions = [
  '{ documentSchemas(first: 100) { nodes { name description disabled updatedAt } totalCount } }',
  '{ documentSchemas(first: 100) { edges { node { name definition } } pageInfo { endCursor } } }',
  '{ one: documentSchema(name: "one") { name disabled } two: documentSchema(name: "two") { name disabled } }',
  '{ roles(first: 100) { nodes { name permissions } totalCount } userSettings { passwordPolicy { minimumLength } } }',
  '{ roles(first: 100) { nodes { name group { name } } } }',
  '{ userSettings { passwordPolicy { minimumLength } verification { enablePinCodeActivationRequests } } }',
  '{ permissions { name } documentSchemas { totalCount } }',
  '{ me { id firstName roles { name } } }',
  '{ documents(schemaName: "one") { nodes { data creator { firstName } } totalCount } }',
  '{ fileSettings { anonymousTokens } }',
];

function randomWrite(
  random: RandomSource,
  { users, roles, groups, schemas }: World,
): [string, Record<string, unknown>] {
  const [userId, text] = [random.pick(users), `t${random.below(1_000_000)}`];
  const writes: [string, Record<string, unknown>][] = [
    [mutations.disable, { name: random.pick(schemas) }],
    [mutations.enable, { name: random.pick(schemas) }],
    [mutations.createSchema, { name: text, description: text, definition: bloodPressure }],
    [mutations.createDocument, { schemaName: random.pick(schemas), data: { systolic: random.below(300) } }],
    [mutations.updateRole, { roleId: random.pick(roles), description: text, name: text }],
    [mutations.addRoles, { userIds: [userId], roleIds: [random.pick(roles.slice(2))] }],
    [mutations.removeRoles, { userIds: [userId], roleIds: [random.pick(roles.slice(2))] }],
    [mutations.addPermissions, { roleIds: [random.pick(roles.slice(0, 2))], permissions: ['UPDATE_DOCUMENTS'] }],
    [mutations.addStaff, { userIds: [userId], groupIds: [groups[0]], roleIds: [roles[0]] }],
    [mutations.removeStaff, { userIds: [userId], groupIds: [groups[0]] }],
    [mutations.updateSettings, { passwordPolicy: { minimumLength: 8 + random.below(8) } }],
  ];
  return random.pick(writes);
}

test('every answer is the one of an own execution, at every step', async () => {
  const world = await makeWorld();
  while ((await numberEvents(graph.database.forService('events'), 500)).length > 0);
  const [here, there] = [startGateway(), startGateway()];
  await here.watch.look();
  await there.watch.look();
  const random = createRandomSource(7);
  const callerOf = async (userId: string | undefined): Promise<Caller> =>
    userId === undefined ? { identity: anonymous } : { identity: await identities.ofUser(userId), sessionId: userId };
  const anybody = () => (random.below(10) === 0 ? undefined : random.pick(world.users));
  const codes = new Set<string>();
  let writes = 0;
  for (let step = 0; step < 300; step += 1) {
    if (random.chance(0.12)) {
      const [mutation, input] = randomWrite(random, world);
      const writer = random.chance(0.8) ? operator : await callerOf(anybody());
      const text = await here.ask(writer, mutation, { input });
      codes.add(text.slice(text.lastIndexOf(' ') + 1));
      writes += 1;
    }
    if (random.chance(0.3)) await relay();
    const query = random.pick(questions);
    // Several at once, so that some are answered together.
    const callers = await Promise.all([anybody(), anybody(), anybody()].map(callerOf));
    const given = await Promise.all(callers.map((caller) => here.ask(caller, query)));
    for (const [index, caller] of callers.entries()) {
      expect([step, query, given[index]]).toEqual([step, query, await uncached(caller, query)]);
    }
    if (random.chance(0.3)) {
      // The other gateway has not seen the writes: what it gives is right once the log has told of them.
      await relay();
      const [caller] = callers as [Caller];
      expect([step, query, await there.ask(caller, query)]).toEqual([step, query, await uncached(caller, query)]);
    }
  }
  expect(writes).toBeGreaterThan(20);
  expect(codes.has('')).toBe(true);
  expect(codes.has('FORBIDDEN')).toBe(true);
  expect(here.figures.hit).toBeGreaterThan(50);
  expect(here.figures.shared).toBeGreaterThan(20);
  expect(there.figures.hit).toBeGreaterThan(10);
  here.close();
  there.close();
}, 300_000);
