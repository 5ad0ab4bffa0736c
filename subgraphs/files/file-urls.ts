// The URLs where a file's bytes go in and come out, as a person may use them.
import { invariant } from '../../platform/errors.ts';
import type { FileGrants, GrantedOperation } from './file-grants.ts';

export interface FileUrls {
  /** For a `PUT`, good for one hour. */
  uploadUrl(fileId: string, userId: string): Promise<string>;
  /** For a `GET`, good for 5 minutes. */
  downloadUrl(fileId: string, userId: string): Promise<string>;
}

export function createFileUrls(publicUrl: string | undefined, grants: FileGrants): FileUrls {
  const url = async (operation: GrantedOperation, fileId: string, userId: string) => {
    invariant(publicUrl !== undefined, 'the composition root knows where clients reach the gateway');
    return `${publicUrl}/files/${fileId}?grant=${await grants.issue(userId, { fileId, operation })}`;
  };
  return {
    uploadUrl: (fileId, userId) => url('put', fileId, userId),
    downloadUrl: (fileId, userId) => url('get', fileId, userId),
  };
}
