// Documents with files, for tests of who sees a file through one.
import { newId } from '../../platform/ids.ts';
import { createDocumentMutation, createSchemaMutation } from './data-service.ts';
import { fileQuestions } from './file-questions.ts';
import type { FileService, Person } from './file-service.ts';

export interface FileDocuments {
  /** The id of a new document with these files, which its creator sees. */
  documentWith(creator: Person, fileIds: readonly string[]): Promise<string>;
}

/** Their creators and the staff of the creators' groups see the documents. `files` runs beside `data`. */
export async function fileDocuments(files: FileService): Promise<FileDocuments> {
  const { ask } = fileQuestions(() => files);
  const author = files.know({ userId: newId(), permissions: ['CREATE_SCHEMAS'] });
  const definition = {
    readMode: ['creator', 'linkedGroupStaff'],
    updateMode: ['creator'],
    creationTransition: {
      toStatus: 'new',
      type: 'manual',
      actions: [{ type: 'linkCreator' }, { type: 'linkEnlistedGroups' }],
    },
  };
  await ask(author, createSchemaMutation, { input: { name: 'ecg', definition } }, 'data');
  return {
    async documentWith(creator, fileIds) {
      const input = { schemaName: 'ecg', data: {} };
      const { createDocument } = await ask(creator, createDocumentMutation, { input }, 'data');
      const { id } = createDocument.document;
      const link = 'mutation ($input: LinkDocumentInput!) { linkDocument(input: $input) { document { id } } }';
      await ask(creator, link, { input: { id, fileIds } }, 'data');
      return id;
    },
  };
}
