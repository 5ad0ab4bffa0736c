// Changes of settings at the same moment, which only a server with many connections can show.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type PostgresServer, startPostgres } from '../../../operations/servers/postgres.ts';
import { describeOnServers } from '../../../tests/support/describe-on-servers.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../index.ts';

describeOnServers('settings changed at once', ['postgres'], () => {
  let server: PostgresServer;
  let graph: TestSubgraphs;
  beforeAll(async () => {
    server = await startPostgres();
    graph = await startTestSubgraphs([users], { databaseUrl: await server.createDatabase() });
  }, 300_000);
  afterAll(async () => {
    await graph?.close();
    await server?.stop();
  });

  const permissions = ['UPDATE_PASSWORD_POLICY'];
  const fields = 'minimumLength maximumLength upperCaseRequired lowerCaseRequired numberRequired symbolRequired';
  const update = (passwordPolicy: object) =>
    graph.execute('users', {
      query: 'mutation ($input: UpdateUserSettingsInput!) { updateUserSettings(input: $input) { __typename } }',
      variables: { input: { passwordPolicy } },
      identity: { userId: '018f0000-0000-7000-8000-000000000001', permissions },
    });

  test('lose nothing, from the first one on', async () => {
    const asked = { minimumLength: 12, maximumLength: 500, symbolRequired: true, upperCaseRequired: false };
    const changes = Object.entries(asked).map(([name, value]) => ({ [name]: value }));
    for (const { errors } of await Promise.all(changes.map(update))) expect(errors).toBeUndefined();
    const { data } = await graph.execute('users', { query: `{ userSettings { passwordPolicy { ${fields} } } }` });
    expect(data.userSettings.passwordPolicy).toEqual({ ...asked, lowerCaseRequired: true, numberRequired: true });
  });

  test('never end with a policy that no password can meet', async () => {
    for (let round = 0; round < 5; round += 1) {
      await update({ minimumLength: 8, maximumLength: 128 });
      const results = await Promise.all([update({ minimumLength: 100 }), update({ maximumLength: 50 })]);
      expect(results.filter(({ errors }) => errors === undefined)).toHaveLength(1);
    }
  });
});
