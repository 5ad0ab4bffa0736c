// Answers that are kept and shared, over HTTP: given to those with the same rights and to nobody else, until something
// changes. In memory with everything in one process; in Redis with two gateways in front of services.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Clinic } from '../support/clinic.ts';
import { bloodPressure, mutations, openClinic } from '../support/clinic.ts';
import { createGraphqlClient, type GraphqlClient } from '../support/graphql-client.ts';
import type { DistributedShape, Shape } from '../support/shapes.ts';
import { describeOnDistributedShape, startAllInOne } from '../support/shapes.ts';

const schemas = '{ documentSchemas(first: 100) { nodes { name description } totalCount } }';
const roles = '{ roles(first: 100) { nodes { name } } }';
const disable =
  'mutation ($input: DisableDocumentSchemaInput!) { disableDocumentSchema(input: $input) { schema { id } } }';
const logs = '{ accessLogs(first: 100) { nodes { operationName userId } } }';

type Figures = Record<'hit' | 'miss' | 'bypass' | 'shared', number>;

async function figuresOf(url: string): Promise<Figures> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const read = (name: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')[1] ?? 0,
    );
  const cached = (result: string) => read(`caregraph_response_cache_total{result="${result}"}`);
  return {
    hit: cached('hit'),
    miss: cached('miss'),
    bypass: cached('bypass'),
    shared: read('caregraph_shared_queries_total'),
  };
}

/** What of the figures has grown meanwhile. */
async function grown(url: string, work: () => Promise<unknown>): Promise<Partial<Figures>> {
  const before = await figuresOf(url);
  await work();
  const after = await figuresOf(url);
  const names = Object.keys(after) as (keyof Figures)[];
  return Object.fromEntries(
    names.flatMap((name) => (after[name] > before[name] ? [[name, after[name] - before[name]]] : [])),
  );
}

interface World {
  readonly shape: Shape;
  readonly clinic: Clinic;
  readonly nurses: readonly GraphqlClient[];
}

/** Several on the staff of group A with the same rights. */
async function openWorld(shape: Shape): Promise<World> {
  const clinic = await openClinic(shape);
  const { admin, groupA, createUser, signInAs } = clinic;
  const { role } = (await admin.run(mutations.createRole, { input: { name: 'nurse', groupId: groupA } })).createRole;
  await admin.run(mutations.addPermissions, { input: { roleIds: [role.id], permissions: ['VIEW_DOCUMENTS'] } });
  const nurses: GraphqlClient[] = [];
  for (const name of ['Ann', 'Ben', 'Cem', 'Dea']) {
    const userIds = [await createUser(name)];
    await admin.run(mutations.addStaff, { input: { userIds, groupIds: [groupA], roleIds: [role.id] } });
    nurses.push(await signInAs(name));
  }
  return { shape, clinic, nurses };
}

/** Asks until what is kept is given: what was written before has to have come to the gateway. */
async function warm(url: string, client: GraphqlClient, query: string): Promise<void> {
  for (const deadline = Date.now() + 30_000; ; await pause(50)) {
    if ((await grown(url, () => client.run(query))).hit === 1) return;
    if (Date.now() > deadline) throw new Error('nothing is kept');
  }
}

const names = (data: { documentSchemas: { nodes: { name: string }[] } }) =>
  data.documentSchemas.nodes.map(({ name }) => name);

function suite(world: () => World): void {
  test('an answer is given to all with the same rights, and to nobody else', async () => {
    const { shape, clinic, nurses } = world();
    const [ann, ben] = nurses as [GraphqlClient, GraphqlClient];
    await warm(shape.url, ann, schemas);
    const answer = await ann.run(schemas);
    expect(await grown(shape.url, async () => expect(await ben.run(schemas)).toEqual(answer))).toEqual({ hit: 1 });
    expect(await grown(shape.url, () => clinic.karim.run(schemas))).toEqual({ miss: 1 });
    const refused = await createGraphqlClient(shape.url).ask(schemas);
    expect(refused.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    // What is refused is refused again, and kept for nobody.
    expect((await createGraphqlClient(shape.url).ask(schemas)).errors).toHaveLength(1);
  });

  test('who has changed something sees it at once, and so does everybody at this gateway', async () => {
    const { shape, clinic, nurses } = world();
    const [ann, ben] = nurses as [GraphqlClient, GraphqlClient];
    for (let count = 0; count < 5; count += 1) {
      await warm(shape.url, ann, schemas);
      const name = `made-${count}-${clinic.schemaName}`;
      const input = { name, description: 'another', definition: bloodPressure };
      await clinic.admin.run(mutations.createSchema, { input });
      expect(names(await ben.run(schemas))).toContain(name);
      expect(names(await clinic.admin.run(schemas))).toContain(name);
    }
  });

  test('what one may see with another permission, nobody else is given', async () => {
    const { shape, clinic, nurses } = world();
    const [ann] = nurses as [GraphqlClient];
    const name = `hidden-${clinic.schemaName}`;
    await clinic.admin.run(mutations.createSchema, { input: { name, description: '', definition: bloodPressure } });
    await clinic.admin.run(disable, { input: { name } });
    await warm(shape.url, clinic.admin, schemas);
    expect(names(await clinic.admin.run(schemas))).toContain(name);
    for (const viewer of [ann, clinic.karim, clinic.pat, ann])
      expect(names(await viewer.run(schemas))).not.toContain(name);
    expect(names(await clinic.admin.run(schemas))).toContain(name);
  });

  test('who has lost a role is given nothing of it from the next request on', async () => {
    const { shape, clinic } = world();
    const { groupA, admin, jane } = clinic;
    await warm(shape.url, jane, roles);
    const before = (await jane.run(roles)).roles.nodes;
    expect(before).toContainEqual({ name: 'nurse' });
    await admin.run(mutations.removeStaff, { input: { userIds: [jane.userId], groupIds: [groupA] } });
    expect((await jane.run(roles)).roles.nodes).not.toContainEqual({ name: 'nurse' });
  });

  test('the same question at the same time is run once; the access log has each who asked', async () => {
    const { shape, clinic, nurses } = world();
    const query = 'query SameTime { documentSchemas(first: 3) { nodes { name } } __typename }';
    const asked = [...nurses, ...nurses, ...nurses];
    const shares = async () => {
      const answers = await Promise.all(asked.map((nurse) => nurse.run(query)));
      for (const answer of answers) expect(answer).toEqual(answers[0]);
    };
    const total = await grown(shape.url, shares);
    expect((total.shared ?? 0) + (total.hit ?? 0)).toBeGreaterThan(0);
    expect((total.hit ?? 0) + (total.miss ?? 0) + (total.bypass ?? 0)).toBe(asked.length);
    for (const deadline = Date.now() + 30_000; ; await pause(100)) {
      const { nodes } = (await clinic.admin.run(logs)).accessLogs as { nodes: Record<string, string>[] };
      const users = nodes.filter(({ operationName }) => operationName === 'SameTime').map(({ userId }) => userId);
      if (users.length === asked.length) {
        expect(users.toSorted()).toEqual(asked.map(({ userId }) => userId).toSorted());
        break;
      }
      if (Date.now() > deadline) throw new Error('not all were logged');
    }
  });
}

describe('answers in memory (all in one)', () => {
  let opened: World;
  beforeAll(async () => {
    opened = await openWorld(await startAllInOne({ RESPONSE_CACHE: 'memory', SHARE_QUERIES: 'true' }));
  }, 300_000);
  afterAll(() => opened?.shape.close(), 300_000);
  suite(() => opened);
});

describeOnDistributedShape('answers in Redis', (start) => {
  let shape: DistributedShape;
  let opened: World;
  let there: string;
  beforeAll(async () => {
    shape = await start({ RESPONSE_CACHE: 'redis', SHARE_QUERIES: 'true' });
    there = await shape.startReplica();
    opened = await openWorld(shape);
  }, 300_000);
  afterAll(() => shape?.close(), 300_000);
  suite(() => opened);

  const elsewhere = ({ token, userId }: GraphqlClient) => createGraphqlClient(there, token, userId);

  test('what one gateway has kept, another gives; and no more once something has changed there', async () => {
    const { clinic, nurses } = opened;
    const [ann, ben] = nurses as [GraphqlClient, GraphqlClient];
    await warm(shape.url, ann, schemas);
    // Both have seen the same of the log.
    await warm(there, elsewhere(ann), '{ userSettings { passwordPolicy { minimumLength } } }');
    expect(await grown(there, () => elsewhere(ben).run(schemas))).toEqual({ hit: 1 });
    const name = `elsewhere-${clinic.schemaName}`;
    const input = { name, description: 'another', definition: bloodPressure };
    await elsewhere(clinic.admin).run(mutations.createSchema, { input });
    expect(names(await elsewhere(ben).run(schemas))).toContain(name);
    for (const deadline = Date.now() + 5_000; !names(await ann.run(schemas)).includes(name); await pause(20)) {
      if (Date.now() > deadline) throw new Error('the other gateway gives what is old');
    }
  });

  test('what lies in Redis can be read by nobody', async () => {
    const { clinic, nurses } = opened;
    const [ann] = nurses as [GraphqlClient];
    await warm(shape.url, ann, schemas);
    const redis = new Redis(shape.redis.url);
    try {
      const kept = await redis.keys('caregraph:answer:*');
      expect(kept.length).toBeGreaterThan(0);
      for (const key of kept) {
        expect(key).toMatch(/^caregraph:answer:[\w-]{43}$/);
        expect(await redis.pttl(key)).toBeGreaterThan(0);
        expect((await redis.getBuffer(key))?.toString('latin1')).not.toContain(clinic.schemaName);
      }
    } finally {
      redis.disconnect();
    }
  });

  test('without Redis every request is answered as if nothing was kept', async () => {
    const { clinic, nurses } = opened;
    const [ann] = nurses as [GraphqlClient];
    await warm(shape.url, ann, schemas);
    await shape.redis.crash();
    const since = Date.now();
    const total = await grown(shape.url, async () => {
      for (let count = 0; count < 5; count += 1) expect(names(await ann.run(schemas))).toContain(clinic.schemaName);
    });
    expect(total).toEqual({ bypass: 5 });
    expect(Date.now() - since).toBeLessThan(5_000);
    await shape.redis.restart();
    await warm(shape.url, ann, schemas);
  });
});
