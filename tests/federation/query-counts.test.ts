// What a whole operation costs in SQL, through the gateway: at most one query for each type of entity involved.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { executeOn } from '../../gateway/answers/answer-query.ts';
import { compose } from '../../gateway/compose.ts';
import { planHere } from '../../gateway/execution/plan-here.ts';
import { createMetrics } from '../../gateway/metrics.ts';
import type { Operations } from '../../gateway/operations.ts';
import { createOperations } from '../../gateway/operations.ts';
import { readKnownOperation } from '../../gateway/protection/read-operation.ts';
import type { ServedSupergraph } from '../../gateway/served-supergraph.ts';
import { serveSupergraph } from '../../gateway/served-supergraph.ts';
import { SubgraphDataSource } from '../../gateway/subgraph-data-source.ts';
import { permissionNames } from '../../platform/access/permissions.ts';
import { serviceNames } from '../../platform/config.ts';
import type { Caller } from '../../platform/identity/identity.ts';
import { identityFrom } from '../../platform/identity/identity.ts';
import { createIdentityResolver } from '../../platform/identity/identity-resolver.ts';
import { createServiceIdentitySource } from '../../platform/identity/service-identity-source.ts';
import { newId } from '../../platform/ids.ts';
import { createServiceClient } from '../../platform/subgraph/create-service-client.ts';
import { noTracing } from '../../platform/tracing/tracing.ts';
import { subgraphs } from '../../subgraphs/registry.ts';
import { bloodPressure, mutations } from '../support/clinic.ts';
import { countByTable, recordStatements } from '../support/recorded-statements.ts';
import type { TestSubgraphs } from '../support/subgraphs.ts';
import { startTestSubgraphs } from '../support/subgraphs.ts';

let graph: TestSubgraphs;
let served: ServedSupergraph;
let operations: Operations;
let jane: Caller;
const operator: Caller = { identity: identityFrom({ userId: newId(), permissions: [...permissionNames] }) };

// biome-ignore lint/suspicious/noExplicitAny: what tests expect stands in their assertions
async function run(caller: Caller, query: string, variables: Record<string, unknown> = {}): Promise<any> {
  const operation = readKnownOperation(query, variables, served.holder.current().schema);
  const { data, errors } = await operations.execute(operation, { caller, requestId: newId() });
  expect(errors).toBeUndefined();
  return data?.toJSON();
}

beforeAll(async () => {
  graph = await startTestSubgraphs(serviceNames.map((name) => subgraphs[name]));
  const log = pino({ level: 'silent' });
  const services = createServiceClient({ as: 'gateway', find: (name) => graph.subgraph(name), log });
  const identities = createIdentityResolver(createServiceIdentitySource(services), Date.now);
  const metrics = createMetrics(new Registry());
  const parts = { metrics, log, identityOf: identities.ofSignedIn };
  const sources = Object.fromEntries(
    serviceNames.map((name) => [name, new SubgraphDataSource(name, graph.subgraph(name), parts)]),
  );
  const contracts = serviceNames.map((name) => ({ name, sdl: graph.subgraph(name).sdl }));
  const { supergraphSdl } = compose(contracts);
  served = serveSupergraph({ contracts, supergraphSdl }, { dataSources: sources, metrics, planner: planHere });
  operations = createOperations({ answer: executeOn(served), metrics, tracing: noTracing, log });

  const create = async (firstName: string): Promise<string> => {
    const input = {
      email: `${firstName}@example.org`,
      firstName,
      lastName: 'X',
      password: 'Correct-Horse-1',
      language: 'EN',
    };
    return (await run(operator, mutations.createUser, { input })).createUser.user.id;
  };
  const groups: string[] = [];
  for (const name of ['A', 'B', 'C']) {
    groups.push((await run(operator, mutations.createGroup, { input: { name } })).createGroup.group.id);
  }
  const input = { name: 'blood-pressure', definition: bloodPressure };
  await run(operator, mutations.createSchema, { input });
  const janeId = await create('Jane');
  await run(operator, mutations.addStaff, { input: { userIds: [janeId], groupIds: groups } });
  for (let n = 0; n < 10; n += 1) {
    const userId = await create(`Pat${n}`);
    const own = groups.slice(0, (n % 3) + 1);
    const identity = identityFrom({ userId, patient: own.map((groupId) => ({ groupId })) });
    for (const groupId of own) await run(operator, mutations.addPatient, { input: { userId, groupId } });
    for (const systolic of [120, 121, 122]) {
      await run({ identity }, mutations.createDocument, {
        input: { schemaName: 'blood-pressure', data: { systolic } },
      });
    }
  }
  jane = { identity: await identities.ofUser(janeId) };
}, 300_000);

afterAll(async () => {
  await graph?.close();
});

describe('an operation of a viewer with rights in some groups', () => {
  const cost = async (query: string) => countByTable(await recordStatements(() => run(jane, query)));

  test('a page of 20 documents with creators and groups: one query for each type', async () => {
    const query = `{ documents(schemaName: "blood-pressure", first: 20) {
      nodes { id status data creator { firstName lastName } groups { name } schema { name } }
    } }`;
    expect((await run(jane, query)).documents.nodes).toHaveLength(20);
    const counts = await cost(query);
    expect(counts).toEqual({
      'data.documents': 1,
      'data.document_schemas': 1,
      'users.users': 1,
      'users.groups': 1,
    });
  });

  test('me with enlistments, groups and roles', async () => {
    const counts = await cost(`{ me {
      firstName roles { name permissions } staffEnlistments { group { name } roles { name permissions } }
      patientEnlistments { group { name } expiresAt expired }
    } }`);
    for (const [table, count] of Object.entries(counts)) expect([table, count]).toEqual([table, 1]);
  });

  test('asking twice for the same entities costs no more', async () => {
    const once = await cost('{ documents(schemaName: "blood-pressure") { nodes { creator { firstName } } } }');
    const nested = await cost(`{ documents(schemaName: "blood-pressure") {
      nodes { creator { firstName } users { firstName } }
    } }`);
    expect(nested['users.users']).toBeLessThanOrEqual((once['users.users'] ?? 0) + 1);
  });
});
