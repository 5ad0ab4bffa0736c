// The HTTP side of OAuth 2: what applications call, and the pages where users agree.
import type { FastifyInstance } from 'fastify';
import type { AuthParts } from '../auth-parts.ts';
import { registerConsentPages } from './consent/routes.ts';
import { registerEndpoints } from './endpoints/routes.ts';

export function registerOAuth2Routes(app: FastifyInstance, parts: AuthParts): void {
  registerEndpoints(app, parts);
  registerConsentPages(app, parts);
}
