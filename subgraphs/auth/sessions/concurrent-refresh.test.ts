// A refresh token that is used twice at the same moment, which only a server with many connections can show.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type PostgresServer, startPostgres } from '../../../operations/servers/postgres.ts';
import { describeOnServers } from '../../../tests/support/describe-on-servers.ts';
import { startTestSubgraphs, type TestSubgraphs } from '../../../tests/support/subgraphs.ts';
import { users } from '../../users/index.ts';
import { auth } from '../index.ts';
import { hashToken } from '../tokens.ts';

describeOnServers('a refresh token used twice at once', ['postgres'], () => {
  let server: PostgresServer;
  let graph: TestSubgraphs;
  const account = { email: 'jane@example.org', password: 'chosen by the operator' };
  beforeAll(async () => {
    server = await startPostgres();
    const environment = { ADMIN_EMAIL: account.email, ADMIN_PASSWORD: account.password };
    graph = await startTestSubgraphs([users, auth], { environment, databaseUrl: await server.createDatabase() });
  }, 300_000);
  afterAll(async () => {
    await graph.close();
    await server.stop();
  });

  const run = (query: string, input: object) => graph.execute('auth', { query, variables: { input } });
  const login = 'mutation ($input: LoginInput!) { login(input: $input) { refreshToken } }';
  const refresh =
    'mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { accessToken refreshToken } }';
  const session = 'query ($tokenHash: String!) { session(tokenHash: $tokenHash) { id } }';

  test('is good once, and the session ends', async () => {
    for (let round = 0; round < 10; round += 1) {
      const input = { refreshToken: (await run(login, account)).data.login.refreshToken };
      const results = await Promise.all([1, 2, 3].map(() => run(refresh, input)));
      const won = results.filter(({ errors }) => errors === undefined);
      expect(won).toHaveLength(1);
      for (const { errors } of results)
        if (errors) expect(errors[0]?.extensions).toMatchObject({ code: 'REFRESH_TOKEN_INVALID' });
      const variables = { tokenHash: hashToken(won[0]?.data.refreshSession.accessToken) };
      expect(await graph.execute('auth', { query: session, variables, service: 'gateway' })).toEqual({
        data: { session: null },
      });
    }
  }, 300_000);
});
