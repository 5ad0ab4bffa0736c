// The services `auth` and `users` with the HTTP routes of OAuth 2, as an application meets them.
import { pino } from 'pino';
import { freePort } from '../../operations/servers/throwaway-process.ts';
import { createHttpServer } from '../../platform/http/create-http-server.ts';
import type { RouteAuthentication } from '../../platform/subgraph/define-subgraph.ts';
import { auth } from '../../subgraphs/auth/index.ts';
import { hashToken } from '../../subgraphs/auth/tokens.ts';
import { users } from '../../subgraphs/users/index.ts';
import { startTestSubgraphs, type TestSubgraphs } from './subgraphs.ts';

export interface TestClient {
  readonly applicationId: string;
  readonly versionId: string;
  readonly clientId: string;
  /** Undefined: a public application. */
  readonly clientSecret: string | undefined;
}

export interface OAuth2Service {
  readonly graph: TestSubgraphs;
  /** Where the routes are. */
  readonly url: string;
  /** Somebody who can sign in. */
  readonly account: { readonly userId: string; readonly email: string; readonly password: string };
  /** A new application with a version. */
  createClient(application?: {
    readonly confidential?: boolean;
    readonly redirectUris?: string[];
  }): Promise<TestClient>;
  /** Another version of the same application. */
  createVersion(client: TestClient, name: string): Promise<TestClient>;
  deleteVersion(client: TestClient): Promise<void>;
  request(path: string, init?: RequestInit): Promise<Answer>;
  /** Posts a form, with the client's credentials in it. */
  post(path: string, client: TestClient, parameters: Record<string, string>): Promise<Answer>;
  /** Tokens by password; it must succeed. */
  signIn(client: TestClient): Promise<Tokens>;
  /** Turns on the second factor of the account; its recovery codes. */
  turnOnSecondFactor(): Promise<string[]>;
  /** The session that an access token is good for; null: none. */
  sessionOf(accessToken: string): Promise<{ id: string; userId: string; applicationId: string | null } | null>;
  close(): Promise<void>;
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly user_id: string;
  readonly application_id: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // Tests read answers loosely; what they expect stands in their assertions.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly body: any;
}

export interface OAuth2ServiceOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly now?: () => number;
  readonly databaseUrl?: string;
}

const account = { email: 'jane@example.org', password: 'chosen by the operator' };
const administrator = { permissions: ['CREATE_APPLICATIONS', 'VIEW_APPLICATIONS', 'DELETE_APPLICATIONS'] };

export async function startOAuth2Service(options: OAuth2ServiceOptions = {}): Promise<OAuth2Service> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const environment = { PUBLIC_URL: url, ADMIN_EMAIL: account.email, ADMIN_PASSWORD: account.password };
  const graph = await startTestSubgraphs([users, auth], {
    ...options,
    environment: { ...environment, ...options.environment },
  });
  const app = createHttpServer({ log: pino({ level: 'silent' }), bodyLimit: 100_000 });
  await graph.subgraph('auth').parts.routes?.(app, noAuthentication);
  await app.listen({ port, host: '127.0.0.1' });
  const { db } = graph.database.forService<'user'>('users');
  const { id: userId } = await db.user.findFirstOrThrow({ where: { email: account.email } });

  const asAdministrator = async (query: string, input: object) => {
    const { data, errors } = await graph.execute('auth', {
      query,
      variables: { input },
      identity: { userId, ...administrator },
    });
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data;
  };

  const service: OAuth2Service = {
    graph,
    url,
    account: { ...account, userId },
    async createClient({ confidential = false, redirectUris = ['https://app.example.org/callback'] } = {}) {
      const input = { type: 'OAUTH2', name: 'Recovery at home', description: 'Follows your recovery.' };
      const created = await asAdministrator(
        'mutation ($input: CreateApplicationInput!) { createApplication(input: $input) { application { id } } }',
        { ...input, confidential, redirectUris },
      );
      const applicationId: string = created.createApplication.application.id;
      return service.createVersion({ applicationId, versionId: '', clientId: '', clientSecret: undefined }, 'v1.0.0');
    },
    async createVersion({ applicationId }, name) {
      const query = `mutation ($input: CreateApplicationVersionInput!) {
        createApplicationVersion(input: $input) { version { id clientId } clientSecret }
      }`;
      const { createApplicationVersion: created } = await asAdministrator(query, { applicationId, name });
      const { id: versionId, clientId } = created.version;
      return { applicationId, versionId, clientId, clientSecret: created.clientSecret ?? undefined };
    },
    async deleteVersion({ applicationId, versionId }) {
      const query = `mutation ($input: DeleteApplicationVersionInput!) {
        deleteApplicationVersion(input: $input) { application { id } }
      }`;
      await asAdministrator(query, { applicationId, version: versionId });
    },
    async request(path, init = {}) {
      const response = await fetch(`${url}${path}`, { redirect: 'manual', ...init });
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
      return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
    },
    async post(path, { clientId, clientSecret }, parameters) {
      const secret: Record<string, string> = clientSecret === undefined ? {} : { client_secret: clientSecret };
      const body = new URLSearchParams({ client_id: clientId, ...secret, ...parameters });
      return service.request(path, { method: 'POST', body });
    },
    async signIn(client) {
      const grant = { grant_type: 'password', username: account.email, password: account.password };
      const { status, body } = await service.post('/oauth2/token', client, grant);
      if (status !== 200) throw new Error(`Signing in was refused: ${JSON.stringify(body)}`);
      return body;
    },
    async turnOnSecondFactor() {
      const run = async (field: string, input: object) => {
        const [name = ''] = field.split('(');
        const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
        const query = `mutation ($input: ${type}!) { ${field} }`;
        const { data, errors } = await graph.execute('auth', { query, variables: { input }, identity: { userId } });
        if (errors !== undefined) throw new Error(JSON.stringify(errors));
        return data[name];
      };
      const { password } = account;
      const { presenceToken } = await run('confirmPresence(input: $input) { presenceToken }', { password });
      const method = { presenceToken, type: 'RECOVERY_CODES' };
      const { codes } = await run('addMfaMethod(input: $input) { codes }', method);
      // Enabling asks for more methods; what comes after is tested here, not that.
      const tables = graph.database.forService<'mfaSetting'>('auth');
      await tables.db.mfaSetting.update({ where: { userId }, data: { enabled: true } });
      return codes;
    },
    async sessionOf(accessToken) {
      const query =
        'query ($tokenHash: String!) { session(tokenHash: $tokenHash) { id userId applicationId expiresAt } }';
      const variables = { tokenHash: hashToken(accessToken) };
      const { session } = (await graph.execute('auth', { query, variables, service: 'gateway' })).data;
      // As the gateway takes it: one that has expired is told, so that it can say so.
      if (session === null || new Date(session.expiresAt).getTime() <= (options.now ?? Date.now)()) return null;
      const { id, userId, applicationId } = session;
      return { id, userId, applicationId };
    },
    async close() {
      await app.close();
      await graph.close();
    },
  };
  return service;
}

/** The routes of OAuth 2 look at credentials themselves. */
const noAuthentication: RouteAuthentication = {
  identify: () => Promise.reject(new Error('No route of OAuth 2 asks for this')),
  identityOf: () => Promise.reject(new Error('No route of OAuth 2 asks for this')),
};
