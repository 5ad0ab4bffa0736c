// The one rule of who sees a file. Lists, single reads, references and the bytes themselves all go through it.
import type { Condition } from '../../platform/access/condition.ts';
import { always, any, isIn, isOwn, never } from '../../platform/access/condition.ts';
import { holdsEverywhere } from '../../platform/access/scope.ts';
import type { Identity } from '../../platform/identity/identity.ts';

/** `linkedFiles`: the files in question that belong to a document which the viewer may see, as `data` says. */
export function visibleFile(identity: Identity, linkedFiles: Iterable<string> = []): Condition {
  return any(
    holdsEverywhere(identity, 'VIEW_FILES') ? always : never,
    isOwn('creatorId', identity),
    isIn('id', linkedFiles),
  );
}
