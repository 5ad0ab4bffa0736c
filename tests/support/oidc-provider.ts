// A real provider of OpenID Connect (oidc-provider) on a free port, where people sign in without being asked anything.
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

export interface Person {
  readonly subject: string;
  readonly email?: string;
  readonly emailVerified?: boolean;
  readonly firstName?: string;
  readonly lastName?: string;
}

export interface OidcTestProvider {
  readonly issuer: string;
  readonly redirectUri: string;
  /** What `createOidcProvider` needs, but for the name. */
  readonly settings: Readonly<Record<string, string>>;
  /** Follows the address as the person's browser would, up to where the provider sends it back: `code` and `state`. */
  signIn(authenticationUrl: string, person: Person): Promise<{ code: string; state: string }>;
  stop(): Promise<void>;
}

const clientId = 'caregraph';
const clientSecret = 'a secret of forty-one characters, or so it';

export async function startOidcProvider(): Promise<OidcTestProvider> {
  const people = new Map<string, Person>();
  let signingIn = '';
  const server = createServer((request, response) => void handle(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const redirectUri = 'https://app.example.org/signed-in';
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        response_types: ['code'],
        grant_types: ['authorization_code'],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['given_name', 'family_name'] },
    // The programs' clock may be hours ahead (program-clock.ts).
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 600, IdToken: 86_400, Interaction: 600, Session: 600 },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_context, sub) => {
      const person = people.get(sub);
      return {
        accountId: sub,
        claims: () => ({
          sub,
          ...(person?.email === undefined
            ? {}
            : { email: person.email, email_verified: person.emailVerified ?? false }),
          ...(person?.firstName === undefined ? {} : { given_name: person.firstName }),
          ...(person?.lastName === undefined ? {} : { family_name: person.lastName }),
        }),
      };
    },
    loadExistingGrant: async (context) => {
      const grant = new context.oidc.provider.Grant({
        clientId: context.oidc.client?.clientId ?? '',
        accountId: context.oidc.session?.accountId ?? '',
      });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  const callback = provider.callback();
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!request.url?.startsWith('/interaction/')) return callback(request, response);
    await provider.interactionFinished(request, response, { login: { accountId: signingIn } });
  }
  return {
    issuer,
    redirectUri,
    settings: {
      description: 'A provider for tests',
      clientId,
      clientSecret,
      issuerId: issuer,
      authorizationEndpoint: `${issuer}/auth`,
      tokenEndpoint: `${issuer}/token`,
      userinfoEndpoint: `${issuer}/me`,
      redirectUri,
    },
    async signIn(authenticationUrl, person) {
      people.set(person.subject, person);
      signingIn = person.subject;
      const landed = await followRedirects(authenticationUrl, redirectUri);
      return { code: landed.get('code') ?? '', state: landed.get('state') ?? '' };
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** With the cookies of one browser, as far as an address that starts with `until`. */
async function followRedirects(start: string, until: string): Promise<URLSearchParams> {
  const cookies = new Map<string, string>();
  let url = start;
  for (let hop = 0; hop < 10; hop += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=');
      cookies.set(name, value);
    }
    const location = answer.headers.get('location');
    if (location === null) throw new Error(`The provider answered ${answer.status}: ${await answer.text()}`);
    url = new URL(location, url).href;
    if (url.startsWith(until)) return new URL(url).searchParams;
  }
  throw new Error('The provider sends in circles.');
}
