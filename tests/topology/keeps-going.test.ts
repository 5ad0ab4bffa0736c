// A whole cluster loses its parts, one after the other, and gets them back: what does not need the part goes on, and
// everything else comes back by itself.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type Cluster, startCluster } from '../../operations/cluster/start-cluster.ts';
import type { ClusterRole } from '../../operations/cluster/topology.ts';
import { bloodPressure, mutations } from '../support/clinic.ts';
import { describeOnServers } from '../support/describe-on-servers.ts';
import type { GraphqlAnswer, GraphqlClient, Subscription } from '../support/graphql-client.ts';
import { createGraphqlClient, signIn } from '../support/graphql-client.ts';
import { pollUntil } from '../support/poll-until.ts';

const patience = 400_000;

describeOnServers('a cluster', ['postgres', 'redis'], () => {
  let cluster: Cluster;
  let admin: GraphqlClient;
  beforeAll(async () => {
    cluster = await startCluster({
      settings: { ACCESS_TOKEN_SECONDS: '86400', DRAIN_SECONDS: '2', RESTART_SECONDS: '120' },
    });
    admin = await signIn(cluster.url, cluster.admin.email, cluster.admin.password);
    const definition = { ...bloodPressure, readMode: ['creator'] };
    await admin.run(mutations.createSchema, { input: { name: 'readings', description: '', definition } });
  }, patience);
  afterEach(async () => {
    for (const role of ['records', 'redis'] as const) cluster?.resume(role);
    await cluster?.waitUntilReady();
  }, patience);
  afterAll(() => cluster?.stop(), patience);

  const readiness = async (url: string) => {
    const response = await fetch(`${url}/readyz`);
    return { status: response.status, ...((await response.json()) as { parts: Record<string, string> }) };
  };
  const write = () =>
    admin.ask(mutations.createDocument, { input: { schemaName: 'readings', data: { systolic: 120 } } });
  /** A write that was acknowledged: the id of its document. */
  const writeOnce = async (): Promise<string> => {
    const { data } = await pollUntil(write, ({ errors }) => errors === undefined);
    return data.createDocument.document.id;
  };
  const codesOf = ({ errors }: GraphqlAnswer) => errors?.map(({ extensions }) => extensions.code);
  const follow = () =>
    admin.subscribe('subscription { documentChanged(schemaName: "readings", after: "0") { documentId } }');
  /** Waits until all of these have come, and answers in which order, with what came twice. */
  const arrived = (live: Subscription, ids: readonly string[]) =>
    pollUntil(
      async () => live.received.map(({ data }) => data.documentChanged.documentId).filter((id) => ids.includes(id)),
      (came) => new Set(came).size === ids.length,
    );
  const everywhere = (isSo: (state: { status: number; parts: Record<string, string> }) => boolean) =>
    Promise.all(cluster.gatewayUrls.map((url) => pollUntil(() => readiness(url), isSo)));

  test(
    'without a service answers what does not need it, also from a gateway that starts meanwhile',
    async () => {
      const written = await writeOnce();
      await cluster.halt('records', 'SIGKILL');
      await everywhere(({ status, parts }) => status === 200 && parts.data === 'unavailable' && parts.users === 'ok');
      await cluster.kill('gateway-1');
      const [url = ''] = cluster.gatewayUrls;
      await pollUntil(
        () => readiness(url),
        ({ status, parts }) => status === 200 && parts.data === 'unavailable',
      );
      const question = 'query ($id: ID!) { me { id } document(id: $id) { id } }';
      const answer = await createGraphqlClient(url, admin.token).ask(question, { id: written });
      expect(answer).toMatchObject({ status: 200, data: { me: { id: admin.userId }, document: null } });
      expect(codesOf(answer)).toEqual(['SERVICE_UNAVAILABLE']);
      // Known to be away: nobody waits for it any more.
      expect(codesOf(await write())).toEqual(['SERVICE_UNAVAILABLE']);
      cluster.resume('records');
      await writeOnce();
      await everywhere(({ parts }) => parts.data === 'ok');
    },
    patience,
  );

  test(
    'of which a service hangs answers the rest as ever, refuses at once what needs it, and recovers by itself',
    async () => {
      const id = await writeOnce();
      const [url = ''] = cluster.gatewayUrls;
      const client = createGraphqlClient(url, admin.token);
      const ask = async (query: string) => {
        const since = performance.now();
        const answer = await client.ask(query);
        return { codes: codesOf(answer), milliseconds: performance.now() - since };
      };
      const [withIt, without] = [`{ document(id: "${id}") { id } }`, '{ me { id } }'];
      const figure = async () =>
        (await (await fetch(`${url}/metrics`)).text()).match(/cut_off\{service="data"\} (\d)/)?.[1];
      const pid = cluster.processes().find(({ role }) => role === 'records')?.pid ?? 0;
      process.kill(pid, 'SIGSTOP');
      try {
        const first = ask(withIt);
        for (let n = 0; n < 10; n += 1) {
          const { codes, milliseconds } = await ask(without);
          expect(codes).toBeUndefined();
          expect(milliseconds).toBeLessThan(5_000);
        }
        expect((await first).codes).toEqual(['SERVICE_UNAVAILABLE']);
        await pollUntil(figure, (is) => is === '1');
        const refused = await ask(withIt);
        expect(refused.codes).toEqual(['SERVICE_UNAVAILABLE']);
        expect(refused.milliseconds).toBeLessThan(2_000);
        expect((await ask(without)).codes).toBeUndefined();
      } finally {
        process.kill(pid, 'SIGCONT');
      }
      await pollUntil(figure, (is) => is === '0');
      expect((await ask(withIt)).codes).toBeUndefined();
    },
    patience,
  );

  test(
    'without Redis goes on, and live events come once it is back, empty as it is',
    async () => {
      const live = follow();
      const first = await writeOnce();
      await arrived(live, [first]);
      await cluster.halt('redis', 'SIGKILL');
      await everywhere(({ status, parts }) => status === 200 && parts.bus === 'unavailable');
      const second = await writeOnce();
      await cluster.kill('events');
      await everywhere(({ parts }) => parts.events === 'ok');
      const third = await writeOnce();
      cluster.resume('redis');
      await everywhere(({ parts }) => parts.bus === 'ok');
      const all = [first, second, third, await writeOnce()];
      expect(await arrived(live, all)).toEqual(all);
      await live.close();
    },
    patience,
  );

  test(
    'without PostgreSQL refuses so that one may try again, never claims a change that is not made, and recovers',
    async () => {
      const live = follow();
      const first = await writeOnce();
      await arrived(live, [first]);
      const acknowledged = [first];
      const codes = new Set<string>();
      let writing = true;
      const writers = Array.from({ length: 4 }, async () => {
        while (writing) {
          const answer = await write();
          const id = answer.data?.createDocument?.document?.id;
          if (id !== undefined) acknowledged.push(id);
          for (const code of codesOf(answer) ?? []) codes.add(code);
        }
      });
      await cluster.kill('postgres', 'SIGQUIT');
      await cluster.waitUntilReady();
      await writeOnce().then((id) => acknowledged.push(id));
      writing = false;
      await Promise.all(writers);
      expect([...codes].filter((code) => code !== 'SERVICE_UNAVAILABLE')).toEqual([]);
      expect((await arrived(live, acknowledged)).toSorted()).toEqual(acknowledged.toSorted());
      await live.close();
    },
    patience,
  );

  test(
    'restarted process after process drops no request',
    async () => {
      const failures: unknown[] = [];
      let running = true;
      let asked = 0;
      const queries = [
        '{ me { id } }',
        '{ documents(schemaName: "readings", first: 1) { nodes { id creator { id } } } }',
      ];
      const note = ({ status, errors }: GraphqlAnswer) => {
        asked += 1;
        if (status !== 200 || errors !== undefined) failures.push({ status, errors });
      };
      const clients = Array.from({ length: 4 }, async (_none, index) => {
        while (running) {
          const asking = index === 0 ? write() : admin.ask(queries[index % queries.length] ?? '');
          await asking.then(note, (error: unknown) => failures.push(error));
        }
      });
      for (const role of ['gateway-1', 'gateway-2', 'accounts', 'records', 'events'] satisfies ClusterRole[]) {
        await cluster.kill(role, 'SIGTERM');
        await cluster.waitUntilReady();
      }
      running = false;
      await Promise.all(clients);
      expect(failures).toEqual([]);
      expect(asked).toBeGreaterThan(20);
    },
    patience,
  );
});
