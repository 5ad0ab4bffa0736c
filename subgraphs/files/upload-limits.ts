// How much may be uploaded: the most bytes of one file, and of all files of a user or an application together.
import { AppError } from '../../platform/errors.ts';
import type { FileModel } from './models.ts';
import type { SettingsStore } from './settings/settings-store.ts';

export interface UploadLimits {
  /** Of this one file. */
  readonly file: number;
  /** Of all files of its creator together. */
  readonly user: number | undefined;
  /** Of all files of its application together. */
  readonly application: number | undefined;
}

/** Whose quotas a file counts for. */
export type FileOwners = Pick<FileModel, 'creatorId' | 'applicationId'>;

export interface QuotaOwner {
  readonly kind: 'user' | 'application';
  readonly ownerId: string;
}

/** The limits for what is uploaded through this application, or through none, as they are at the moment. */
export type LimitsFor = (applicationId: string | null | undefined) => Promise<UploadLimits>;

/** Settings can allow less than the configuration, never more. */
export function createLimitsFor(settings: Pick<SettingsStore, 'limitsFor'>, mostFileBytes: number): LimitsFor {
  return async (applicationId) => {
    const limits = await settings.limitsFor(applicationId);
    return {
      file: Math.min(limits.maximumFileBytes ?? mostFileBytes, mostFileBytes),
      user: limits.maximumBytesPerUser ?? undefined,
      application: limits.maximumBytesPerApplication ?? undefined,
    };
  };
}

/** The rows of usage that a file counts in: in the order in which transactions lock them. */
export function quotaOwners({ creatorId, applicationId }: FileOwners): QuotaOwner[] {
  const user: QuotaOwner = { kind: 'user', ownerId: creatorId };
  return applicationId === null ? [user] : [{ kind: 'application', ownerId: applicationId }, user];
}

/** FILE_TOO_LARGE with the limit. */
export function tooLarge(most: number): AppError {
  return new AppError('FILE_TOO_LARGE', `The file is larger than allowed: at most ${most} bytes.`, {
    code: 2610,
    most,
  });
}

/** QUOTA_EXCEEDED with the limit, and whose it is. */
export function quotaExceeded(of: QuotaOwner['kind'], most: number): AppError {
  return new AppError('QUOTA_EXCEEDED', `All files of this ${of} together may have at most ${most} bytes.`, {
    of,
    most,
  });
}
