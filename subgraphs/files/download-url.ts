// Where a viewer gets the bytes of a file, or a small picture of it.
import { invalidInput } from '../../platform/errors.ts';
import type { Identity } from '../../platform/identity/identity.ts';
import { requireUser } from '../../platform/subgraph/context.ts';
import type { FileUrls } from './file-urls.ts';
import type { FileModel } from './models.ts';
import { noThumbnailBecause, requestedBox, type WantedBox } from './thumbnails/thumbnail-box.ts';

interface UrlParts {
  readonly viewer: Identity;
  readonly urls: FileUrls;
}

/** Null until the bytes can be had. BAD_USER_INPUT for a picture that cannot be made. */
export async function downloadUrl(
  file: FileModel,
  wanted: WantedBox,
  { viewer, urls }: UrlParts,
): Promise<string | null> {
  const box = requestedBox(wanted);
  const reason = box === undefined ? undefined : noThumbnailBecause(file);
  if (reason !== undefined) throw invalidInput('width', reason);
  if (file.status !== 'READY') return null;
  // Whoever sees the file through a token may be nobody whom a grant could be for.
  if (file.token !== undefined) return urls.tokenUrl(file.token, box);
  return urls.downloadUrl(file.id, requireUser(viewer).userId, box);
}
