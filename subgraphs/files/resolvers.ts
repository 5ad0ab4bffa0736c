// GraphQL in, domain functions out; no logic.

import type { Resolvers } from '../../generated/resolvers/files.ts';
import { all, equals } from '../../platform/access/condition.ts';
import { requireId, requireIds } from '../../platform/ids.ts';
import { type Context, requireUser } from '../../platform/subgraph/context.ts';
import { createFile } from './create-file.ts';
import type { FileUrls } from './file-urls.ts';
import { listFiles } from './list-files.ts';
import type { FileLoaders } from './loaders.ts';
import { isComplete } from './models.ts';
import type { FileStore } from './store.ts';

type FileContext = Context<FileLoaders>;

/** Ids that one internal question may hold. */
const mostIds = 1000;

export function createResolvers(store: FileStore, urls: FileUrls): Resolvers<FileContext> {
  return {
    Query: {
      file: (_parent, { id }, { loaders }) => loaders.file.load(requireId(id, 'id')),
      files: (_parent, args, { loaders }) => listFiles(args, loaders.listConditions, store),
      visibleFiles: async (_parent, { ids }, { loaders }) => {
        const files = await Promise.all(requireIds(ids, 'ids', mostIds).map((id) => loaders.file.load(id)));
        return files.flatMap((file) => (file === null ? [] : [file.id]));
      },
    },
    Mutation: {
      createFile: async (_parent, { input }, { identity }) => {
        const creator = requireUser(identity);
        const file = await createFile(input, creator, store);
        return { file, uploadUrl: await urls.uploadUrl(file.id, creator.userId) };
      },
    },
    File: {
      __resolveReference: ({ id }, { loaders }) => loaders.file.load(id),
      creator: ({ creatorId }) => ({ id: creatorId }),
      downloadUrl: (file, _args, { identity }) =>
        isComplete(file) ? urls.downloadUrl(file.id, requireUser(identity).userId) : null,
    },
    User: {
      files: ({ id }, args, { identity, loaders }) => {
        const created = equals('creatorId', id);
        // One's own files are visible without asking what others share.
        const visible = async () =>
          id === identity.userId
            ? [created]
            : (await loaders.listConditions()).map((condition) => all(created, condition));
        return listFiles(args, visible, store);
      },
    },
    FileConnection: {
      totalCount: (connection) => connection.totalCount(),
    },
  };
}
