// The plain HTTP addresses of each service: what the gateway hands on where the service runs in another process.
import type { ServiceName } from '../config.ts';

export interface ServiceRoute {
  /** As Fastify writes it. */
  readonly path: string;
  /** The route looks at the Authorization header and at cookies itself (as OAuth 2 asks): they are handed on as they are. */
  readonly ownCredentials: boolean;
}

export const serviceRoutes: Readonly<Record<ServiceName, readonly ServiceRoute[]>> = {
  auth: [
    { path: '/oauth2/*', ownCredentials: true },
    { path: '/.well-known/oauth-authorization-server', ownCredentials: true },
  ],
  users: [],
  data: [{ path: '/export/*', ownCredentials: false }],
  files: [
    { path: '/files', ownCredentials: false },
    { path: '/files/*', ownCredentials: false },
  ],
  events: [],
};
