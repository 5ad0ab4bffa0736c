// Errors that nobody expected, as clients see them over every transport: an id, and nothing of the inside. The id leads to
// the full story in the log of the gateway.
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { describeOnServers } from '../support/describe-on-servers.ts';
import { askOver, transports } from '../support/every-transport.ts';
import { pollUntil } from '../support/poll-until.ts';
import type { Program } from '../support/program.ts';
import type { TestGateway } from '../support/test-gateway.ts';
import { createTestGateway, filesService, usersService } from '../support/test-gateway.ts';

jest.setTimeout(300_000);

const inside = 'SELECT secret FROM users.users at http://10.1.2.3:5432/subgraphs/users {"body":"hidden"}';

describeOnServers('errors that nobody expected', ['redis'], () => {
  let gateway: TestGateway;
  let program: Program;

  beforeAll(async () => {
    gateway = await createTestGateway();
    const fails = () => {
      throw new Error(inside);
    };
    await gateway.users.become(usersService('fails: String', { fails } as never));
    await gateway.files.become(filesService());
    program = await gateway.start();
  });
  afterAll(() => gateway.close());

  test.each(transports)('are masked over %s, and their id stands in the log with the rest', async (transport) => {
    const result = await askOver(transport, { url: gateway.url }, { query: '{ fails person { name } }' });
    const [{ message, extensions, path }] = result.errors;
    expect(result.data).toEqual({ fails: null, person: { name: 'Ada' } });
    expect(extensions).toEqual({
      code: 'INTERNAL_SERVER_ERROR',
      details: { errorId: expect.stringMatching(/^[\w-]{36}$/) },
    });
    expect([message, path]).toEqual([`Something went wrong. Error id: ${extensions.details.errorId}`, ['fails']]);
    expect(JSON.stringify(result)).not.toMatch(/SELECT|10\.1\.2\.3|hidden|subgraph|stack|node_modules|serviceName/i);
    const lines = await pollUntil(
      async () =>
        program
          .output()
          .split('\n')
          .filter((line) => line.includes(extensions.details.errorId)),
      (found) => found.length > 0,
    );
    expect(lines.join()).toContain('SELECT secret FROM users.users');
  });

  test.each(transports)(
    'and so is over %s that a service cannot be reached: its name is told, no address',
    async (transport) => {
      await gateway.files.stop();
      const result = await askOver(transport, { url: gateway.url }, { query: '{ letter }' });
      expect(result.errors[0].extensions).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
      expect(JSON.stringify(result)).not.toMatch(/127\.0\.0\.1|ECONN|http:|stack|undici/i);
    },
  );
});
