// Batching within one request: however many files are asked for, one query and one question to `data`.
import DataLoader from 'dataloader';
import type { Condition } from '../../platform/access/condition.ts';
import type { Identity } from '../../platform/identity/identity.ts';
import { isId } from '../../platform/ids.ts';
import type { FileAccess } from './file-access.ts';
import type { FileModel } from './models.ts';

export interface FileLoaders {
  /** A file that the viewer may see, or null. */
  readonly file: DataLoader<string, FileModel | null>;
  /** What the viewer may see of any list, see FileAccess; worked out once. */
  listConditions(): Promise<readonly Condition[]>;
}

export function createFileLoaders(access: FileAccess, viewer: Identity): FileLoaders {
  let conditions: Promise<readonly Condition[]> | undefined;
  return {
    file: new DataLoader(async (ids) => {
      // A reference can hold anything; what is no id is no file.
      const found = await access.findVisible(ids.filter(isId), viewer);
      const byId = new Map(found.flatMap((file) => (file === null ? [] : [[file.id, file]])));
      return ids.map((id) => byId.get(id) ?? null);
    }),
    listConditions() {
      conditions ??= access.listConditions(viewer);
      return conditions;
    },
  };
}
