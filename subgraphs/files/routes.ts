// The HTTP routes of file bytes, and how they treat bodies. What they do stands in their own files.
import type { FastifyInstance } from 'fastify';
import { finishRequest } from '../../platform/http/finish-request.ts';
import type { RouteAuthentication } from '../../platform/subgraph/define-subgraph.ts';
import { type DownloadParts, registerDownloadRoutes } from './download-routes.ts';
import { registerUploadRoutes, type UploadRouteParts } from './upload-routes.ts';

export type RouteParts = DownloadParts & UploadRouteParts;

export const patience = 60_000;
/** Milliseconds in which a client that was refused may still send, so that it reads the refusal. */
const lastWords = 5_000;

export function registerFileRoutes(app: FastifyInstance, authentication: RouteAuthentication, parts: RouteParts): void {
  app.register(async (routes) => {
    // Bodies are bytes whatever their type, and must not be gathered in memory: nothing parses them.
    routes.removeAllContentTypeParsers();
    routes.addContentTypeParser('*', (_request, _payload, done) => done(null));
    routes.addHook('onResponse', async (request) => finishRequest(request.raw, lastWords));

    registerUploadRoutes(routes, authentication, parts);
    registerDownloadRoutes(routes, authentication, parts);
  });
}
