// Traces: a request is one trace through all processes, within the trace of its client, and says nothing of people.
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { mutations } from '../support/clinic.ts';
import { describeClinic, type Surroundings } from '../support/describe-clinic.ts';
import { openRawSocket } from '../support/raw-socket.ts';
import { type CollectedSpan, startTraceCollector, type TraceCollector } from '../support/trace-collector.ts';

let collector: TraceCollector;

async function collecting(): Promise<Surroundings> {
  collector = await startTraceCollector({ 'x-key': 'abc=def' });
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`, OTEL_EXPORTER_OTLP_HEADERS: 'x-key=abc=def' };
  return { environment, close: () => collector.close() };
}

const traceId = () => Array.from({ length: 32 }, () => Math.floor(Math.random() * 16).toString(16)).join('');
const parentId = '00f067aa0ba902b7';
const isRoot = ({ parentSpanId }: CollectedSpan) => !parentSpanId || parentSpanId === parentId;

describeClinic(
  'traces',
  (world) => {
    const spansOf = async (id: string, count: number): Promise<readonly CollectedSpan[]> => {
      const own = () => collector.spans.filter((span) => span.traceId === id);
      for (const deadline = Date.now() + 30_000; own().length < count && Date.now() < deadline; ) await pause(100);
      // Those that come late, too.
      await pause(1_500);
      return own();
    };
    const ask = (query: string, variables: object, id: string) =>
      fetch(`${world.shape.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${world.clinic.jane.token}`,
          traceparent: `00-${id}-${parentId}-01`,
        },
        body: JSON.stringify({ query, variables }),
      });

    test('lead from the client through the gateway to every service that is asked', async () => {
      const { pat, schemaName } = world.clinic;
      await pat.run(mutations.createDocument, {
        input: { schemaName, data: { note: 'a secret of Pat', systolic: 7 } },
      });
      const id = traceId();
      const query = `query Wards($name: String!) {
      documents(schemaName: $name) { nodes { data creator { firstName } } }
    }`;
      const answer = await (await ask(query, { name: schemaName }, id)).text();
      expect(answer).toContain('a secret of Pat');
      const spans = await spansOf(id, 3);
      const [root, ...others] = spans.filter(isRoot);
      expect(others).toEqual([]);
      expect(root).toMatchObject({ parentSpanId: parentId, kind: 2, name: 'query Wards' });
      expect(root?.service).toBe('caregraph-gateway');
      expect(root?.attributes).toMatchObject({ 'graphql.operation.type': 'query', 'http.route': '/graphql' });
      // Each of the others belongs to one of them.
      const ids = new Set(spans.map(({ spanId }) => spanId));
      for (const span of spans.filter((one) => !isRoot(one))) expect(ids.has(span.parentSpanId ?? '')).toBe(true);
      const names = spans.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(['data executes', 'users executes']));
      if (world.shape.services !== undefined) {
        const services = new Set(spans.map(({ service }) => service));
        expect(services.size).toBeGreaterThan(1);
        expect(names).toEqual(expect.arrayContaining(['ask data', 'ask users', 'POST /subgraphs/data']));
      }
    });

    test('are of operations on live connections as well, but not of health checks', async () => {
      const raw = await openRawSocket({ url: world.shape.url, token: world.clinic.jane.token });
      raw.send({ type: 'subscribe', id: '1', payload: { query: 'query OnSocket { me { id } }' } });
      await raw.message({ type: 'complete', id: '1' });
      const found = () => collector.spans.some(({ name }) => name === 'query OnSocket');
      for (const deadline = Date.now() + 30_000; !found() && Date.now() < deadline; ) await pause(100);
      expect(found()).toBe(true);
      raw.socket.terminate();
      await fetch(`${world.shape.url}/readyz`);
      await pause(1_500);
      expect(collector.spans.filter(({ name }) => /readyz|healthz|metrics|contract/.test(name))).toEqual([]);
    });

    test('have figures beside them: operations by name, services, plans', async () => {
      const figures = await (await fetch(`${world.shape.url}/metrics`)).text();
      for (const figure of [
        /^caregraph_operation_duration_seconds_count{operation="Wards",type="query",outcome="ok"} \d+$/m,
        /^caregraph_fetch_duration_seconds_count{service="users",outcome="ok"} \d+$/m,
        /^caregraph_operations_known_total{cache="(hit|miss)"} \d+$/m,
        /^caregraph_plan_duration_seconds_count{outcome="ok"} \d+$/m,
        /^caregraph_live_lag_seconds_count \d+$/m,
        /^caregraph_answer_faults_total 0$/m,
      ]) {
        expect(figures).toMatch(figure);
      }
    });

    test('say nothing of people: no id, name, address, token or value', async () => {
      const { pat, jane } = world.clinic;
      const text = collector.text();
      expect(text.length).toBeGreaterThan(1_000);
      for (const secret of [pat.userId, jane.userId, jane.token, 'example.org', 'a secret of Pat', 'Correct-Horse']) {
        expect(text).not.toContain(secret);
      }
    });
  },
  collecting,
);
