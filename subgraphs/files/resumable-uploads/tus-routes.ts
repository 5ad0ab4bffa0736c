// The HTTP routes of the TUS protocol 1.0: an upload has the id of its file, which GraphQL may have created before.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, invariant } from '../../../platform/errors.ts';
import type { UserIdentity } from '../../../platform/subgraph/context.ts';
import type { CreateFileInput } from '../create-file.ts';
import type { FileAccess } from '../file-access.ts';
import { type FileUrls, resumableUploadsPath } from '../file-urls.ts';
import type { FileModel } from '../models.ts';
import type { UploadPlaces } from '../upload-places.ts';
import { awaitsBytes, hasBytes, requireOwnFile } from '../uploadable-file.ts';
import type { ResumableUploads } from './resumable-uploads.ts';
import { tusAnswer } from './tus-answer.ts';
import { TusDataStore } from './tus-data-store.ts';
import { createUploadLocker } from './upload-locker.ts';

export interface TusParts {
  readonly places: UploadPlaces;
  readonly resumable: ResumableUploads;
  readonly access: FileAccess;
  readonly urls: Pick<FileUrls, 'resumableUploadUrl'>;
  readonly createFile: (input: CreateFileInput, creator: UserIdentity) => Promise<FileModel>;
  readonly removeUnfinished: (fileId: string) => Promise<unknown>;
  readonly mostBytes: number;
  readonly patience: number;
}

/** Who asks, and about which file. */
export interface TusProofs {
  signedIn(request: FastifyRequest): Promise<UserIdentity>;
  /** Also by the grant of a URL. */
  grantee(request: FastifyRequest): Promise<UserIdentity>;
  requireFileId(request: FastifyRequest): string;
}

interface Exchange {
  readonly method: string;
  /** The file that the request is about; undefined for one that creates it. */
  readonly file?: FileModel;
  readonly uploader?: UserIdentity;
}

const version = '1.0.0';

export function registerTusRoutes(routes: FastifyInstance, proofs: TusProofs, parts: TusParts): void {
  const { resumable, access, urls } = parts;
  const locker = createUploadLocker();

  async function exchange(request: FastifyRequest, reply: FastifyReply, { method, file, uploader }: Exchange) {
    let created: FileModel | undefined;
    const create = async (input: CreateFileInput, length = 0) => {
      invariant(uploader !== undefined, 'who creates a file is known');
      await resumable.requireRoom(
        { creatorId: uploader.userId, applicationId: uploader.applicationId ?? null },
        length,
      );
      created = await parts.createFile(input, uploader);
      return created;
    };
    const { status, headers } = await tusAnswer(request, {
      ...parts,
      method,
      locker,
      store: new TusDataStore({ resumable, create, file }),
      fileId: file?.id,
      without: file === undefined ? new Set() : await knownHeaders(request, file),
    }).catch(async (error: unknown) => {
      // Nobody was told where the upload is: it could not be gone on with.
      if (created !== undefined) await parts.removeUnfinished(created.id);
      throw error;
    });
    for (const [name, value] of headers) reply.header(name, value);
    if (created !== undefined && uploader !== undefined) {
      reply.header('location', await urls.resumableUploadUrl(created.id, uploader.userId));
    }
    const upload = method === 'DELETE' ? undefined : (file ?? created);
    if (upload !== undefined) await expiryHeader(reply, upload);
    return reply.code(status).send();
  }

  /** Also for what the client says again: that the protocol refuses, though it harms nobody. */
  async function knownHeaders({ headers }: FastifyRequest, file: FileModel): Promise<ReadonlySet<string>> {
    const length = headers['upload-length'];
    const isKnown = length !== undefined && Number(length) === (await resumable.find(file)).length;
    return new Set(isKnown ? ['upload-length'] : []);
  }

  /** The server reckons from before the request, which has prolonged the upload. */
  async function expiryHeader(reply: FastifyReply, file: FileModel): Promise<void> {
    reply.removeHeader('upload-expires');
    const { expiresAt } = await resumable.find(file);
    if (expiresAt !== undefined) reply.header('upload-expires', expiresAt.toUTCString());
  }

  const tus = (
    url: string,
    methods: string[],
    handler: (...route: [FastifyRequest, FastifyReply]) => Promise<unknown>,
  ) =>
    routes.route({
      method: methods,
      url,
      exposeHeadRoute: false,
      async handler(request, reply) {
        reply.header('tus-resumable', version);
        if (request.method === 'OPTIONS' || request.headers['tus-resumable'] === version)
          return handler(request, reply);
        const message = `Tus-Resumable: must be ${version}.`;
        const errors = [{ message, extensions: { code: 'BAD_REQUEST' } }];
        return reply.code(412).header('tus-version', version).send({ errors });
      },
    });

  tus(resumableUploadsPath, ['OPTIONS'], (request, reply) => exchange(request, reply, { method: 'OPTIONS' }));

  tus(resumableUploadsPath, ['POST'], async (request, reply) => {
    const uploader = await proofs.signedIn(request);
    return parts.places.run(uploader.userId, () => exchange(request, reply, { method: 'POST', uploader }));
  });

  tus(`${resumableUploadsPath}/:id`, ['OPTIONS'], (request, reply) => exchange(request, reply, { method: 'OPTIONS' }));

  tus(`${resumableUploadsPath}/:id`, ['HEAD', 'PATCH', 'DELETE', 'POST'], async (request, reply) => {
    const uploader = await proofs.grantee(request);
    const file = await requireOwnFile(proofs.requireFileId(request), uploader, access);
    const method = methodOf(request);
    if (method === 'PATCH' && !awaitsBytes(file)) throw hasBytes();
    const length = request.headers['upload-length'];
    // A client that knows the length of a file which GraphQL created may say so when it first asks where to begin.
    if (method === 'HEAD' && length !== undefined && awaitsBytes(file)) {
      await resumable.declareLength(file, requireLength(length));
    }
    const answer = () => exchange(request, reply, { method, file, uploader });
    return method === 'PATCH' ? parts.places.run(uploader.userId, answer) : answer();
  });
}

const overriding = new Set(['HEAD', 'PATCH', 'DELETE']);

/** Some clients can send nothing but `GET` and `POST`, and say in a header what they mean. */
function methodOf({ method, headers }: FastifyRequest): string {
  if (method !== 'POST') return method;
  const meant = headers['x-http-method-override']?.toString().toUpperCase() ?? '';
  if (overriding.has(meant)) return meant;
  throw new AppError('BAD_REQUEST', 'X-HTTP-Method-Override: a POST to an upload must say HEAD, PATCH or DELETE.');
}

function requireLength(header: string | string[]): number {
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header);
  throw new AppError('BAD_REQUEST', 'Upload-Length: must be a number of bytes.');
}
