// The HTTP routes where bytes go out: by the id of a file for whoever may see it, and by a token for whoever has one.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, notFound } from '../../platform/errors.ts';
import { isId } from '../../platform/ids.ts';
import { type Logger, requireUser } from '../../platform/subgraph/context.ts';
import type { RouteAuthentication } from '../../platform/subgraph/define-subgraph.ts';
import { answerWithBytes } from './answer-with-bytes.ts';
import { type DownloadSources, downloadable } from './downloadable.ts';
import type { FileAccess } from './file-access.ts';
import type { FileGrants } from './file-grants.ts';
import { identifyCaller } from './identify-caller.ts';
import type { CompleteFile } from './models.ts';
import { getReadyFile, requireReady } from './read-file.ts';
import type { SettingsStore } from './settings/settings-store.ts';
import { requestedBox, type ThumbnailBox } from './thumbnails/thumbnail-box.ts';
import { unknownToken } from './tokens/require-token.ts';
import type { TokenStore } from './tokens/token-store.ts';

export interface DownloadParts extends DownloadSources {
  readonly grants: FileGrants;
  readonly access: FileAccess;
  readonly tokens: Pick<TokenStore, 'findByToken' | 'useUp'>;
  readonly settings: Pick<SettingsStore, 'findSettings'>;
  /** Milliseconds for which a client may take no byte. */
  readonly patience: number;
  readonly log: Logger;
}

interface Download {
  readonly file: CompleteFile;
  readonly box: ThumbnailBox | undefined;
  readonly shownTypes: readonly string[];
  readonly beforeBytes?: () => Promise<void>;
}

export function registerDownloadRoutes(
  routes: FastifyInstance,
  authentication: RouteAuthentication,
  parts: DownloadParts,
): void {
  const answer = (request: FastifyRequest, reply: FastifyReply, { file, box, ...how }: Download) =>
    answerWithBytes(request, reply, {
      ...how,
      download: downloadable(file, box, parts),
      patience: parts.patience,
      log: parts.log,
    });

  /** Fastify's own HEAD would read the bytes to throw them away. */
  const get = (url: string, handler: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>) =>
    routes.route({ method: ['GET', 'HEAD'], url, exposeHeadRoute: false, handler });

  get('/files/:id', async (request, reply) => {
    const fileId = (request.params as { id: string }).id.toLowerCase();
    const asked = queriedBox(request);
    const { viewer, granted } = await identifyCaller(
      request,
      { fileId, operation: 'get' },
      { authentication, ...parts },
    );
    if (granted !== undefined && asked !== undefined) {
      throw new AppError('BAD_REQUEST', 'width, height: ask for the size where you ask for the downloadUrl.');
    }
    // What is no id is answered like an id of no file.
    if (!isId(fileId)) throw notFound('File');
    const file = await getReadyFile(fileId, viewer, parts.access);
    const { disableForceDownloadForMimeTypes: shownTypes } = await parts.settings.findSettings();
    return answer(request, reply, { file, box: granted === undefined ? asked : granted.box, shownTypes });
  });

  get('/files/tokens/:token', async (request, reply) => {
    const box = queriedBox(request);
    const { anonymousTokens, disableForceDownloadForMimeTypes: shownTypes } = await parts.settings.findSettings();
    if (!anonymousTokens) requireUser(await authentication.identify(request));
    const found = await parts.tokens.findByToken((request.params as { token: string }).token);
    if (found === undefined) throw unknownToken();
    const { tokenId, singleUse } = found;
    const useUp = async () => {
      if (!(await parts.tokens.useUp(tokenId))) throw unknownToken();
    };
    const beforeBytes = singleUse ? { beforeBytes: useUp } : {};
    return answer(request, reply, { file: requireReady(found.file), box, shownTypes, ...beforeBytes });
  });
}

/** The box of a small picture that the query asks for; BAD_REQUEST for one that there cannot be. */
function queriedBox(request: FastifyRequest): ThumbnailBox | undefined {
  const { width, height } = request.query as { width?: unknown; height?: unknown };
  try {
    return requestedBox({ width: pixels(width), height: pixels(height) });
  } catch (error) {
    throw error instanceof AppError ? new AppError('BAD_REQUEST', error.message, error.details) : error;
  }
}

function pixels(text: unknown): number | undefined {
  if (text === undefined) return undefined;
  return typeof text === 'string' && /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
}
