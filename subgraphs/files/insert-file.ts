// Writes the rows of a new file, in the transaction of whoever creates it.
import type { WriteTransaction } from '../../platform/database/database.ts';
import { fileCreated, fileTokenCreated } from './events.ts';
import type { FileModel, FileTokenRow } from './models.ts';
import type { NewToken } from './tokens/new-token.ts';

export type NewFile = Pick<
  FileModel,
  'id' | 'name' | 'mimeType' | 'tags' | 'creatorId' | 'applicationId' | 'wrappedKey' | 'masterKeyId'
>;

export interface InsertedFile {
  readonly file: FileModel;
  readonly token: FileTokenRow;
}

/** A file and its first token. */
export async function insertFile(
  { db, publish }: WriteTransaction<'file' | 'fileToken'>,
  newFile: NewFile,
  firstToken: NewToken,
): Promise<InsertedFile> {
  const file = await db.file.create({ data: newFile });
  const token = await db.fileToken.create({ data: firstToken });
  publish(fileCreated(file));
  publish(fileTokenCreated(token, file));
  return { file, token };
}
