// The API as applications use it: with Apollo Client and with urql, over HTTP and WebSocket, as their documentation shows.
import { createHash } from 'node:crypto';
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from '@apollo/client/core';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { expect, jest, test } from '@jest/globals';
import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { OperationTypeNode } from 'graphql';
import { createClient as createSocket } from 'graphql-ws';
import { WebSocket } from 'ws';
import { describeClinic } from '../support/describe-clinic.ts';
import type { GraphqlClient } from '../support/graphql-client.ts';

jest.setTimeout(300_000);

const create = `mutation Create($input: CreateDocumentInput!) {
  createDocument(input: $input) { document { __typename id version data } }
}`;
const update = `mutation Update($input: UpdateDocumentInput!) {
  updateDocument(input: $input) { document { __typename id version data } }
}`;
const one = 'query One($id: ID!) { document(id: $id) { __typename id version data creator { id firstName } } }';
const changed = `subscription Changed($schemaName: String) {
  documentChanged(schemaName: $schemaName) { kind documentId document { __typename id version data } }
}`;

describeClinic('applications', (world) => {
  const headers = ({ token }: GraphqlClient) => ({ authorization: `Bearer ${token}` });
  const socketOf = (who: GraphqlClient) =>
    createSocket({
      url: `${world.shape.url.replace(/^http/, 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${who.token}` },
    });
  const until = async (isSo: () => boolean) => {
    for (const deadline = Date.now() + 30_000; !isSo(); await new Promise((resolve) => setTimeout(resolve, 50))) {
      if (Date.now() > deadline) throw new Error('it did not come to this in time');
    }
  };

  test('with Apollo Client see in their cache what they change and what others do', async () => {
    const { jane, pat, schemaName } = world.clinic;
    const socket = socketOf(jane);
    const sent: { method: string; hasText: boolean }[] = [];
    const http = new HttpLink({
      uri: `${world.shape.url}/graphql`,
      headers: { ...headers(jane), 'apollo-require-preflight': 'true' },
      fetch: (input, init) => {
        const text = `${String(input)} ${String(init?.body ?? '')}`;
        sent.push({ method: init?.method ?? 'GET', hasText: /[?&"]query["=]/.test(text) });
        return fetch(input, init);
      },
    });
    const hashed = new PersistedQueryLink({
      sha256: (text) => createHash('sha256').update(text).digest('hex'),
      useGETForHashedQueries: true,
    }).concat(http);
    const client = new ApolloClient({
      cache: new InMemoryCache(),
      link: ApolloLink.split(
        ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
        new GraphQLWsLink(socket),
        hashed,
      ),
    });
    try {
      const live: { kind: string; version: number | undefined }[] = [];
      const subscription = client
        .subscribe<{ documentChanged: { kind: string; document: { version: number } | null } }>({
          query: gql(changed),
          variables: { schemaName },
        })
        .subscribe(({ data }) => {
          if (data) live.push({ kind: data.documentChanged.kind, version: data.documentChanged.document?.version });
        });
      // What is written until the subscription is followed may come before it.
      await new Promise((resolve) => setTimeout(resolve, 1_500));

      const input = { schemaName, data: { systolic: 120 } };
      const { id } = (await pat.run(create, { input })).createDocument.document;
      const seen = await client.query<{ document: { version: number; creator: { firstName: string } } }>({
        query: gql(one),
        variables: { id },
      });
      expect(seen.data?.document).toMatchObject({ version: 1, creator: { firstName: 'Pat' } });
      const watched: number[] = [];
      const watching = client
        .watchQuery<{ document: { version: number } }>({ query: gql(one), variables: { id } })
        .subscribe(({ data }) => {
          const version = (data as { document?: { version?: number } } | undefined)?.document?.version;
          if (version !== undefined && watched.at(-1) !== version) watched.push(version);
        });
      await client.mutate({ mutation: gql(update), variables: { input: { id, data: { systolic: 121 } } } });
      await until(() => watched.at(-1) === 2);
      // Of another's change the subscription tells, and the cache knows it by its id.
      await pat.run(update, { input: { id, data: { systolic: 122 } } });
      await until(() => watched.at(-1) === 3);
      expect(live.map(({ kind }) => kind)).toEqual(['CREATED', 'UPDATED', 'UPDATED']);

      const refused = await client
        .mutate({ mutation: gql(update), variables: { input: { id, data: { systolic: 9_000 } } } })
        .catch((error: unknown) => error);
      expect(CombinedGraphQLErrors.is(refused)).toBe(true);
      expect((refused as CombinedGraphQLErrors).errors[0]?.extensions?.code).toMatch(/^[A-Z_]+$/);

      // Known by its hash from the second time on, and asked for by GET.
      const before = sent.length;
      await client.query({ query: gql(one), variables: { id }, fetchPolicy: 'network-only' });
      expect(sent.slice(before)).toEqual([{ method: 'GET', hasText: false }]);
      watching.unsubscribe();
      subscription.unsubscribe();
    } finally {
      client.stop();
      await socket.dispose();
    }
  });

  test('with urql ask, change, and follow', async () => {
    const { pat, schemaName } = world.clinic;
    const socket = socketOf(pat);
    const client = new Client({
      url: `${world.shape.url}/graphql`,
      preferGetMethod: false,
      fetchOptions: { headers: headers(pat) },
      exchanges: [
        fetchExchange,
        subscriptionExchange({
          forwardSubscription: ({ query, variables }) => ({
            subscribe: (sink) => ({
              unsubscribe: socket.subscribe({ query: query ?? '', variables: variables as never }, sink as never),
            }),
          }),
        }),
      ],
    });
    try {
      const kinds: string[] = [];
      const { unsubscribe } = client.subscription(changed, { schemaName }).subscribe(({ data, error }) => {
        kinds.push(error?.message ?? data.documentChanged.kind);
      });
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      const made = await client.mutation(create, { input: { schemaName, data: { systolic: 110 } } });
      expect(made.error).toBeUndefined();
      const { id } = made.data.createDocument.document;
      expect((await client.query(one, { id })).data.document).toMatchObject({ id, version: 1 });
      await until(() => kinds.length === 1);
      expect(kinds).toEqual(['CREATED']);
      unsubscribe();

      const { error } = await client.query('query ($id: ID!) { document(id: $id) { nothing } }', { id });
      expect(error?.graphQLErrors[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
      const missing = await client.mutation(update, { input: { id: pat.userId, data: {} } });
      expect(missing.error?.graphQLErrors[0]?.extensions.code).toBe('NOT_FOUND');
    } finally {
      await socket.dispose();
    }
  });
});
