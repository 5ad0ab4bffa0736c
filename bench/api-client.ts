// A client of the public API, as a product would write it: plain HTTP, one connection for each thing under way.
import { Pool } from 'undici';

export interface ApiClient {
  /** The `data` of the answer; throws when the answer has errors. */
  call<T>(operation: Operation, token?: string): Promise<T>;
  /** Sends and reads the whole answer without parsing it: for measuring. Throws when the answer has errors. */
  send(body: string, token: string): Promise<void>;
  close(): Promise<void>;
}

export interface Operation {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

export function createApiClient(url: string, connections: number): ApiClient {
  const pool = new Pool(url, { connections });

  const post = async (body: string, token: string | undefined): Promise<string> => {
    const answer = await pool.request({
      method: 'POST',
      path: '/graphql',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body,
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200 || text.includes('"errors"')) {
      throw new Error(`${answer.statusCode} ${text.slice(0, 500)}\nto ${body.slice(0, 500)}`);
    }
    return text;
  };

  return {
    async call<T>(operation: Operation, token?: string) {
      const answer = JSON.parse(await post(JSON.stringify(operation), token)) as { data: T };
      return answer.data;
    },
    async send(body, token) {
      await post(body, token);
    },
    close: () => pool.close(),
  };
}

/** An access token. */
export async function signIn(api: ApiClient, email: string, password: string): Promise<string> {
  const query = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }';
  const variables = { input: { email, password } };
  return (await api.call<{ login: { accessToken: string } }>({ query, variables })).login.accessToken;
}
