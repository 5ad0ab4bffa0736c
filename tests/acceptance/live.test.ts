// Live changes over a WebSocket: who gets what, while access changes and connections break.

import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { mutations } from '../support/clinic.ts';
import { describeClinic } from '../support/describe-clinic.ts';
import type { GraphqlClient } from '../support/graphql-client.ts';

const documentChanged = `subscription ($schemaName: String, $documentId: ID, $after: Position) {
  documentChanged(schemaName: $schemaName, documentId: $documentId, after: $after) {
    kind position documentId document { id data creator { id firstName lastName } groups { name } }
  }
}`;
const events =
  'subscription ($types: [String!], $after: Position) { events(types: $types, after: $after) { id position type content } }';

describeClinic('live changes', (world) => {
  const record = async (who: GraphqlClient, systolic: number): Promise<string> => {
    const input = { schemaName: world.clinic.schemaName, data: { systolic } };
    return (await who.run(mutations.createDocument, { input })).createDocument.document.id;
  };
  const systolics = (
    received: readonly { data?: { documentChanged: { document: { data: { systolic: number } } } } }[],
  ) => received.map(({ data }) => data?.documentChanged.document.data.systolic);
  /** Long enough for what must not come to have come. */
  const settle = () => pause(500);
  const gauge = async (name: string): Promise<number> => {
    const text = await (await fetch(`${world.shape.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
  };
  const until = async (condition: () => Promise<boolean>) => {
    for (const deadline = Date.now() + 60_000; !(await condition()); await pause(50)) {
      if (Date.now() > deadline) throw new Error('it did not come to this in time');
    }
  };
  /** Whatever was answered until now stands in the log: what is answered has committed, and gets its position soon. */
  const logged = async () => {
    const { admin } = world.clinic;
    const { role } = (await admin.run(mutations.createRole, { input: { name: 'marker' } })).createRole;
    const created = '{ events(filter: { type: { eq: "role_created" } }, first: 100) { nodes { content } } }';
    await until(async () =>
      (await admin.run(created)).events.nodes.some(
        ({ content }: never) => (content as { roleId: string }).roleId === role.id,
      ),
    );
  };
  /** A subscription that the gateway follows already, from now on: the protocol has no answer that says so. */
  const follow = async (who: GraphqlClient, query: string, variables: Record<string, unknown>) => {
    await logged();
    const before = await gauge('caregraph_subscriptions_total');
    const subscription = who.subscribe(query, variables);
    await until(async () => (await gauge('caregraph_subscriptions_total')) > before);
    await settle();
    return subscription;
  };

  test('a subscription without signing in, or to a schema that is not there, is refused', async () => {
    const { pat, schemaName } = world.clinic;
    const { createGraphqlClient } = await import('../support/graphql-client.ts');
    const nobody = createGraphqlClient(world.shape.url).subscribe(documentChanged, { schemaName });
    await nobody.waitUntilEnded();
    expect(nobody.failure[0].extensions.code).toBe('UNAUTHENTICATED');
    const nowhere = pat.subscribe(documentChanged, { schemaName: 'no-such-schema' });
    await nowhere.waitUntilEnded();
    expect(nowhere.failure[0].extensions.code).toBe('NOT_FOUND');
  });

  test('the log of events is refused without VIEW_EVENTS, over HTTP and WebSocket', async () => {
    const { karim } = world.clinic;
    const answer = await karim.ask('{ events { nodes { id } } }');
    expect(answer.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    const refused = karim.subscribe(events, {});
    await refused.waitUntilEnded();
    expect(refused.failure[0].extensions.code).toBe('FORBIDDEN');
  });

  test('a bad token is refused when the connection opens', async () => {
    const { createGraphqlClient } = await import('../support/graphql-client.ts');
    const forged = createGraphqlClient(world.shape.url, '0'.repeat(40)).subscribe(documentChanged, {});
    await forged.waitUntilEnded();
    expect(forged.failure.code).toBe(4403);
    expect(forged.failure.reason).toContain('UNAUTHENTICATED');
  });

  test('Jane gets a new measurement of Pat with the name of Pat; Karim, Rosa and Quinn get nothing', async () => {
    const { jane, karim, rosa, quinn, pat, schemaName } = world.clinic;
    const janes = await follow(jane, documentChanged, { schemaName });
    const others = [];
    for (const viewer of [karim, rosa, quinn]) others.push(await follow(viewer, documentChanged, { schemaName }));
    const id = await record(pat, 128);
    const [first] = await janes.waitFor(1);
    expect(first?.errors).toBeUndefined();
    expect(first?.data.documentChanged).toEqual({
      kind: 'CREATED',
      position: expect.stringMatching(/^\d+$/),
      documentId: id,
      document: {
        id,
        data: { systolic: 128 },
        creator: { id: pat.userId, firstName: 'Pat', lastName: expect.any(String) },
        groups: [{ name: expect.any(String) }],
      },
    });
    await settle();
    for (const other of others) expect(other.received).toEqual([]);
    await Promise.all([janes, ...others].map((subscription) => subscription.close()));
  });

  test('changes and deletions come in order, and only those asked for', async () => {
    const { pat, jane, admin } = world.clinic;
    const watched = await record(pat, 1);
    const subscription = await follow(jane, documentChanged, { documentId: watched });
    await record(pat, 2);
    await jane.run(mutations.updateDocument, { input: { id: watched, data: { systolic: 3 } } });
    const role = (await admin.run(mutations.createRole, { input: { name: 'remover' } })).createRole.role.id;
    await admin.run(mutations.addPermissions, { input: { roleIds: [role], permissions: ['DELETE_DOCUMENTS'] } });
    await admin.run(mutations.addRoles, { input: { userIds: [jane.userId], roleIds: [role] } });
    await jane.run(mutations.deleteDocument, { input: { id: watched } });
    const received = await subscription.waitFor(2);
    expect(received.map(({ data }) => [data.documentChanged.kind, data.documentChanged.documentId])).toEqual([
      ['UPDATED', watched],
      ['DELETED', watched],
    ]);
    expect(received[1]?.data.documentChanged.document).toBeNull();
    await subscription.close();
  });

  test('who is removed from the staff is told so, and gets nothing more on the socket that is open', async () => {
    const { admin, pat, groupA, schemaName, createUser, signInAs } = world.clinic;
    const userId = await createUser('Tess');
    await admin.run(mutations.addStaff, { input: { userIds: [userId], groupIds: [groupA] } });
    const tess = await signInAs('Tess');
    const subscription = await follow(tess, documentChanged, { schemaName });
    await record(pat, 10);
    await subscription.waitFor(1);
    await admin.run(mutations.removeStaff, { input: { userIds: [userId], groupIds: [groupA] } });
    await record(pat, 11);
    await subscription.waitFor(2);
    await settle();
    const told = () =>
      subscription.received.map(({ data }) => {
        const { kind, document } = data.documentChanged;
        return document === null ? kind : document.data.systolic;
      });
    expect(told()).toEqual([10, 'ACCESS_LOST']);
    expect(subscription.ended).toBe(false);
    await admin.run(mutations.addStaff, { input: { userIds: [userId], groupIds: [groupA] } });
    await record(pat, 12);
    await subscription.waitFor(4);
    expect(told()).toEqual([10, 'ACCESS_LOST', 'ACCESS_GAINED', 12]);
    await subscription.close();
  });

  test('signing out ends the open subscription at once', async () => {
    const { schemaName, signInAs } = world.clinic;
    const again = await signInAs('Jane');
    const subscription = await follow(again, documentChanged, { schemaName });
    await again.run('mutation { logout { user { id } } }');
    await subscription.waitUntilEnded();
    expect(subscription.received).toEqual([]);
    expect(subscription.failure[0].extensions.code).toBe('UNAUTHENTICATED');
  });

  test('who was cut off gets exactly what was missed, in order, and then goes on live', async () => {
    const { jane, pat, rosa, schemaName } = world.clinic;
    const before = await follow(jane, documentChanged, { schemaName });
    await record(pat, 30);
    const [last] = await before.waitFor(1);
    before.cut();
    await record(pat, 31);
    await record(rosa, 32);
    await record(pat, 33);
    const after = jane.subscribe(documentChanged, { schemaName, after: last?.data.documentChanged.position });
    await after.waitFor(2);
    await record(pat, 34);
    await after.waitFor(3);
    expect(systolics(after.received)).toEqual([31, 33, 34]);
    const positions = after.received.map(({ data }) => BigInt(data.documentChanged.position));
    expect([...positions].sort((one, other) => (one < other ? -1 : 1))).toEqual(positions);
    await after.close();
  });

  test('from the first position everything comes that the viewer may see, without repetition', async () => {
    const { jane, schemaName } = world.clinic;
    const ids = async () => {
      const query = `query ($schemaName: String!) { documents(schemaName: $schemaName, first: 100, orderBy: { field: "createdAt" }) { nodes { id } } }`;
      return (await jane.run(query, { schemaName })).documents.nodes.map((node: { id: string }) => node.id);
    };
    const everything = jane.subscribe(documentChanged, { schemaName, after: '0' });
    const expected = await ids();
    await everything.waitFor(expected.length);
    await settle();
    const created = everything.received
      .map(({ data }) => data.documentChanged)
      .filter(({ kind, document }: { kind: string; document: unknown }) => kind === 'CREATED' && document !== null)
      .map(({ documentId }: { documentId: string }) => documentId);
    expect(created).toEqual(expected);
    await everything.close();
  });

  test('a position that the log has not reached asks for a new start', async () => {
    const { jane } = world.clinic;
    const subscription = jane.subscribe(documentChanged, { after: '999999999' });
    await subscription.waitUntilEnded();
    expect(subscription.failure[0].extensions.code).toBe('RESYNC_REQUIRED');
    const malformed = jane.subscribe(documentChanged, { after: 'soon' });
    await malformed.waitUntilEnded();
    expect(malformed.failure[0].extensions.code).toBe('BAD_USER_INPUT');
  });

  test('sockets and subscriptions are counted, and gone when they are closed or cut off', async () => {
    const counts = async () => [await gauge('caregraph_open_subscriptions'), await gauge('caregraph_open_sockets')];
    const are = (expected: number[]) => until(async () => String(await counts()) === String(expected));
    await are([0, 0]);
    const { jane, schemaName } = world.clinic;
    const open = [1, 2, 3].map(() => jane.subscribe(documentChanged, { schemaName }));
    await are([3, 3]);
    await open[0]?.close();
    await are([2, 2]);
    open[1]?.cut();
    open[2]?.cut();
    await are([0, 0]);
  });

  test('the log is the same live and as a list, and holds no medical data', async () => {
    const { admin, pat } = world.clinic;
    const live = await follow(admin, events, { types: ['document_created'] });
    const id = await record(pat, 77);
    const [first] = await live.waitFor(1);
    const { position, content } = (first as { data: { events: { position: string; content: { documentId: string } } } })
      .data.events;
    expect(content.documentId).toBe(id);
    expect(JSON.stringify(content)).not.toContain('77,');
    const query = `query ($after: Position) { events(after: $after, first: 1) { nodes { position type content } } }`;
    const { nodes } = (await admin.run(query, { after: String(BigInt(position) - 1n) })).events;
    expect(nodes).toEqual([{ position, type: 'document_created', content }]);
    await live.close();
  });
});
