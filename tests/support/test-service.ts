// A service of a contract that a test writes, in the test's own process: it speaks the protocol of services, stops, and
// comes back at the same address with another contract.
import { buildSubgraphSchema, printSubgraphSchema } from '@apollo/subgraph';
import type { FastifyInstance } from 'fastify';
import { graphql, parse } from 'graphql';
import { pino } from 'pino';
import { freePort } from '../../operations/servers/throwaway-process.ts';
import { systemClock } from '../../platform/clock.ts';
import { createHttpServer } from '../../platform/http/create-http-server.ts';
import { serveHealth } from '../../platform/http/serve-health.ts';
import { createCallerVerifier } from '../../platform/identity/signed-caller.ts';
import { serveSubgraph } from '../../platform/subgraph/serve-subgraph.ts';

export interface TestServiceShape {
  /** Without the line that makes it a contract of federation 2. */
  readonly contract: string;
  readonly resolvers: Readonly<Record<string, Readonly<Record<string, (parent: unknown, args: never) => unknown>>>>;
}

export interface TestService {
  readonly url: string;
  /** Starts, or starts anew as another one. */
  become(shape: TestServiceShape): Promise<void>;
  stop(): Promise<void>;
}

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])';

export async function createTestService(name: string, secret: string): Promise<TestService> {
  const port = await freePort();
  let app: FastifyInstance | undefined;
  const stop = async () => {
    await app?.close();
    app = undefined;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    async become({ contract, resolvers }) {
      await stop();
      const schema = buildSubgraphSchema({ typeDefs: parse(`${link}\n${contract}`), resolvers: resolvers as never });
      app = createHttpServer({ log: pino({ level: 'silent' }), bodyLimit: 1_000_000 });
      serveHealth(app, {});
      const subgraph = {
        name,
        schema,
        sdl: printSubgraphSchema(schema),
        parts: { resolvers: {}, loaders: () => ({}) },
        execute: ({ query, variables, operationName }: { query: string; variables?: object; operationName?: string }) =>
          graphql({
            schema,
            source: query,
            variableValues: (variables ?? {}) as Record<string, unknown>,
            operationName: operationName ?? null,
          }),
        executeEvents: async () => [],
      };
      serveSubgraph(app, subgraph as never, createCallerVerifier(secret, name, systemClock));
      await app.listen({ port, host: '127.0.0.1' });
    },
    stop,
  };
}
