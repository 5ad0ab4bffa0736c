// The clients in docs/live.md, as they stand there: they get what happens, and go on beyond the end of their access token.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, jest, test } from '@jest/globals';
import { createClient as createStreamClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { projectFolder } from '../../platform/project-folder.ts';
import { mutations } from '../support/clinic.ts';
import { describeClinic } from '../support/describe-clinic.ts';
import { createGraphqlClient } from '../support/graphql-client.ts';

jest.setTimeout(300_000);

const lifetime = 300_000;
const guide = readFileSync(join(projectFolder(), 'docs/live.md'), 'utf8');
/** The code of a section, without its import, as a function of what it takes for granted. */
const codeOf = (heading: string): string => {
  const section = guide.slice(guide.indexOf(`## ${heading}\n`));
  return (/```js\n([\s\S]*?)```/.exec(section)?.[1] ?? '').replace(/^import .*$/m, '');
};
const AsyncFunction = (async () => undefined).constructor as new (
  ...parts: string[]
) => (...given: unknown[]) => Promise<{ dispose(): void }>;

describeClinic('the clients in the guide', (world) => {
  const open: { dispose(): void }[] = [];
  afterEach(() => {
    for (const client of open.splice(0)) client.dispose();
  });

  const login = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken refreshToken } }';
  const refresh =
    'mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { accessToken refreshToken } }';
  const record = async (systolic: number): Promise<void> => {
    const pat = await world.clinic.signInAs('Pat');
    await pat.run(mutations.createDocument, { input: { schemaName: world.clinic.schemaName, data: { systolic } } });
  };

  const run = async (code: string, createClient: unknown) => {
    const { url } = world.shape;
    const anybody = createGraphqlClient(url);
    const { email } = (await (await world.clinic.signInAs('Jane')).run('{ me { email } }')).me;
    let tokens = (await anybody.run(login, { input: { email, password: 'Correct-Horse-1' } })).login;
    const seen: number[] = [];
    const endings: unknown[] = [];
    const timers: (() => Promise<void>)[] = [];
    const surroundings = {
      createClient,
      currentAccessToken: async () => tokens.accessToken,
      refreshAccessToken: async () => {
        tokens = (await anybody.run(refresh, { input: { refreshToken: tokens.refreshToken } })).refreshSession;
        return tokens.accessToken;
      },
      lastPosition: async () => '0',
      // From the beginning on, it also comes that Jane gained sight of documents: that is about none of them.
      dealWith: ({ document }: { document: { data: { systolic: number } } | null }) => {
        if (document !== null) seen.push(document.data.systolic);
      },
      ended: (refusal: unknown) => endings.push(refusal),
      setTimeout: (work: () => Promise<void>) => timers.push(work),
    };
    const text = code
      .replaceAll('wss://api.example.org', url.replace('http', 'ws'))
      .replaceAll('https://api.example.org', url)
      .replaceAll('"blood-pressure"', JSON.stringify(world.clinic.schemaName));
    const names = Object.keys(surroundings);
    const client = await new AsyncFunction(...names, `${text}\nreturn client;`)(...Object.values(surroundings));
    open.push(client);
    const until = async (condition: () => boolean) => {
      for (const deadline = Date.now() + 30_000; !condition(); await pause(50)) {
        if (Date.now() > deadline) throw new Error(`It did not come to this: ${JSON.stringify({ seen, endings })}`);
      }
    };
    return { seen, endings, timers, until };
  };

  test('of a WebSocket', async () => {
    let renewals = 0;
    class WatchedSocket extends WebSocket {
      constructor(...given: ConstructorParameters<typeof WebSocket>) {
        super(...given);
        this.on('message', (data) => {
          const { type, payload } = JSON.parse(String(data));
          if (type === 'pong' && payload?.expiresAt !== undefined) renewals += 1;
        });
      }
    }
    Object.assign(globalThis, { WebSocket: WatchedSocket });
    const { seen, endings, until } = await run(codeOf('By WebSocket'), createSocketClient);
    await record(1);
    await until(() => seen.length === 1);
    await world.clock.move(lifetime - 60_000);
    // The gateway has taken the new token: only then may time go on.
    await until(() => renewals === 1);
    await world.clock.move(120_000);
    await record(2);
    await until(() => seen.length === 2);
    expect([seen, endings]).toEqual([[1, 2], []]);
  });

  test('of a stream', async () => {
    const query = /const query = `[\s\S]*?`;/.exec(codeOf('By WebSocket'))?.[0];
    const code = `${query}\n${codeOf('By server-sent events')}`;
    const { seen, endings, timers, until } = await run(code, createStreamClient);
    await until(() => seen.length === 2);
    await world.clock.move(lifetime - 60_000);
    await until(() => timers.length === 1);
    await timers[0]?.();
    // Renewed, it is due once more.
    expect(timers).toHaveLength(2);
    await world.clock.move(120_000);
    await record(3);
    await until(() => seen.length === 3);
    expect([seen, endings]).toEqual([[1, 2, 3], []]);
  });
});
