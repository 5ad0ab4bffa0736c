// The URLs where a file's bytes go in and come out, as a person may use them.
import { invariant } from '../../platform/errors.ts';
import type { FileGrants, GrantedOperation } from './file-grants.ts';
import type { ThumbnailBox } from './thumbnails/thumbnail-box.ts';

/** Where uploads by the TUS protocol begin; each goes on under the id of its file. */
export const resumableUploadsPath = '/files/uploads';

export interface FileUrls {
  /** For a `PUT`, good for one hour. */
  uploadUrl(fileId: string, userId: string): Promise<string>;
  /** For an upload by the TUS protocol, good for one day. */
  resumableUploadUrl(fileId: string, userId: string): Promise<string>;
  /** For a `GET` of the file, or of a small picture of it, good for 5 minutes. */
  downloadUrl(fileId: string, userId: string, box?: ThumbnailBox): Promise<string>;
  /** For a `GET`, good as long as the token. */
  tokenUrl(token: string, box?: ThumbnailBox): string;
}

export function createFileUrls(publicUrl: string | undefined, grants: FileGrants): FileUrls {
  const origin = () => {
    invariant(publicUrl !== undefined, 'the composition root knows where clients reach the gateway');
    return publicUrl;
  };
  const url = async (path: string, operation: GrantedOperation, { fileId, userId, box }: GrantedPerson) => {
    return `${origin()}${path}/${fileId}?grant=${await grants.issue(userId, { fileId, operation }, box)}`;
  };
  return {
    uploadUrl: (fileId, userId) => url('/files', 'put', { fileId, userId }),
    resumableUploadUrl: (fileId, userId) => url(resumableUploadsPath, 'resume', { fileId, userId }),
    downloadUrl: (fileId, userId, box) => url('/files', 'get', { fileId, userId, box }),
    tokenUrl: (token, box) =>
      `${origin()}/files/tokens/${token}${box === undefined ? '' : `?width=${box.width}&height=${box.height}`}`,
  };
}

interface GrantedPerson {
  readonly fileId: string;
  readonly userId: string;
  readonly box?: ThumbnailBox | undefined;
}
