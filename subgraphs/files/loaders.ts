// Batching within one request: however many files are asked for, one query and one question to `data`.
import DataLoader from 'dataloader';
import type { Condition } from '../../platform/access/condition.ts';
import type { Identity } from '../../platform/identity/identity.ts';
import { isId } from '../../platform/ids.ts';
import type { FileAccess } from './file-access.ts';
import type { VisibleList } from './list-files.ts';
import type { FileModel, FileTokenModel } from './models.ts';
import type { TokenStore } from './tokens/token-store.ts';

export interface FileLoaders {
  /** A file that the viewer may see, or null. */
  readonly file: DataLoader<string, FileModel | null>;
  /** The good tokens of a file, newest first, whoever may see them. */
  readonly tokens: DataLoader<string, FileTokenModel[]>;
  /** What the viewer may see of any list. */
  readonly visible: VisibleList;
}

export interface LoaderParts {
  readonly access: FileAccess;
  readonly tokens: Pick<TokenStore, 'listGood'>;
}

export function createFileLoaders({ access, tokens }: LoaderParts, viewer: Identity): FileLoaders {
  let conditions: Promise<readonly Condition[]> | undefined;
  return {
    file: new DataLoader(async (ids) => {
      // A reference can hold anything; what is no id is no file.
      const found = await access.findVisible(ids.filter(isId), viewer);
      const byId = new Map(found.flatMap((file) => (file === null ? [] : [[file.id, file]])));
      return ids.map((id) => byId.get(id) ?? null);
    }),
    tokens: new DataLoader(async (fileIds) => {
      const byFile = new Map<string, FileTokenModel[]>(fileIds.map((id) => [id, []]));
      for (const token of await tokens.listGood(fileIds)) byFile.get(token.fileId)?.push(token);
      return fileIds.map((id) => byFile.get(id) ?? []);
    }),
    visible: {
      conditions() {
        conditions ??= access.listConditions(viewer);
        return conditions;
      },
      newestFirst: access.newestFirst(viewer),
    },
  };
}
