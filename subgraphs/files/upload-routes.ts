// The HTTP routes where bytes come in: whole to the URL of a file, with a form, and resumable by the TUS protocol.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { notFound } from '../../platform/errors.ts';
import { isId } from '../../platform/ids.ts';
import { requireUser } from '../../platform/subgraph/context.ts';
import type { RouteAuthentication } from '../../platform/subgraph/define-subgraph.ts';
import type { FileGrants, GrantedOperation } from './file-grants.ts';
import { identifyCaller } from './identify-caller.ts';
import { receiveBytes } from './receive-bytes.ts';
import { readForms, receiveForm } from './receive-form.ts';
import { registerTusRoutes, type TusParts } from './resumable-uploads/tus-routes.ts';
import type { UploadFile } from './upload-file.ts';
import type { UploadForm } from './upload-form.ts';
import { createUploadPlaces } from './upload-places.ts';

export interface UploadRouteParts extends Omit<TusParts, 'places'> {
  readonly grants: FileGrants;
  readonly upload: UploadFile;
  readonly uploadForm: UploadForm;
}

export function registerUploadRoutes(
  routes: FastifyInstance,
  authentication: RouteAuthentication,
  parts: UploadRouteParts,
): void {
  const grantee = async (request: FastifyRequest, operation: GrantedOperation) => {
    const proofs = { authentication, grants: parts.grants };
    return (await identifyCaller(request, { fileId: pathId(request), operation }, proofs)).viewer;
  };
  const places = createUploadPlaces();
  const signedIn = async (request: FastifyRequest) => requireUser(await authentication.identify(request));

  routes.put('/files/:id', async (request, reply) => {
    const uploader = await grantee(request, 'put');
    const fileId = requireFileId(request);
    const uploaded = await places.run(uploader.userId, () => receiveBytes(request, { ...parts, fileId, uploader }));
    return reply.code(201).send(uploaded);
  });

  routes.register(async (forms) => {
    await readForms(forms);
    forms.post('/files', async (request, reply) => {
      const uploader = await signedIn(request);
      const uploaded = await places.run(uploader.userId, () => receiveForm(request, { ...parts, uploader }));
      return reply.code(201).send(uploaded);
    });
  });

  const proofs = { signedIn, grantee: (request: FastifyRequest) => grantee(request, 'resume'), requireFileId };
  registerTusRoutes(routes, proofs, { ...parts, places });
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
