// The HTTP routes of file bytes: who asks, and the handlers for each method. What they do stands in their own files.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { notFound } from '../../platform/errors.ts';
import { isId } from '../../platform/ids.ts';
import type { UserIdentity } from '../../platform/subgraph/context.ts';
import { requireUser } from '../../platform/subgraph/context.ts';
import type { RouteAuthentication } from '../../platform/subgraph/define-subgraph.ts';
import { answerWithBytes } from './answer-with-bytes.ts';
import type { FileGrants, GrantedOperation } from './file-grants.ts';
import type { FileReader } from './read-file.ts';
import { receiveBytes } from './receive-bytes.ts';
import { finishRequest } from './request-bytes.ts';
import type { UploadFile } from './upload-file.ts';

export interface RouteParts {
  readonly grants: FileGrants;
  readonly reader: FileReader;
  readonly upload: UploadFile;
  /** Bytes that one file may have. */
  readonly mostBytes: number;
  /** Milliseconds for which a client may neither send nor take a byte. */
  readonly patience: number;
}

export const patience = 60_000;
/** Milliseconds in which a client that was refused may still send, so that it reads the refusal. */
const lastWords = 5_000;

export function registerFileRoutes(app: FastifyInstance, authentication: RouteAuthentication, parts: RouteParts): void {
  app.register(async (routes) => {
    // Bodies are bytes whatever their type, and must not be gathered in memory: nothing parses them.
    routes.removeAllContentTypeParsers();
    routes.addContentTypeParser('*', (_request, _payload, done) => done(null));
    routes.addHook('onResponse', async (request) => finishRequest(request.raw, lastWords));

    const viewerOf = (request: FastifyRequest, operation: GrantedOperation) =>
      identify(request, operation, { authentication, grants: parts.grants });

    routes.put('/files/:id', async (request, reply) => {
      const uploader = await viewerOf(request, 'put');
      const uploaded = await receiveBytes(request, { ...parts, fileId: requireFileId(request), uploader });
      return reply.code(201).send(uploaded);
    });

    // Fastify's own HEAD would read the bytes to throw them away.
    routes.route({
      method: ['GET', 'HEAD'],
      url: '/files/:id',
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        const viewer = await viewerOf(request, 'get');
        const file = await parts.reader.getFile(requireFileId(request), viewer);
        return answerWithBytes({ request, reply, file, ...parts });
      },
    });
  });
}

interface Proofs {
  readonly authentication: RouteAuthentication;
  readonly grants: FileGrants;
}

/** The person asking, as they are now: by the grant in the URL where there is one, else by the access token. */
async function identify(request: FastifyRequest, operation: GrantedOperation, proofs: Proofs): Promise<UserIdentity> {
  const { grant } = request.query as { grant?: unknown };
  if (grant === undefined) return requireUser(await proofs.authentication.identify(request));
  const userId = await proofs.grants.verify(grant, { fileId: pathId(request), operation });
  return requireUser(await proofs.authentication.identityOf(userId));
}

function pathId(request: FastifyRequest): string {
  return (request.params as { id: string }).id.toLowerCase();
}

/** What is no id is answered like an id of no file. */
function requireFileId(request: FastifyRequest): string {
  const id = pathId(request);
  if (!isId(id)) throw notFound('File');
  return id;
}
