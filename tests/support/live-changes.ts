// Follows what changes, from a known position on, over the public API.
import { setTimeout as pause } from 'node:timers/promises';
import { mutations } from './clinic.ts';
import type { GraphqlClient, Subscription } from './graphql-client.ts';

/** Where the log is: what was answered until now stands before it. */
export async function logPosition(admin: GraphqlClient): Promise<string> {
  const { role } = (await admin.run(mutations.createRole, { input: { name: 'marker' } })).createRole;
  const query = `query ($after: Position) {
    events(filter: { type: { eq: "role_created" } }, after: $after, first: 100) { nodes { position content } }
  }`;
  let after = '0';
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await pause(50)) {
    const { nodes } = (await admin.run(query, { after })).events;
    const marker = nodes.find(({ content }: { content: { roleId: string } }) => content.roleId === role.id);
    if (marker !== undefined) return marker.position;
    if (nodes.length === 100) after = nodes.at(-1).position;
  }
  throw new Error('an answered change did not come into the log in time');
}

export interface Followed {
  /** Resolves with all changes so far once one of them is as asked; each is the payload of the subscription's field. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers loosely; what they expect stands in their assertions
  until(isLast: (change: any, index: number) => boolean): Promise<any[]>;
  readonly subscription: Subscription;
  close(): Promise<void>;
}

export interface Following {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  /** Unless told, from what happens after this call. */
  readonly after?: string;
}

export async function followChanges(
  who: GraphqlClient,
  { query, variables, after }: Following,
  admin: GraphqlClient,
): Promise<Followed> {
  const subscription = who.subscribe(query, { ...variables, after: after ?? (await logPosition(admin)) });
  const changes = () =>
    subscription.received.map(({ data, errors }) => {
      if (errors !== undefined) throw new Error(JSON.stringify(errors));
      return Object.values(data)[0];
    });
  return {
    subscription,
    async until(isLast) {
      for (const deadline = Date.now() + 60_000; Date.now() < deadline; await pause(25)) {
        const so = changes();
        if (so.some(isLast)) return so;
        if (subscription.ended) throw new Error(`it ended: ${JSON.stringify(subscription.failure)}`);
      }
      throw new Error(`it did not come in time; there is ${JSON.stringify(changes())}`);
    },
    close: () => subscription.close(),
  };
}

/** The code and the field of the error with which the subscription is refused. */
export async function refusalOf(subscription: Subscription): Promise<{ code: string; field: string | undefined }> {
  await subscription.waitUntilEnded();
  const { code, details } = subscription.failure[0].extensions;
  return { code, field: details?.field };
}
