// What this service's resolvers get as parents: the rows and values behind the GraphQL types.
import type { File } from '../../generated/prisma/client.ts';
import type { Connection } from '../../platform/paging/page.ts';

export type FileModel = File;

/** A file whose bytes are in place. */
export interface CompleteFile extends FileModel {
  readonly size: bigint;
  readonly sha256: string;
  readonly storeKey: string;
}

export type FileConnectionModel = Connection<FileModel>;

export type FileEdgeModel = FileConnectionModel['edges'][number];

export interface CreateFilePayloadModel {
  readonly file: FileModel;
  readonly uploadUrl: string;
}

export function isComplete(file: FileModel): file is CompleteFile {
  return file.storeKey !== null && file.size !== null && file.sha256 !== null;
}
