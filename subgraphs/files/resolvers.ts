// GraphQL in, domain functions out; no logic.

import type { Resolvers } from '../../generated/resolvers/files.ts';
import { all, equals } from '../../platform/access/condition.ts';
import { requireId, requireIds } from '../../platform/ids.ts';
import { type Context, requireUser } from '../../platform/subgraph/context.ts';
import { type CreateFileParts, createFile } from './create-file.ts';
import { deleteFile } from './delete-file.ts';
import { downloadUrl } from './download-url.ts';
import type { FileUrls } from './file-urls.ts';
import type { HandlingParts } from './handled-file.ts';
import { listFiles } from './list-files.ts';
import type { FileLoaders } from './loaders.ts';
import type { FileStatus } from './models.ts';
import type { SettingsStore } from './settings/settings-store.ts';
import { updateFileSettings } from './settings/update-file-settings.ts';
import { createFileToken } from './tokens/create-file-token.ts';
import { findFileByToken } from './tokens/file-by-token.ts';
import { maySeeTokens } from './tokens/require-token.ts';
import { revokeFileToken } from './tokens/revoke-file-token.ts';

type FileContext = Context<FileLoaders>;
type FileResolvers = Resolvers<FileContext>;

export interface ResolverParts extends CreateFileParts, HandlingParts {
  readonly settings: SettingsStore;
  readonly urls: FileUrls;
}

/** Ids that one internal question may hold. */
const mostIds = 1000;

export function createResolvers(parts: ResolverParts): FileResolvers {
  return {
    Query: queries(parts),
    Mutation: mutations(parts),
    File: {
      __resolveReference: ({ id }, { loaders }) => loaders.file.load(id),
      status: ({ status }) => status as FileStatus,
      creator: ({ creatorId, through }) => (through === 'readToken' ? null : { id: creatorId }),
      tokens: (file, _args, { identity, loaders }) =>
        maySeeTokens(file, identity) ? loaders.tokens.load(file.id) : null,
      downloadUrl: (file, box, { identity }) => downloadUrl(file, box, { viewer: identity, urls: parts.urls }),
    },
    User: {
      files: ({ id }, args, { identity, loaders }) => {
        const created = equals('creatorId', id);
        // One's own files are visible without asking what others share.
        const conditions = async () =>
          id === identity.userId
            ? [created]
            : (await loaders.visible.conditions()).map((condition) => all(created, condition));
        return listFiles(args, { conditions }, parts.store);
      },
    },
    FileConnection: {
      totalCount: (connection) => connection.totalCount(),
    },
  };
}

function queries({ store, tokens, settings }: ResolverParts): FileResolvers['Query'] {
  return {
    file: (_parent, { id }, { loaders }) => loaders.file.load(requireId(id, 'id')),
    files: (_parent, args, { loaders }) => listFiles(args, loaders.visible, store),
    fileByToken: async (_parent, { token }, { identity, loaders }) => {
      const findVisible = (id: string) => loaders.file.load(id);
      return (await findFileByToken(token, identity, { tokens, settings, findVisible })) ?? null;
    },
    fileSettings: () => settings.findSettings(),
    visibleFiles: async (_parent, { ids }, { loaders }) => {
      const files = await Promise.all(requireIds(ids, 'ids', mostIds).map((id) => loaders.file.load(id)));
      return files.flatMap((file) => (file === null ? [] : [file.id]));
    },
  };
}

function mutations(parts: ResolverParts): FileResolvers['Mutation'] {
  return {
    createFile: async (_parent, { input }, { identity }) => {
      const creator = requireUser(identity);
      const { file, token } = await createFile(input, creator, parts);
      return {
        file,
        token,
        uploadUrl: await parts.urls.uploadUrl(file.id, creator.userId),
        resumableUploadUrl: await parts.urls.resumableUploadUrl(file.id, creator.userId),
      };
    },
    deleteFile: async (_parent, { input }, { identity }) => ({
      fileId: await deleteFile(input, requireUser(identity), parts),
    }),
    createFileToken: async (_parent, { input }, { identity, now }) => ({
      token: await createFileToken(input, { viewer: requireUser(identity), now }, parts),
    }),
    revokeFileToken: async (_parent, { input }, { identity }) => ({
      tokenId: await revokeFileToken(input, requireUser(identity), parts),
    }),
    updateFileSettings: async (_parent, { input }) => ({
      settings: await updateFileSettings(input, parts.settings),
    }),
  };
}
