// Finds the file that somebody wants to download, as far as they may see it and its bytes can be had at that moment.
import { AppError, notFound } from '../../platform/errors.ts';
import type { Identity } from '../../platform/identity/identity.ts';
import type { FileAccess } from './file-access.ts';
import { type CompleteFile, type FileModel, type FileStatus, isComplete } from './models.ts';

/** NOT_FOUND for a file that is not there or that the viewer may not see; ILLEGAL_STATE as requireReady. */
export async function getReadyFile(fileId: string, viewer: Identity, access: FileAccess): Promise<CompleteFile> {
  const [file] = await access.findVisible([fileId], viewer);
  if (!file) throw notFound('File');
  return requireReady(file);
}

const reasons: Readonly<Record<Exclude<FileStatus, 'READY'>, string>> = {
  AWAITING_BYTES: 'The bytes of this file have not all arrived yet.',
  SCANNING: 'This file is still being scanned for viruses: try again in a while.',
  INFECTED: 'The scanner has found a virus in this file: it cannot be downloaded.',
};

/** ILLEGAL_STATE for a file whose bytes cannot be had, with the reason. */
export function requireReady(file: FileModel): CompleteFile {
  const status = file.status as FileStatus;
  if (status === 'READY' && isComplete(file)) return file;
  const reason = status === 'READY' ? reasons.AWAITING_BYTES : reasons[status];
  throw new AppError('ILLEGAL_STATE', reason, { status });
}
