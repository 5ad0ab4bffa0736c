// An export through the gateway: everybody gets what they see, streamed, and nobody else anything.
import { once } from 'node:events';
import { request } from 'node:http';
import { expect, test } from '@jest/globals';
import { mutations } from '../support/clinic.ts';
import { describeClinic } from '../support/describe-clinic.ts';
import { readLines } from '../support/export-client.ts';
import type { GraphqlClient } from '../support/graphql-client.ts';

describeClinic('an export', (world) => {
  const address = (name: string, parameters: Record<string, string> = {}) =>
    `${world.shape.url}/export/documents/${name}?${new URLSearchParams(parameters)}`;
  const authorization = (client: GraphqlClient) => ({ authorization: `Bearer ${client.token}` });

  async function exported(client: GraphqlClient, parameters: Record<string, string> = {}) {
    const headers = authorization(client);
    const answer = await fetch(address(world.clinic.schemaName, parameters), { headers });
    const text = await answer.text();
    expect([answer.status, text.slice(0, 10)]).toEqual([200, expect.not.stringContaining('errors')]);
    return readLines(text);
  }

  test('holds what the viewer sees, as filters and RQL choose', async () => {
    const { pat, rosa, jane, karim, admin, schemaName } = world.clinic;
    const ids: string[] = [];
    for (const [client, systolic] of [
      [pat, 120],
      [pat, 140],
      [rosa, 130],
    ] as const) {
      const input = { schemaName, data: { systolic } };
      ids.push((await client.run(mutations.createDocument, { input })).createDocument.document.id);
    }
    const idsFor = async (client: GraphqlClient, parameters?: Record<string, string>) =>
      (await exported(client, parameters)).map(({ id }) => id);
    expect(await idsFor(pat)).toEqual([ids[0], ids[1]]);
    expect(await idsFor(jane)).toEqual([ids[0], ids[1]]);
    expect(await idsFor(karim)).toEqual([ids[2]]);
    expect(await idsFor(admin)).toEqual(ids);
    expect(await idsFor(admin, { rql: 'ge(data.systolic,130)' })).toEqual([ids[1], ids[2]]);
    const filter = JSON.stringify({ field: 'creatorId', eq: pat.userId });
    expect(await idsFor(admin, { filter, rql: 'ge(data.systolic,130)' })).toEqual([ids[1]]);
    expect((await exported(rosa))[0]).toMatchObject({ id: ids[2], status: 'recorded', data: { systolic: 130 } });
  });

  test('is refused without a good access token, for an unknown schema, and with a bad filter', async () => {
    const { pat, schemaName } = world.clinic;
    const refusal = async (url: string, headers: Record<string, string>) => {
      const answer = await fetch(url, { headers });
      const { errors } = (await answer.json()) as { errors: { extensions: { code: string } }[] };
      return [answer.status, errors[0]?.extensions.code];
    };
    const unauthenticated = [401, 'UNAUTHENTICATED'];
    expect(await refusal(address(schemaName), {})).toEqual(unauthenticated);
    expect(await refusal(address(schemaName), { authorization: 'Bearer none' })).toEqual(unauthenticated);
    expect(await refusal(address('none'), authorization(pat))).toEqual([404, 'NOT_FOUND']);
    const bad = address(schemaName, { filter: '{"field":"status","like":1}' });
    expect(await refusal(bad, authorization(pat))).toEqual([400, 'BAD_USER_INPUT']);
    expect((await refusal(address(schemaName, { rql: 'eq(' }), authorization(pat)))[0]).toBe(400);
  });

  test('of much more than a client takes can be left at any time', async () => {
    const { admin, quinn } = world.clinic;
    const schemaName = `letters-${Math.random().toString(36).slice(2, 10)}`;
    const definition = { readMode: ['creator'], properties: { text: { type: 'string' } } };
    await admin.run(mutations.createSchema, { input: { name: schemaName, description: '', definition } });
    const input = { schemaName, data: { text: 'x'.repeat(500_000) } };
    for (let each = 0; each < 30; each += 1) await quinn.run(mutations.createDocument, { input });
    const asked = request(address(schemaName), { headers: authorization(quinn) });
    asked.on('error', () => undefined).end();
    const [answer] = await once(asked, 'response');
    answer.on('error', () => undefined);
    await once(answer, 'data');
    asked.destroy();
    const whole = await fetch(address(schemaName), { headers: authorization(quinn) });
    expect(readLines(await whole.text())).toHaveLength(30);
  }, 300_000);
});
