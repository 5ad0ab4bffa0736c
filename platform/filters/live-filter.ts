// The filter of a subscription to rows of which earlier states are not kept: who may have passed before is told of.
import type { Combined, Maybe } from './prisma-filters.ts';
import { readsField } from './reads-field.ts';

/** A change of a row that a viewer may hear of. */
export interface LiveChange {
  readonly id: string;
  /** The row was in sight before, and its fields may have been others. */
  readonly wasThere: boolean;
  /** Fields of filters that are different now. */
  readonly fields: ReadonlySet<string>;
  /** False where the row is gone or out of sight: then nothing is to be found out about it. */
  readonly isShown: boolean;
}

/**
 * For each change whether the row passes now; undefined where it neither does nor can have done so before. `findPassing`
 * gives those of the ids that pass, and is asked once, if at all.
 */
export async function passing<F extends Combined<F>>(
  filter: Maybe<F>,
  changes: readonly LiveChange[],
  findPassing: (ids: readonly string[]) => Promise<readonly { readonly id: string }[]>,
): Promise<(boolean | undefined)[]> {
  if (filter === null || filter === undefined) return changes.map(({ isShown }) => isShown);
  const ids = [...new Set(changes.flatMap(({ id, isShown }) => (isShown ? [id] : [])))];
  const passes = new Set((ids.length === 0 ? [] : await findPassing(ids)).map(({ id }) => id));
  return changes.map(({ id, wasThere, fields, isShown }) => {
    if (!isShown) return false;
    if (passes.has(id)) return true;
    return wasThere && readsField(filter, fields) ? false : undefined;
  });
}
