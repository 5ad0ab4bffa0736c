// Reads files as a viewer: applies the rule of visible-file.ts, asking `data` only about what that rule cannot decide alone.

import type { Condition } from '../../platform/access/condition.ts';
import { isIn } from '../../platform/access/condition.ts';
import { matches } from '../../platform/access/condition-matches.ts';
import type { Identity } from '../../platform/identity/identity.ts';
import type { LinkedFiles } from './linked-files.ts';
import type { FileModel } from './models.ts';
import type { FileStore } from './store.ts';
import { visibleFile } from './visible-file.ts';

export interface FileAccess {
  /** In the order asked; null for what is not there and for what the viewer may not see. One query, one question to `data`. */
  findVisible(ids: readonly string[], viewer: Identity): Promise<(FileModel | null)[]>;
  /**
   * The rule for a list, with every file that the viewer sees through a document: a file is in the list when it meets
   * any of these. They are several because a statement holds a limited number of values.
   */
  listConditions(viewer: Identity): Promise<readonly Condition[]>;
  /** The same list in two parts, for reading it from new to old without asking `data` for all that it knows. */
  newestFirst(viewer: Identity): NewestFirst;
}

export interface NewestFirst {
  /** What the viewer sees without documents. */
  readonly alone: Condition;
  /** The ids of what the viewer sees through documents, page by page, from new to old, from before this id on. */
  linked(before: string | undefined): AsyncIterable<readonly string[]>;
}

/** PostgreSQL takes 65,535 values in one statement, Prisma half of that; a list may name these ids twice. */
const mostIds = 10_000;

export function createFileAccess(store: FileStore, linkedFiles: LinkedFiles): FileAccess {
  return {
    async findVisible(ids, viewer) {
      const files = new Map((await store.findByIds(ids)).map((file) => [file.id, file]));
      const alone = visibleFile(viewer);
      const undecided = [...files.values()].filter((file) => !matches(alone, file)).map(({ id }) => id);
      const rule = visibleFile(viewer, await linkedFiles.among(undecided, viewer));
      return ids.map((id) => {
        const file = files.get(id);
        return file !== undefined && matches(rule, file) ? file : null;
      });
    },
    async listConditions(viewer) {
      const alone = visibleFile(viewer);
      if (alone.kind === 'always') return [alone];
      const linked = await linkedFiles.all(viewer);
      const conditions = [visibleFile(viewer, linked.slice(0, mostIds))];
      for (let start = mostIds; start < linked.length; start += mostIds) {
        conditions.push(isIn('id', linked.slice(start, start + mostIds)));
      }
      return conditions;
    },
    newestFirst(viewer) {
      const alone = visibleFile(viewer);
      return { alone, linked: (before) => linkedFiles.newestFirst(viewer, before) };
    },
  };
}
