// Codes and refresh tokens that are used several times at the same moment, which only a server with many connections
// can show.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type PostgresServer, startPostgres } from '../../../operations/servers/postgres.ts';
import { describeOnServers } from '../../../tests/support/describe-on-servers.ts';
import { type Answer, type OAuth2Service, startOAuth2Service } from '../../../tests/support/oauth2-service.ts';

describeOnServers('grants used several times at once', ['postgres'], () => {
  let server: PostgresServer;
  let service: OAuth2Service;
  beforeAll(async () => {
    server = await startPostgres();
    service = await startOAuth2Service({ databaseUrl: await server.createDatabase() });
  }, 300_000);
  afterAll(async () => {
    await service.close();
    await server.stop();
  });

  const won = (answers: readonly Answer[]) => answers.filter(({ status }) => status === 200);
  const refusals = (answers: readonly Answer[]) =>
    answers.filter(({ status }) => status !== 200).map(({ body }) => body.exh_error.code);

  test('a code is good once, and what came of it ends', async () => {
    const client = await service.createClient();
    for (let round = 0; round < 5; round += 1) {
      const session = await service.sessionOf((await service.signIn(client)).access_token);
      const { data } = await service.graph.execute('auth', {
        query: `mutation ($input: CreateOAuth2AuthorizationInput!) {
          createOAuth2Authorization(input: $input) { authorizationCode }
        }`,
        variables: { input: { responseType: 'code', clientId: client.clientId } },
        identity: { userId: service.account.userId },
        sessionId: session?.id ?? '',
      });
      const grant = { grant_type: 'authorization_code', code: data.createOAuth2Authorization.authorizationCode };
      const answers = await Promise.all([1, 2, 3].map(() => service.post('/oauth2/token', client, grant)));
      expect(won(answers)).toHaveLength(1);
      expect(refusals(answers)).toEqual([115, 115]);
      expect(await service.sessionOf(won(answers)[0]?.body.access_token)).toBeNull();
    }
  }, 300_000);

  test('a refresh token of a public application is good once, and the session ends', async () => {
    const client = await service.createClient();
    for (let round = 0; round < 5; round += 1) {
      const grant = { grant_type: 'refresh_token', refresh_token: (await service.signIn(client)).refresh_token };
      const answers = await Promise.all([1, 2, 3].map(() => service.post('/oauth2/token', client, grant)));
      expect(won(answers)).toHaveLength(1);
      expect(refusals(answers)).toEqual([119, 119]);
      expect(await service.sessionOf(won(answers)[0]?.body.access_token)).toBeNull();
    }
  }, 300_000);

  test('a refresh token of an application that keeps a secret gives each its access token', async () => {
    const client = await service.createClient({ confidential: true });
    const grant = { grant_type: 'refresh_token', refresh_token: (await service.signIn(client)).refresh_token };
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => service.post('/oauth2/token', client, grant)));
    expect(won(answers)).toHaveLength(5);
    for (const { body } of answers) expect(await service.sessionOf(body.access_token)).not.toBeNull();
  }, 300_000);
});
