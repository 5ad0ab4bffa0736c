// OAuth 1 applications, through the operations of `auth`: each call is signed, and made as whoever the signature says.
import type { ExecutionResult } from 'graphql';
import { type Credentials, signRequest } from './oauth1-signer.ts';
import type { TestSubgraphs } from './subgraphs.ts';

export interface Consumer extends Credentials {
  readonly applicationId: string;
  readonly versionId: string;
}

export interface SignedInToken extends Credentials {
  readonly id: string;
  readonly userId: string;
}

// Tests read results loosely; what they expect stands in their assertions.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Data = any;

const token = '{ token { id token user { id } application { id name } lastUsedAt } tokenSecret user { id } }';
const operations = {
  createOAuth1Token: `mutation ($input: LoginInput!) { createOAuth1Token(input: $input) ${token} }`,
  createOAuth1TokenWithMfa: `mutation ($input: LoginWithMfaInput!) { createOAuth1TokenWithMfa(input: $input) ${token} }`,
  deleteOAuth1Token: 'mutation ($input: DeleteTokenInput!) { deleteOAuth1Token(input: $input) { id } }',
  generateSsoToken: 'mutation { generateSsoToken { ssoToken expiresAt } }',
  consumeSsoToken: `mutation ($input: ConsumeSsoTokenInput!) { consumeSsoToken(input: $input) ${token} }`,
} as const;

export type OAuth1Operation = keyof typeof operations;

/** Who calls: an application alone, a user with its token, or nobody. */
export interface Signing {
  readonly consumer: Consumer;
  readonly token?: Credentials;
}

export interface OAuth1Clients {
  application(name?: string): Promise<Consumer>;
  /** What authenticateOAuth1 answers, or its refusal. */
  authenticate(signing: Signing): Promise<ExecutionResult<Data>>;
  /** Throws when the request itself is refused. */
  call(operation: OAuth1Operation, input: object, signing?: Signing): Promise<ExecutionResult<Data>>;
  /** The token of an answer that holds one; throws for a refusal. */
  tokenOf(answer: ExecutionResult<Data>): SignedInToken;
}

const admin = {
  userId: '00000000-0000-4000-8000-000000000000',
  permissions: ['CREATE_APPLICATIONS', 'VIEW_APPLICATIONS', 'DELETE_APPLICATIONS'],
};
const url = 'https://api.example.org/graphql';

export function oauth1Clients(graph: TestSubgraphs, clock: { readonly now: number }): OAuth1Clients {
  const asAdmin = async (query: string, input: object): Promise<Data> => {
    const { data, errors } = await graph.execute('auth', { query, variables: { input }, identity: admin });
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data;
  };
  const authenticate = (signing: Signing) =>
    graph.execute('auth', {
      query: `mutation ($method: String!, $url: String!, $authorization: String!) {
        authenticateOAuth1(method: $method, url: $url, authorization: $authorization) {
          id userId applicationId credentialVersion
        }
      }`,
      variables: {
        method: 'POST',
        url,
        authorization: signRequest({ method: 'POST', url, timestamp: Math.floor(clock.now / 1_000), ...signing }),
      },
      service: 'gateway',
    });
  return {
    async application(name = 'Signer') {
      const { createApplication } = await asAdmin(
        'mutation ($input: CreateApplicationInput!) { createApplication(input: $input) { application { id } } }',
        { type: 'OAUTH1', name, description: 'Signs its requests' },
      );
      const applicationId = createApplication.application.id;
      const { createApplicationVersion } = await asAdmin(
        `mutation ($input: CreateApplicationVersionInput!) {
          createApplicationVersion(input: $input) { version { id consumerKey } consumerSecret }
        }`,
        { applicationId, name: 'v1' },
      );
      const { version, consumerSecret } = createApplicationVersion;
      return { applicationId, versionId: version.id, key: version.consumerKey, secret: consumerSecret };
    },
    authenticate,
    async call(operation, input, signing) {
      const query = operations[operation];
      const variables = query.includes('$input') ? { input } : {};
      if (signing === undefined) return graph.execute('auth', { query, variables });
      const { data, errors } = await authenticate(signing);
      if (errors !== undefined) throw new Error(JSON.stringify(errors));
      const { id, userId, applicationId } = data.authenticateOAuth1;
      const identity = { applicationId, ...(userId === null ? {} : { userId }) };
      return graph.execute('auth', { query, variables, identity, ...(id === null ? {} : { sessionId: id }) });
    },
    tokenOf({ data, errors }) {
      if (errors !== undefined) throw new Error(JSON.stringify(errors));
      const [made] = Object.values(data) as Data[];
      return { id: made.token.id, key: made.token.token, secret: made.tokenSecret, userId: made.user.id };
    },
  };
}
