// What of a version is shown: what the schema declares now, as with the document itself.
import { declaredAt } from '../documents/declared-data.ts';
import type { Json } from '../json/plain-json.ts';
import type { StoredChange } from '../models.ts';
import type { Properties } from '../schemas/type-configuration.ts';

export interface ShownChange {
  /** Joined by dots. */
  readonly path: string;
  readonly before: Json;
  readonly after: Json;
}

/** The changes at declared paths, and of these what is declared. */
export function shownChanges(changes: readonly StoredChange[], properties: Properties): ShownChange[] {
  return changes.flatMap(({ path, before, after }) => {
    const [root, ...inner] = path;
    const shown = (value: Json | undefined): Json | undefined => {
      if (value === undefined) return undefined;
      return root === 'data' ? declaredAt(value, inner, properties) : value;
    };
    const [shownBefore, shownAfter] = [shown(before), shown(after)];
    if (shownBefore === undefined && shownAfter === undefined) return [];
    return [{ path: path.join('.'), before: shownBefore ?? null, after: shownAfter ?? null }];
  });
}
