// Applications of OAuth 2, registered over the API as their makers would, with a page of their own to come back to.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GraphqlClient } from './graphql-client.ts';

export interface RegisteredApplication {
  readonly id: string;
  readonly versionId: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
}

export async function registerApplication(
  admin: GraphqlClient,
  application: { readonly confidential: boolean; readonly redirectUris: readonly string[]; readonly name?: string },
): Promise<RegisteredApplication> {
  const input = { type: 'OAUTH2', name: 'Recovery at home', description: 'Follows your recovery.', ...application };
  const { createApplication } = await admin.run(
    'mutation ($input: CreateApplicationInput!) { createApplication(input: $input) { application { id } } }',
    { input },
  );
  const { id } = createApplication.application;
  const { createApplicationVersion: created } = await admin.run(
    `mutation ($input: CreateApplicationVersionInput!) {
      createApplicationVersion(input: $input) { version { id clientId } clientSecret }
    }`,
    { input: { applicationId: id, name: 'v1.0.0' } },
  );
  const { version, clientSecret } = created;
  return { id, versionId: version.id, clientId: version.clientId, clientSecret: clientSecret ?? undefined };
}

export interface ApplicationSite {
  /** Where users come back to; the site sends them on to `/done` under another name of this machine. */
  readonly redirectUri: string;
  /** A page of the site with a link to this address. */
  linkTo(address: string): string;
  /** With what users came back, oldest first. */
  readonly visits: readonly URL[];
  close(): Promise<void>;
}

/** On `localhost`, which is another site than the 127.0.0.1 of the gateway. */
export async function startApplicationSite(): Promise<ApplicationSite> {
  const visits: URL[] = [];
  let target = '';
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', origin);
    if (url.pathname === '/callback') {
      visits.push(url);
      response.writeHead(302, { location: `http://127.0.0.1:${port}/done` }).end();
      return;
    }
    const link = `<a href="${target.replaceAll('&', '&amp;')}">Sign in with Caregraph</a>`;
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(url.pathname === '/done' ? '<h1>Welcome</h1>' : link);
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://localhost:${port}`;
  return {
    redirectUri: `${origin}/callback`,
    linkTo(address) {
      target = address;
      return `${origin}/`;
    },
    visits,
    close: () => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()),
  };
}
