// A gateway that starts while a service is away.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { temporaryFolder } from '../../operations/servers/throwaway-process.ts';
import { describeOnServers } from '../support/describe-on-servers.ts';
import { pollUntil } from '../support/poll-until.ts';
import type { TestGateway } from '../support/test-gateway.ts';
import { createTestGateway, filesService, usersService } from '../support/test-gateway.ts';

const patience = 240_000;

describeOnServers('a gateway that starts while a service is away', ['redis'], () => {
  let gateway: TestGateway;
  let elsewhere: string;
  beforeEach(async () => {
    elsewhere = temporaryFolder('data');
    gateway = await createTestGateway();
    await gateway.users.become(usersService());
    await gateway.files.become(filesService());
    await gateway.start();
    const file = join(gateway.dataDir, 'last-supergraph');
    await pollUntil(
      () => readFile(file, 'utf8'),
      (text) => text.includes('letters'),
    );
  }, patience);
  afterEach(async () => {
    await gateway?.close();
    await rm(elsewhere, { recursive: true, force: true });
  });

  const isPartial = async () => {
    const answer = await gateway.ask('{ person { id name letters } letter }');
    expect(answer.data).toEqual({ person: { id: '1', name: 'Ada', letters: null }, letter: null });
    expect(new Set(answer.errors?.map(({ extensions }) => extensions.code))).toEqual(new Set(['SERVICE_UNAVAILABLE']));
  };

  test(
    'ignores a last good supergraph that is broken or foreign, with a warning, and serves when the services are there',
    async () => {
      await gateway.files.stop();
      await gateway.redis.crash();
      await writeFile(join(gateway.dataDir, 'last-supergraph'), 'not one of ours');
      const program = await gateway.start({}, { waiting: true });
      await pollUntil(
        async () => program.output(),
        (output) => output.includes('cannot be read there'),
      );
      await gateway.files.become(filesService());
      await pollUntil(
        () => gateway.ask('{ letter }'),
        ({ data }) => data?.letter === 'Dear reader',
      );
    },
    patience,
  );

  test(
    'serves what it can from the last good supergraph on its disk, and the rest when the service is back',
    async () => {
      await gateway.files.stop();
      await gateway.redis.crash();
      await gateway.start();
      expect(await gateway.readiness()).toMatchObject({ ready: true, parts: { users: 'ok', files: 'unavailable' } });
      await isPartial();
      await gateway.files.become(filesService());
      // What cannot be reached is asked about a few times a second, and its callers are refused meanwhile.
      const { data } = await pollUntil(
        () => gateway.ask('{ person { letters } letter }'),
        (answer) => answer.errors === undefined,
      );
      expect(data).toEqual({ person: { letters: ['Dear Ada'] }, letter: 'Dear reader' });
    },
    patience,
  );

  test(
    'finds the last good supergraph in Redis where its disk has none',
    async () => {
      await gateway.files.stop();
      await gateway.start({ DATA_DIR: elsewhere });
      await isPartial();
    },
    patience,
  );
});
