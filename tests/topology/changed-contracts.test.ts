// A service comes back with another contract while gateways serve.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeOnServers } from '../support/describe-on-servers.ts';
import { pollUntil } from '../support/poll-until.ts';
import type { Program } from '../support/program.ts';
import type { TestGateway } from '../support/test-gateway.ts';
import { createTestGateway, filesService, usersService } from '../support/test-gateway.ts';

describeOnServers('a contract that changes', ['redis'], () => {
  let gateway: TestGateway;
  let program: Program;
  let release = () => {};
  const slowUsers = () =>
    usersService('slow: String', {
      slow: () =>
        new Promise((resolve) => {
          release = () => resolve('At last');
        }),
    });
  beforeAll(async () => {
    gateway = await createTestGateway();
    await gateway.users.become(slowUsers());
    await gateway.files.become(filesService());
    program = await gateway.start({ LOG_LEVEL: 'info' });
  });
  afterAll(() => gateway?.close());

  const answers = (query: string) =>
    pollUntil(
      () => gateway.ask(query),
      ({ errors }) => errors === undefined,
    );
  const refusedMetric = async () => /^caregraph_supergraph_refused (\d+)$/m.exec(await gateway.metrics())?.[1];

  test('that does not compose is refused and told of once; what was served stays, and others may change', async () => {
    await gateway.files.become({
      contract: 'type Query { letter: Int } type Person @key(fields: "id") { id: ID! name: Int! }',
      resolvers: { Query: { letter: () => 1 } },
    });
    await pollUntil(gateway.readiness, ({ parts }) => parts.supergraph === 'refused');
    expect(await gateway.readiness()).toMatchObject({ ready: true });
    expect(await refusedMetric()).toBe('1');
    expect(await gateway.ask('{ person { id name } }')).toMatchObject({ data: { person: { id: '1', name: 'Ada' } } });

    await gateway.users.become(usersService('also: String', { also: () => 'This, too' }));
    expect((await answers('{ also }')).data).toEqual({ also: 'This, too' });
    expect(await refusedMetric()).toBe('1');
    expect(await gateway.readiness()).toMatchObject({ ready: true, parts: { supergraph: 'refused' } });

    await gateway.files.become(filesService());
    await gateway.users.become(slowUsers());
    await pollUntil(gateway.readiness, ({ parts }) => parts.supergraph === 'ok');
    expect(await refusedMetric()).toBe('0');
    const refusals = program.output().match(/a changed contract is refused/g) ?? [];
    // Alone, and together with the change of `users`.
    expect(refusals.length).toBeGreaterThan(0);
    expect(refusals.length).toBeLessThanOrEqual(3);
  });

  test('is taken over without a restart, while an operation that began before ends as it began', async () => {
    await answers('{ letter slow: __typename }');
    const before = await gateway.metrics();
    const slow = gateway.ask('{ slow person { name letters } }');
    await pollUntil(
      async () => release,
      (given) => given.toString().includes('At last'),
    );
    await gateway.files.become({
      contract:
        'type Query { letter: String added: String } type Person @key(fields: "id") { id: ID! letters: [String!] }',
      resolvers: {
        Query: { letter: () => 'Dear reader', added: () => 'New' },
        Person: { __resolveReference: (person) => person, letters: () => ['Dear Ada'] },
      },
    });
    expect((await answers('{ added letter }')).data).toEqual({ added: 'New', letter: 'Dear reader' });
    release();
    expect(await slow).toEqual({
      status: 200,
      data: { slow: 'At last', person: { name: 'Ada', letters: ['Dear Ada'] } },
    });
    const count = (text: string) => Number(/^caregraph_supergraph_changes_total (\d+)$/m.exec(text)?.[1]);
    expect(count(await gateway.metrics())).toBe(count(before) + 1);
  });

  test('may lose a field: operations that ask for it are refused then', async () => {
    await gateway.files.become(filesService());
    const refused = await pollUntil(
      () => gateway.ask('{ added }'),
      ({ errors }) => errors?.[0]?.extensions.code === 'GRAPHQL_VALIDATION_FAILED',
    );
    expect(refused.status).toBe(400);
    expect((await gateway.ask('{ letter person { letters } }')).data).toEqual({
      letter: 'Dear reader',
      person: { letters: ['Dear Ada'] },
    });
  });
});
