// What this service's resolvers get as parents: the rows and values behind the GraphQL types.
import type { File, FileSettings, FileToken } from '../../generated/prisma/client.ts';
import type { Connection } from '../../platform/paging/page.ts';

/** How the viewer came to a file: by the rule of who sees it, or by a token. */
export type SeenThrough = 'rule' | 'fullToken' | 'readToken';

export type FileModel = File & {
  readonly through?: SeenThrough;
  /** The token, where it is seen through one. */
  readonly token?: string;
};

export type FileStatus = 'AWAITING_BYTES' | 'SCANNING' | 'READY' | 'INFECTED';

/** A file whose bytes are all in the store. */
export interface CompleteFile extends FileModel {
  readonly size: bigint;
  readonly sha256: string;
}

/** The payload of `fileChanged` for one event. */
export interface FileChangeModel {
  readonly kind: 'CREATED' | 'UPLOADED' | 'READY' | 'INFECTED' | 'DELETED' | 'ACCESS_GAINED' | 'ACCESS_LOST';
  readonly position: bigint;
  /** Null: other files than before are seen, nobody says which. */
  readonly fileId: string | null;
  readonly file: FileModel | null;
  readonly matchesFilter: boolean;
  readonly groupId: string | null;
}

export type FileConnectionModel = Connection<FileModel>;

export type FileEdgeModel = FileConnectionModel['edges'][number];

export type FileAccessLevel = 'FULL' | 'READ';

/** A token as it is kept: with its secret sealed. */
export type FileTokenRow = FileToken;

/** A token with its secret opened. */
export interface FileTokenModel
  extends Pick<FileToken, 'id' | 'fileId' | 'expiresAt' | 'singleUse' | 'createdAt' | 'creatorId'> {
  readonly token: string;
  readonly accessLevel: FileAccessLevel;
}

export interface ApplicationFileLimit {
  readonly applicationId: string;
  readonly maximumFileBytes?: number | null;
  readonly maximumBytes?: number | null;
}

export interface FileSettingsModel
  extends Pick<FileSettings, 'disableForceDownloadForMimeTypes' | 'anonymousTokens' | 'updatedAt'> {
  readonly maximumFileBytes: number | null;
  readonly maximumBytesPerUser: number | null;
  readonly applicationLimits: readonly ApplicationFileLimit[];
}

export interface CreateFilePayloadModel {
  readonly file: FileModel;
  readonly uploadUrl: string;
  readonly resumableUploadUrl: string;
  readonly token: FileTokenModel;
}

export function isComplete(file: FileModel): file is CompleteFile {
  return file.size !== null && file.sha256 !== null && file.status !== 'AWAITING_BYTES';
}
