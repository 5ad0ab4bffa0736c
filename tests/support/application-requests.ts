// Requests as applications send them: forms to the endpoints of OAuth 2, and signed ones of OAuth 1.
import type { GraphqlAnswer, GraphqlClient } from './graphql-client.ts';
import { type Credentials, signRequest } from './oauth1-signer.ts';
import type { RegisteredApplication } from './oauth2-applications.ts';

export interface FormAnswer {
  readonly status: number;
  // Tests read answers loosely; what they expect stands in their assertions.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly body: any;
}

export interface ApplicationForm {
  readonly application: Pick<RegisteredApplication, 'clientId' | 'clientSecret'>;
  readonly parameters: Readonly<Record<string, string>>;
  /** `token` unless told. */
  readonly endpoint?: 'token' | 'revoke';
}

/** In the name of an application, which proves to be itself by parameters. */
export async function sendForm(url: string, form: ApplicationForm): Promise<FormAnswer> {
  const { application, parameters, endpoint = 'token' } = form;
  const { clientId, clientSecret } = application;
  const secret: Record<string, string> = clientSecret === undefined ? {} : { client_secret: clientSecret };
  const response = await fetch(`${url}/oauth2/${endpoint}`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: clientId, ...secret, ...parameters }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

/** The tokens that a password gives. */
export async function tokensByPassword(
  url: string,
  application: ApplicationForm['application'],
  { email, password }: { readonly email: string; readonly password: string },
): Promise<{ readonly accessToken: string; readonly refreshToken: string }> {
  const parameters = { grant_type: 'password', username: email, password };
  const { status, body } = await sendForm(url, { application, parameters });
  if (status !== 200) throw new Error(JSON.stringify(body));
  return { accessToken: body.access_token, refreshToken: body.refresh_token };
}

export interface SigningApplication {
  readonly id: string;
  /** Signs with the consumer and, where there is one, this token. */
  ask(query: string, input?: object, token?: Credentials): Promise<GraphqlAnswer>;
}

export interface Signing {
  readonly url: string;
  /** The address that its requests are signed for. */
  readonly publicUrl: string;
  /** When it says that it signs, in epoch milliseconds; its own present unless told. */
  readonly now?: () => number;
}

/** A new application of OAuth 1. */
export async function registerSigningApplication(
  admin: GraphqlClient,
  { url, publicUrl, now = () => Date.now() }: Signing,
): Promise<SigningApplication> {
  const created = await admin.run(
    'mutation ($input: CreateApplicationInput!) { createApplication(input: $input) { application { id } } }',
    { input: { type: 'OAUTH1', name: 'Portal', description: 'Signs its requests' } },
  );
  const { id } = created.createApplication.application;
  const { createApplicationVersion } = await admin.run(
    `mutation ($input: CreateApplicationVersionInput!) {
      createApplicationVersion(input: $input) { version { consumerKey } consumerSecret }
    }`,
    { input: { applicationId: id, name: 'v1.0.0' } },
  );
  const { version, consumerSecret } = createApplicationVersion;
  const consumer = { key: version.consumerKey, secret: consumerSecret };
  return {
    id,
    async ask(query, input, token) {
      const timestamp = Math.floor(now() / 1_000);
      const signing = { method: 'POST', url: `${publicUrl}/graphql`, consumer, timestamp };
      const authorization = signRequest(token === undefined ? signing : { ...signing, token });
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: JSON.stringify({ query, variables: input === undefined ? {} : { input } }),
      });
      return { status: response.status, ...((await response.json()) as object) };
    },
  };
}

export interface SignedToken extends Credentials {
  readonly id: string;
}

/** A token of OAuth 1 that a password gives. */
export async function signedTokenByPassword(
  application: SigningApplication,
  { email, password }: { readonly email: string; readonly password: string },
): Promise<SignedToken> {
  const mutation =
    'mutation ($input: LoginInput!) { createOAuth1Token(input: $input) { token { id token } tokenSecret } }';
  const { data, errors } = await application.ask(mutation, { email, password });
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  const { token, tokenSecret } = data.createOAuth1Token;
  return { id: token.id, key: token.token, secret: tokenSecret };
}
